using k8s.Models;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>The Service for what nobody serves (<c>--default-backend-service</c>): hosts that no Ingress names, and paths that none of a host matches.</summary>
internal static class DefaultServing
{
    private static readonly ListenerKey Http = new(80);
    private static readonly ListenerKey Https = new(443);

    /// <summary>Its first port; null where there is no such Service.</summary>
    public static ServicePort? Find(IResourceLookup lookup, IngressNginxOptions options) =>
        options.DefaultBackendService?.Split('/') is [var ns, var name] && lookup.Get<V1Service>(ns, name)?.Value.Spec?.Ports is [var first, ..]
            ? ServiceBackends.ByNumber(lookup, ns, name, first.Port)
            : null;

    /// <summary>What is answered for it; 404 without one.</summary>
    public static RouteAction Answer(TranslationContext context, ServicePort? port)
    {
        if (port is null)
        {
            return new DirectResponseAction(404);
        }

        var backend = ServiceBackends.Plain(port);
        context.Add(backend);
        return new ForwardAction([new WeightedBackend(backend.Id)]);
    }

    /// <summary>The catch-all host, after what an Ingress without a host says.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="context">Where the route goes.</param>
    /// <param name="options">Say whether it is the one.</param>
    public static void Run(Resource<V1Service> service, TranslationContext context, IngressNginxOptions options)
    {
        if (Find(context, options) is not { } port)
        {
            context.Warning("missing-port", "It is the default backend of ingress-nginx and has no port; what nobody serves is answered 404.", "spec.ports");
            return;
        }

        context.Add(new Listener(Http, ListenerProtocol.Http, context.Origin()));
        context.Add(new Listener(Https, ListenerProtocol.Https, context.Origin()));
        var precedence = new RoutePrecedence([.. LocationOrder.Fallback.Order, AfterIngresses], service.FullName);
        ValueList<RouteMatch> matches = [new RouteMatch(HostPattern.Any, LocationOrder.Fallback.Path, [], precedence)];
        ValueList<RouteBinding> bindings = [new(Http, HostPattern.Any, matches), new(Https, HostPattern.Any, matches)];
        context.Add(new Route($"{NginxTranslation.Scope}/default-backend", context.Origin("spec"), NginxTranslation.Scope, service.Created, bindings, [], Answer(context, port)));
    }

    /// <summary>Canaries have 0 and primaries 1.</summary>
    private const long AfterIngresses = 2;
}
