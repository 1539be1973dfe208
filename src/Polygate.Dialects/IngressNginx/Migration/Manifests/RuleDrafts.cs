using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>Makes rules of routes: one of most, two where cleartext is redirected to TLS, several with a canary.</summary>
internal sealed class RuleDrafts
{
    private readonly MigrationReport report;
    private readonly ManifestSettings settings;
    private readonly PathForms paths;
    private readonly RuleBackends backends;
    private readonly Dictionary<HostPattern, string> refused = [];
    private readonly Dictionary<string, Route> canaries = new(StringComparer.Ordinal);

    public RuleDrafts(MigrationReport report, ManifestSettings settings, PathForms paths, RuleBackends backends)
    {
        this.report = report;
        this.settings = settings;
        this.paths = paths;
        this.backends = backends;
        foreach (var route in report.Configuration.Routes)
        {
            if (IngressOf(route)?.Canary is not null)
            {
                foreach (var binding in route.Bindings)
                {
                    canaries.TryAdd(KeyOf(binding), route);
                }
            }
            else if (route.Action is DirectResponseAction && !IsExpressible(route) && !route.Id.Contains("/blocked/", StringComparison.Ordinal))
            {
                foreach (var binding in route.Bindings)
                {
                    refused.TryAdd(binding.VirtualHost, $"an answer to some requests of {binding.VirtualHost} before its paths ({route.Origin.Field})");
                }
            }
        }
    }

    /// <summary>What is not said of the gateway as a whole.</summary>
    public IEnumerable<NotExpressed> Missing => report.Configuration.Routes.Where(route => !IsExpressible(route)).GroupBy(route => route.Origin.Field).Select(routes => new NotExpressed(
        routes.First().Origin,
        routes.First().Id.Contains("/blocked/", StringComparison.Ordinal)
            ? "which clients are blocked on every host (block-user-agents, block-referers): they are served"
            : "an answer to some requests of a host before its paths",
        Withholds: false));

    /// <summary>The rules of a route; none where it is part of others.</summary>
    public IEnumerable<RuleDraft> Of(Route route)
    {
        var ingress = IngressOf(route);
        if (ingress?.Canary is not null || !IsExpressible(route) || IsNothing(route.Action))
        {
            yield break;
        }

        int[] ports = [.. route.Bindings.Select(binding => binding.Listener.Port).Distinct()];
        var filters = new RuleFilters(route, ingress, paths, settings.WithPolicies);
        filters.Missing.AddRange(OfHosts(route));
        if (route.Filters.OfType<RedirectToTlsFilter>().FirstOrDefault() is { } toTls)
        {
            // What comes after the redirect is for those who come over TLS.
            var before = route with { Filters = route.Filters.TakeWhile(filter => filter != toTls).ToValueList() };
            yield return Redirect(route, [80], toTls.Redirect, new RuleFilters(before, ingress, paths, settings.WithPolicies), OfHosts(route));
            ports = [.. ports.Where(port => port != 80)];
        }

        foreach (var draft in ports.Length == 0 || IsNothing(route.Action) ? [] : Answers(route, ports, filters))
        {
            yield return draft;
        }
    }

    /// <summary>What is not said of a route's hosts.</summary>
    private IEnumerable<NotExpressed> OfHosts(Route route)
    {
        foreach (var host in route.Bindings.Select(binding => binding.VirtualHost).Distinct())
        {
            if (refused.GetValueOrDefault(host) is { } reason)
            {
                yield return new NotExpressed(route.Origin, reason, Withholds: true);
            }

            if (host.Kind == HostPatternKind.SingleLabelSuffix)
            {
                yield return new NotExpressed(route.Origin, $"that the wildcard of {host} stands for one label: it stands for any number", Withholds: false);
            }
            else if (host.Kind == HostPatternKind.Regex)
            {
                yield return new NotExpressed(route.Origin, $"hosts by an expression (server-alias): {host}", Withholds: false);
            }
        }
    }

    private IEnumerable<RuleDraft> Answers(Route route, int[] ports, RuleFilters filters)
    {
        switch (route.Action)
        {
            case ForwardAction forward when route.Bindings.Select(binding => canaries.GetValueOrDefault(KeyOf(binding))).FirstOrDefault() is { } canary:
                return Canary(route, ports, forward, canary, IngressOf(canary)!.Canary!, filters);
            case ForwardAction forward:
                return [Forward(route, ports, 0, forward, forward.Backends, filters)];
            case RedirectAction redirect:
                return [Redirect(route, ports, redirect, filters, filters.Missing)];
            case DirectResponseAction answer:
                return [RuleDraft.Of(route, ports, 0, RuleMatches.Of(route, paths)!, [], [], [], [.. filters.Missing, new NotExpressed(route.Origin, $"the answer {answer.Status}", Withholds: true)])];
            default:
                throw new InvalidOperationException($"There is no rule for {route.Action.GetType().Name}.");
        }
    }

