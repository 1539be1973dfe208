using Polygate.Dialects.Common;
using Polygate.Dialects.Traefik.Rules;

namespace Polygate.Dialects.Traefik;

/// <summary>A port by the name that routers use for it.</summary>
/// <param name="Name">For example <c>web</c>.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Tls">Whether TLS is spoken there; routers without <c>tls</c> are then served over TLS.</param>
public sealed record EntryPoint(string Name, int Port, bool Tls = false)
{
    /// <summary>Whether it is a UDP port, for IngressRouteUDPs.</summary>
    public bool IsUdp { get; init; }

    /// <summary>Whether routers that name no entry point are served here.</summary>
    public bool IsDefault { get; init; } = true;
}

/// <summary>What Traefik takes from its static configuration.</summary>
public sealed record TraefikOptions
{
    /// <summary>By convention, and in the Helm chart, <c>web</c> is port 80 and <c>websecure</c> port 443 with TLS.</summary>
    public IReadOnlyList<EntryPoint> EntryPoints { get; init; } = [new("web", 80), new("websecure", 443, Tls: true)];

    /// <summary>The class of IngressRoutes to serve; empty: those without a class, or of class <c>traefik</c>.</summary>
    public string IngressClass { get; init; } = "";

    /// <summary>Which Ingresses are Traefik's.</summary>
    public IngressClasses Classes { get; init; } = IngressClasses.All;

    /// <summary>Whether objects may refer to those of other namespaces (<c>allowCrossNamespace</c>).</summary>
    public bool AllowCrossNamespace { get; init; }

    /// <summary>Whether Services of type ExternalName may be used (<c>allowExternalNameServices</c>).</summary>
    public bool AllowExternalNameServices { get; init; } = true;

    /// <summary>Whether Ingress paths of type <c>Prefix</c> end at a slash (<c>strictPrefixMatching</c>).</summary>
    public bool StrictPrefixMatching { get; init; }

    /// <summary>The syntax of rules that name none (<c>core.defaultRuleSyntax</c>).</summary>
    public RuleSyntax DefaultRuleSyntax { get; init; } = RuleSyntax.V3;
}
