using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>What an administrator of ingress-nginx sets for the whole controller, with its defaults.</summary>
public sealed record IngressNginxOptions
{
    public static IngressNginxOptions Default { get; } = new();

    /// <summary>Which Ingresses are ingress-nginx's.</summary>
    public IngressClasses Classes { get; init; } = IngressClasses.All;

    /// <summary>Annotations of a higher risk make the whole Ingress be ignored (<c>annotations-risk-level</c>).</summary>
    public AnnotationRisk RiskLevel { get; init; } = AnnotationRisk.High;

    /// <summary>Headers that <c>custom-headers</c> may set (<c>global-allowed-response-headers</c>); compared without case.</summary>
    public ValueList<string> AllowedResponseHeaders { get; init; }

    /// <summary>The status of redirects to TLS and between www and apex (<c>http-redirect-code</c>).</summary>
    public int RedirectStatus { get; init; } = 308;

    /// <summary>The <c>Strict-Transport-Security</c> value of hosts with TLS (<c>hsts</c>, <c>hsts-max-age</c>, …); null for none.</summary>
    public string? StrictTransportSecurity { get; init; } = "max-age=31536000; includeSubDomains";
}
