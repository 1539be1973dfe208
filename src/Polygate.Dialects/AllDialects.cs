using Polygate.Dialects.Ambassador;
using Polygate.Dialects.Common;
using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Gloo;
using Polygate.Dialects.Ingress;
using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.Kong;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik;

namespace Polygate.Dialects;

/// <summary>What an installation says about its dialects; the defaults are those of a folder.</summary>
public sealed record DialectSettings
{
    /// <summary>Which Ingresses are served, and as what.</summary>
    public IngressClasses Classes { get; init; } = IngressClasses.All;

    /// <summary>What the administrator of ingress-nginx says; <see cref="Classes"/> decide which Ingresses are its.</summary>
    public IngressNginxOptions IngressNginx { get; init; } = IngressNginxOptions.Default;

    /// <summary>Which Gateways are served.</summary>
    public GatewayApiOptions GatewayApi { get; init; } = new();
}

/// <summary>Every dialect the gateway speaks.</summary>
public static class AllDialects
{
    /// <summary>New instances, in the order people see them.</summary>
    public static IReadOnlyList<IDialect> Create(DialectSettings? settings = null)
    {
        settings ??= new DialectSettings();
        return
        [
            new IngressDialect(settings.Classes),
            new IngressNginxDialect(settings.IngressNginx with { Classes = settings.Classes }),
            new GatewayApiDialect(settings.GatewayApi),
            new TraefikDialect(new TraefikOptions { Classes = settings.Classes }),
            new KongDialect(new KongOptions { Classes = settings.Classes }),
            new GlooDialect(),
            new AmbassadorDialect(settings.Classes),
        ];
    }
}
