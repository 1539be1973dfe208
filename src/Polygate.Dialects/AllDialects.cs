using Polygate.Dialects.Ambassador;
using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Gloo;
using Polygate.Dialects.Ingress;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Kong;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik;

namespace Polygate.Dialects;

/// <summary>Every dialect the gateway speaks, as it is set up when it runs from a folder.</summary>
public static class AllDialects
{
    /// <summary>New instances, in the order people see them.</summary>
    public static IReadOnlyList<IDialect> Create() =>
    [
        new IngressDialect(),
        new IngressNginxDialect(),
        new GatewayApiDialect(),
        new TraefikDialect(),
        new KongDialect(),
        new GlooDialect(),
        new AmbassadorDialect(),
    ];
}
