namespace Polygate.Dialects.IngressNginx;

/// <summary>A behaviour of ingress-nginx that is kept for its users although few expect it. Strict mode turns it off.</summary>
/// <param name="Code">Stable, in kebab case; diagnostics have it after <c>quirk-</c>, documentation under it.</param>
/// <param name="Behaviour">What happens, as a sentence.</param>
/// <param name="Strict">What happens instead once it is turned off, as a sentence.</param>
/// <param name="Clean">What to write to get a behaviour that does not depend on it, as a sentence.</param>
public sealed record NginxQuirk(string Code, string Behaviour, string Strict, string Clean)
{
    /// <summary>The code of the diagnostic that tells of it.</summary>
    public string Diagnostic => "quirk-" + Code;
}

/// <summary>All quirks.</summary>
public static class NginxQuirks
{
    public static NginxQuirk HostWideRegex { get; } = new(
        "host-wide-regex",
        "One path with use-regex or a rewrite-target turns every path of its host, also those of other Ingresses and of type Exact, into a regular expression.",
        "Only the paths of the Ingress that asks for it are regular expressions; others keep the meaning of their type.",
        "Give paths that are regular expressions a host of their own.");

    public static NginxQuirk RewriteImpliesRegex { get; } = new(
        "rewrite-implies-regex",
        "A rewrite-target makes the paths of its Ingress regular expressions, also without use-regex.",
        "A path is a regular expression only with use-regex or with the type ImplementationSpecific.",
        "Say use-regex: \"true\" where the path is meant as an expression.");

    public static NginxQuirk OpenRegex { get; } = new(
        "open-regex",
        "A regular expression matches any case and only the beginning of the path: /id/[0-9]+ matches /ID/1/anything.",
        "It matches the whole path, and letters as they are written.",
        "End the expression with $ and write both cases only where both are meant.");

    public static NginxQuirk SlashRedirect { get; } = new(
        "slash-redirect",
        "A path that ends with a slash does not match the request without it; that one is redirected (301), and a POST loses its body.",
        "The Prefix path matches with and without the slash, as the Ingress API says.",
        "Write the path without the slash at its end.");

    public static NginxQuirk TlsRedirectSlash { get; } = new(
        "tls-redirect-slash",
        "The redirect to TLS leaves out a slash at the very end of the address.",
        "The redirect keeps the address as it is.",
        "Say preserve-trailing-slash: \"true\".");

    public static NginxQuirk UnverifiedUpstream { get; } = new(
        "unverified-upstream",
        "The certificate of a backend that is spoken to over TLS is not verified.",
        "It is verified, against proxy-ssl-secret or the system's authorities, for proxy-ssl-name or the Service's name in the cluster.",
        "Say proxy-ssl-verify: \"on\" with proxy-ssl-secret and proxy-ssl-name.");

    public static NginxQuirk RateLimit503 { get; } = new(
        "rate-limit-503",
        "Requests beyond a rate are answered 503, as if the backend were down.",
        "They are answered 429 (RFC 6585).",
        "Set limit-req-status-code: \"429\" in the controller's ConfigMap.");

    public static NginxQuirk CorsCredentials { get; } = new(
        "cors-credentials",
        "Any origin is allowed together with credentials; browsers ignore it, and it looks safer than it is.",
        "Where any origin is allowed, credentials are not.",
        "Name the origins in cors-allow-origin, or say cors-allow-credentials: \"false\".");

    public static NginxQuirk SilentDefault { get; } = new(
        "silent-default",
        "An annotation whose value is malformed is ignored, and the default holds.",
        "The paths of the Ingress answer 503 until the value is corrected.",
        "Correct the value; every malformed one is reported.");

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<NginxQuirk> All { get; } =
    [
        HostWideRegex, RewriteImpliesRegex, OpenRegex, SlashRedirect, TlsRedirectSlash, UnverifiedUpstream, RateLimit503, CorsCredentials, SilentDefault,
    ];

    /// <summary>The quirk with a code; null for none.</summary>
    public static NginxQuirk? Find(string code) => All.FirstOrDefault(quirk => quirk.Code == code);
}
