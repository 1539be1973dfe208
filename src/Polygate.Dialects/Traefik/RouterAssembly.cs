using Polygate.Dialects.Traefik.Middlewares;
using Polygate.Dialects.Traefik.Services;
using Polygate.Dialects.Traefik.Tls;
using Polygate.Model;

namespace Polygate.Dialects.Traefik;

/// <summary>Puts a router's parts together.</summary>
internal static class RouterAssembly
{
    public static Route Make(
        string id,
        Origin origin,
        long created,
        ValueList<RouteBinding> bindings,
        TlsSettings tls,
        MiddlewareEffects middlewares,
        ResolvedService service)
    {
        // A service's own filters belong to the route where there is only one to choose.
        var backends = service.Backends;
        IReadOnlyList<Filter> own = backends is [{ Backend: not null } only] ? [.. only.Filters] : [];
        if (own.Count > 0)
        {
            backends = [backends[0] with { Filters = [] }];
        }

        IReadOnlyList<Filter> refusal = tls.Refused ? [new RefuseFilter(503)] : [];
        var action = new ForwardAction(backends.ToValueList())
        {
            NoBackendStatus = 503,
            BackendTimeout = service.ResponseHeaderTimeout,
            Retry = middlewares.Retry,
        };
        return new Route(
            id, origin, IngressRouteTranslation.Scope, created, bindings, refusal.Concat(middlewares.Filters).Concat(own).ToValueList(), action);
    }
}
