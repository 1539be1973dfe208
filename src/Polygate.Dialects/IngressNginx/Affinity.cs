using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Which endpoint a request goes to: a session cookie before a hash before the balancing algorithm.</summary>
internal sealed record Affinity
{
    public LoadBalancing Balancing { get; init; } = new();

    /// <summary>The cookie as far as annotations say; null without affinity.</summary>
    public StickyCookie? Cookie { get; init; }

    /// <summary>The cookie's path; null for the path of the location.</summary>
    public string? CookiePath { get; init; }

    public static Affinity Parse(AnnotationReader reader) => new()
    {
        Balancing = ParseHash(reader) ?? ParseBalancing(reader),
        Cookie = ParseCookie(reader),
        CookiePath = CookieText(reader, "session-cookie-path"),
        KeepsToCanary = reader.Choice("affinity-canary-behavior", "sticky", "legacy") != "legacy",
    };

    /// <summary>Whether a client that has the cookie keeps to the canary or the primary it was sent to by weight.</summary>
    public bool KeepsToCanary { get; init; } = true;

    /// <summary>The cookie for a location.</summary>
    /// <param name="path">The location's path.</param>
    /// <param name="salt">Keeps the cookies of different places apart.</param>
    public StickyCookie? CookieFor(string path, string salt) => Cookie is null ? null : Cookie with { Path = CookiePath ?? path, Salt = salt };

    private static StickyCookie? ParseCookie(AnnotationReader reader)
    {
        if (reader.Choice("affinity", "cookie") is null)
        {
            return null;
        }

        var isSecure = reader.Text("session-cookie-secure") is null ? (bool?)null : reader.Boolean("session-cookie-secure");
        return new StickyCookie(CookieText(reader, "session-cookie-name") ?? "INGRESSCOOKIE")
        {
            Balanced = (reader.Choice("affinity-mode", "balanced", "persistent") ?? "balanced") == "balanced",
            KeepOnFailure = !reader.Boolean("session-cookie-change-on-failure"),
            Domain = CookieText(reader, "session-cookie-domain"),
            Secure = isSecure == true,
            SecureOverTls = isSecure is null or false,
            SameSite = reader.Choice("session-cookie-samesite", "None", "Lax", "Strict"),
            OmitSameSiteNoneWhereBroken = reader.Boolean("session-cookie-conditional-samesite-none"),
            MaxAge = reader.Number("session-cookie-max-age"),
            Expires = reader.Number("session-cookie-expires"),
        };
    }

    private static LoadBalancing ParseBalancing(AnnotationReader reader) => reader.Choice("load-balance", "round_robin", "ewma") switch
    {
        "ewma" => new LoadBalancing(BalancingAlgorithm.PeakEwma) { Decay = TimeSpan.FromSeconds(10) },
        _ => new LoadBalancing(),
    };

    private static LoadBalancing? ParseHash(AnnotationReader reader)
    {
        if (reader.Text("upstream-hash-by") is not { } key)
        {
            return null;
        }

        var keys = NginxTemplate.Parse(key, out var problem)?.Parts.Select(HashKeyOf).ToList();
        if (keys is null || keys.Any(found => found is null) || keys.All(found => found!.Input == HashInput.Literal))
        {
            reader.Warn("unsupported-annotation", "upstream-hash-by", $"\"{key}\" cannot be hashed{(problem.Length > 0 ? ": " + problem : ".")} Requests are balanced without a hash.");
            return null;
        }

        var balancing = new LoadBalancing(BalancingAlgorithm.RingHash) { SubsetSize = ParseSubset(reader) };
        return keys is [{ } only]
            ? balancing with { HashOn = only.Input, HashName = only.Name }
            : balancing with { HashKeys = keys.Select(found => found!).ToValueList() };
    }

    private static int ParseSubset(AnnotationReader reader) =>
        reader.Boolean("upstream-hash-by-subset") ? reader.Number("upstream-hash-by-subset-size") is > 0 and var size ? size : 3 : 0;

    private static HashKey? HashKeyOf(TextPart part) => part.Source switch
    {
        TextSource.Literal => new HashKey(HashInput.Literal, part.Name),
        TextSource.ClientAddress => new HashKey(HashInput.ClientAddress),
        TextSource.PathAndQuery => new HashKey(HashInput.PathAndQuery),
        TextSource.Path => new HashKey(HashInput.Path),
        TextSource.Host or TextSource.Authority => new HashKey(HashInput.Host),
        TextSource.Header => new HashKey(HashInput.Header, part.Name),
        TextSource.Cookie => new HashKey(HashInput.Cookie, part.Name),
        TextSource.QueryParameter => new HashKey(HashInput.QueryParameter, part.Name),
        _ => null,
    };

    /// <summary>Text that is put into a Set-Cookie header: nothing that could end it (RFC 6265 section 4.1.1).</summary>
    private static string? CookieText(AnnotationReader reader, string name)
    {
        var text = reader.Text(name);
        if (text is null || text.All(character => character is > ' ' and < '\u007f' and not (';' or ',' or '"' or '\\' or '=')))
        {
            return text;
        }

        reader.UseDefault(name, "The value has a character that a cookie does not allow.");
        return null;
    }
}
