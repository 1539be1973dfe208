using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Options;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>Makes the model's routes of a list of effective routes: one a matcher, in the order of the list.</summary>
internal sealed class RouteAssembly
{
    private readonly TranslationContext context;
    private readonly Findings findings;
    private readonly RouteActions actions;
    private readonly RouteFilters filters;

    public RouteAssembly(
        TranslationContext context, Findings findings, GlooSettings settings, Destinations destinations, RouteFilters filters)
    {
        this.context = context;
        this.findings = findings;
        this.filters = filters;
        actions = new RouteActions(context, findings, settings, destinations);
    }

    /// <summary>The routes on one gateway.</summary>
    /// <param name="service">The object of the virtual host.</param>
    /// <param name="routes">In the order in which they are tried.</param>
    /// <param name="host">The virtual host's options.</param>
    /// <param name="gateway">The gateway.</param>
    /// <param name="hosts">The domains.</param>
    public IEnumerable<Route> Assemble(
        Resource service, IReadOnlyList<EffectiveRoute> routes, VirtualHostOptions host, ServedGateway gateway, IReadOnlyList<HostPattern> hosts)
    {
        var place = 0;
        foreach (var route in routes)
        {
            for (var i = 0; i < route.Matchers.Count; i++)
            {
                var field = route.Spec.Matchers is { Count: > 0 } ? $"{route.Field}.matchers[{i}]" : route.Field;
                var matcher = Matchers.Translate(route.Matchers[i], field, route.Owner, findings);
                if (matcher is null || actions.Of(route, matcher.Path, host) is not { } action)
                {
                    continue;
                }

                var match = new RouteMatch(HostPattern.Any, matcher.Path, matcher.Conditions, new RoutePrecedence([place++]));
                yield return new Route(
                    $"{gateway.Scope}/{service.FullName}/{route.Path}.{i}",
                    context.Origin(route.Field, route.Owner),
                    gateway.Scope,
                    service.Created,
                    hosts.Select(claim => new RouteBinding(gateway.Listener, claim, [match])).ToValueList(),
                    filters.Of(route, matcher.Path, host, gateway),
                    action);
            }
        }
    }
}