    private RuleDraft Redirect(Route route, int[] ports, RedirectAction redirect, RuleFilters filters, IEnumerable<NotExpressed> before)
    {
        var missing = before.ToList();
        var matches = RuleMatches.Of(route, paths)!;
        var filter = RuleRedirects.Filter(route, redirect, matches, missing);
        return RuleDraft.Of(route, ports, 0, matches, [.. filters.Filters(redirects: true), filter], [], [], missing);
    }

    private RuleDraft Forward(Route route, int[] ports, int place, ForwardAction forward, IEnumerable<WeightedBackend> shares, RuleFilters filters, params ReadOnlySpan<JsonObject> headers)
    {
        var matches = RuleMatches.Of(route, paths, headers)!;
        var missing = filters.Missing.ToList();
        if (paths.AreTaken(route))
        {
            missing.Add(new NotExpressed(route.Origin, "letters of any case, and a path that goes on after the prefix without a slash (quirk-host-wide-regex): a prefix is what it looks like", Withholds: false));
        }

        var references = forward.Backends.IsEmpty ? [backends.Written(route, missing)] : shares.Select(share => backends.Reference(route, share, missing)).ToList();
        var fields = RuleBackends.Attempts(route, forward, missing).Select(field => (field.Field, (JsonNode?)field.Value))
            .Append(("sessionPersistence", backends.Session(route, forward, missing)))
            .Append(("backendRefs", Json.Array(references.OfType<JsonObject>()))).ToList();
        return RuleDraft.Of(route, ports, place, matches, filters.Filters(redirects: false), fields, filters.Groups, missing);
    }

    /// <summary>
    /// A header or cookie that decides is a rule of its own, which comes before the rest by its header condition; of several the order
    /// of rules decides. The weight is the share of a backend.
    /// </summary>
    private IEnumerable<RuleDraft> Canary(Route route, int[] ports, ForwardAction forward, Route canaryRoute, Canary canary, RuleFilters filters)
    {
        var primary = forward.Backends.Take(1).ToList();
        var other = (canaryRoute.Action as ForwardAction)?.Backends.Take(1).ToList() ?? [];
        var place = 0;
        if (canary is { Header: { } header, HeaderPatternFails: false })
        {
            var wanted = canary.HeaderValue is { } value ? TextPattern.Exact(value) : canary.HeaderPattern is { } pattern ? TextPattern.Regex(pattern) : TextPattern.Exact("always");
            yield return Forward(route, ports, place++, forward, other, filters, RuleMatches.Header(header, wanted));
            if (canary is { HeaderValue: null, HeaderPattern: null })
            {
                yield return Forward(route, ports, place++, forward, primary, filters, RuleMatches.Header(header, TextPattern.Exact("never")));
            }
        }

        if (canary.Cookie is { } cookie)
        {
            yield return Forward(route, ports, place++, forward, other, filters, RuleMatches.Cookie(cookie, "always"));
            yield return Forward(route, ports, place++, forward, primary, filters, RuleMatches.Cookie(cookie, "never"));
        }

        var shares = canary.Weight == 0 ? primary
            : [.. primary.Select(share => share with { Weight = canary.Total - canary.Weight }), .. other.Select(share => share with { Weight = canary.Weight })];
        yield return Forward(route, ports, place, forward, shares, filters);
    }

    /// <summary>What comes to nobody is answered 404, as without a rule.</summary>
    private static bool IsNothing(RouteAction action) => action is DirectResponseAction { Status: 404 } or ForwardAction { Backends.IsEmpty: true, NoBackendStatus: 404 };

    private bool IsExpressible(Route route) => !RuleMatches.IsBeforePaths(route) && (IngressOf(route)?.Canary is not null || RuleMatches.Of(route, paths) is not null);

    private NginxIngress? IngressOf(Route route) => report.Ingresses.GetValueOrDefault($"{route.Origin.Namespace}/{route.Origin.Name}");

    private static string KeyOf(RouteBinding binding) => $"{binding.Listener} {binding.VirtualHost} {binding.Matches[0].Path}";
}
