using System.Collections.Frozen;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// What an administrator of ingress-nginx sets for the whole controller, with its defaults: by flags, and by the keys of the
/// controller's ConfigMap (named in brackets).
/// </summary>
public sealed record IngressNginxOptions
{
    public static IngressNginxOptions Default { get; } = new();

    /// <summary>Which Ingresses are ingress-nginx's.</summary>
    public IngressClasses Classes { get; init; } = IngressClasses.All;

    /// <summary>The controller's ConfigMap, as namespace/name: the name that the official chart gives it.</summary>
    public string ConfigMap { get; init; } = "ingress-nginx/ingress-nginx-controller";

    /// <summary>ConfigMaps that expose TCP ports of Services: the names of the official chart and of the documentation.</summary>
    public ValueList<string> TcpServices { get; init; } = ["ingress-nginx/ingress-nginx-tcp", "ingress-nginx/tcp-services"];

    /// <summary>ConfigMaps that expose UDP ports of Services.</summary>
    public ValueList<string> UdpServices { get; init; } = ["ingress-nginx/ingress-nginx-udp", "ingress-nginx/udp-services"];

    /// <summary>The Service for errors and for what nobody serves, as namespace/name (<c>--default-backend-service</c>); null for none.</summary>
    public string? DefaultBackendService { get; init; }

    /// <summary>Whether <c>ssl-passthrough</c> is heeded (<c>--enable-ssl-passthrough</c>).</summary>
    public bool AllowsPassthrough { get; init; }

    /// <summary>Whether the typed subset of snippets is served (<c>allow-snippet-annotations</c>; <see cref="RiskLevel"/> must admit them as well).</summary>
    public bool AllowsSnippets { get; init; }

    /// <summary>IngressClasses whose Ingresses may have the typed subset of snippets, whatever <see cref="AllowsSnippets"/> and <see cref="RiskLevel"/> say.</summary>
    public ValueList<string> SnippetClasses { get; init; }

    /// <summary>
    /// The Secret of the certificate for hosts without one and for unknown names, as namespace/name (<c>--default-ssl-certificate</c>); null for
    /// the gateway's own, which nobody trusts.
    /// </summary>
    public string? DefaultCertificate { get; init; }

    /// <summary>The codes of quirks that are turned off (<c>strict</c> mode); see <see cref="NginxQuirks"/>.</summary>
    public ValueList<string> Strict { get; init; }

    /// <summary>Annotations of a higher risk make the whole Ingress be ignored (<c>annotations-risk-level</c>).</summary>
    public AnnotationRisk RiskLevel { get; init; } = AnnotationRisk.High;

    /// <summary>Ingresses with an annotation that contains one of these are ignored (<c>annotation-value-word-blocklist</c>).</summary>
    public ValueList<string> BlockedWords { get; init; }

    /// <summary>Headers that <c>custom-headers</c> may set (<c>global-allowed-response-headers</c>); compared without case.</summary>
    public ValueList<string> AllowedResponseHeaders { get; init; }

    /// <summary>The status of redirects to TLS and between www and apex (<c>http-redirect-code</c>).</summary>
    public int RedirectStatus { get; init; } = 308;

    /// <summary>Paths that are not redirected to TLS (<c>no-tls-redirect-locations</c>).</summary>
    public ValueList<string> NoTlsRedirectLocations { get; init; } = ["/.well-known/acme-challenge"];

    /// <summary>Paths that need no authentication (<c>no-auth-locations</c>).</summary>
    public ValueList<string> NoAuthLocations { get; init; } = ["/.well-known/acme-challenge"];

    /// <summary>The <c>Strict-Transport-Security</c> value of hosts with TLS (<c>hsts</c>, <c>hsts-max-age</c>, …); null for none.</summary>
    public string? StrictTransportSecurity { get; init; } = "max-age=31536000; includeSubDomains";

    /// <summary>The lowest TLS version (<c>ssl-protocols</c>).</summary>
    public TlsVersion MinimumTls { get; init; } = TlsVersion.Tls12;

    /// <summary>The highest TLS version (<c>ssl-protocols</c>).</summary>
    public TlsVersion MaximumTls { get; init; } = TlsVersion.Tls13;

    /// <summary>Whether handshakes for names that nobody serves are refused (<c>ssl-reject-handshake</c>).</summary>
    public bool RejectsUnknownNames { get; init; }

    /// <summary>The status of requests beyond a rate (<c>limit-req-status-code</c>); the quirk <c>rate-limit-503</c> turned off makes it 429.</summary>
    public int RateLimitStatus { get; init; } = 503;

    /// <summary>The status of requests beyond a number of connections (<c>limit-conn-status-code</c>).</summary>
    public int ConnectionLimitStatus { get; init; } = 503;

    /// <summary>Networks whose clients are refused (<c>block-cidrs</c>).</summary>
    public ValueList<string> BlockedNetworks { get; init; }

    /// <summary>Values of <c>User-Agent</c> that are refused (<c>block-user-agents</c>).</summary>
    public ValueList<TextPattern> BlockedUserAgents { get; init; }

    /// <summary>Values of <c>Referer</c> that are refused (<c>block-referers</c>).</summary>
    public ValueList<TextPattern> BlockedReferers { get; init; }

    /// <summary>Response headers that clients do not get (<c>hide-headers</c>, <c>allow-backend-server-header</c>).</summary>
    public ValueList<string> HiddenHeaders { get; init; } = ["Server"];

    /// <summary>A ConfigMap of headers for every answer, as namespace/name (<c>add-headers</c>); null for none.</summary>
    public string? ResponseHeaderMap { get; init; }

    /// <summary>A ConfigMap of headers for every request to a backend, as namespace/name (<c>proxy-set-headers</c>); null for none.</summary>
    public string? RequestHeaderMap { get; init; }

    /// <summary>Whether backends are told the original path and query in <c>X-Original-URI</c> (<c>proxy-add-original-uri-header</c>).</summary>
    public bool TellsOriginalUri { get; init; }

    /// <summary>How answers are compressed (<c>use-gzip</c>, <c>enable-brotli</c>, …); null for not at all.</summary>
    public CompressionFilter? Compression { get; init; }

    /// <summary>Whether requests pass a firewall that Polygate does not have (<c>enable-modsecurity</c>): they are refused.</summary>
    public bool WantsFirewall { get; init; }

    /// <summary>The authentication service of Ingresses that have none of their own (<c>global-auth-url</c>, …); null for none.</summary>
    internal ExternalAuth? GlobalAuth { get; init; }

    /// <summary>What annotations are taken to say where they are absent, by their name.</summary>
    internal FrozenDictionary<string, string> AnnotationDefaults { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The options for the Ingresses of one class.</summary>
    /// <param name="ingressClass">The class that they name; null for none.</param>
    internal IngressNginxOptions ForClass(string? ingressClass) =>
        ingressClass is not null && SnippetClasses.Contains(ingressClass) ? this with { AllowsSnippets = true, RiskLevel = AnnotationRisk.Critical } : this;

    /// <summary>Whether a quirk is turned off.</summary>
    public bool IsStrict(NginxQuirk quirk) => Strict.Contains(quirk.Code);
}
