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
    };

    /// <summary>The cookie for a location.</summary>
    /// <param name="path">The location's path.</param>
    /// <param name="alwaysTls">Whether cleartext is redirected to TLS, so that the cookie may be confined to it.</param>
    public StickyCookie? CookieFor(string path, bool alwaysTls) =>
        Cookie is null ? null : Cookie with { Path = CookiePath ?? path, Secure = Cookie.Secure || alwaysTls };

    private static StickyCookie? ParseCookie(AnnotationReader reader)
    {
        if (reader.Choice("affinity", "cookie") is null)
        {
            return null;
        }

        reader.Choice("affinity-mode", "balanced", "persistent");
        return new StickyCookie(CookieText(reader, "session-cookie-name") ?? "INGRESSCOOKIE")
        {
            Domain = CookieText(reader, "session-cookie-domain"),
            Secure = reader.Text("session-cookie-secure") is not null && reader.Boolean("session-cookie-secure"),
            SameSite = reader.Choice("session-cookie-samesite", "None", "Lax", "Strict"),
            MaxAge = reader.Number("session-cookie-max-age") ?? reader.Number("session-cookie-expires"),
        };
    }

    private static LoadBalancing ParseBalancing(AnnotationReader reader) => reader.Choice("load-balance", "round_robin", "ewma") switch
    {
        "ewma" => new LoadBalancing(BalancingAlgorithm.TwoRandomChoices),
        _ => new LoadBalancing(),
    };

    private static LoadBalancing? ParseHash(AnnotationReader reader)
    {
        if (reader.Text("upstream-hash-by") is not { } key)
        {
            return null;
        }

        var variable = key.StartsWith("${", StringComparison.Ordinal) && key.EndsWith('}') ? "$" + key[2..^1] : key;
        var (input, name) = variable switch
        {
            "$remote_addr" or "$binary_remote_addr" => (HashInput.ClientAddress, ""),
            "$request_uri" or "$uri" => (HashInput.Path, ""),
            "$host" or "$http_host" => (HashInput.Header, "Host"),
            _ when Variable(variable, "$http_") is { } header => (HashInput.Header, header.Replace('_', '-')),
            _ when Variable(variable, "$cookie_") is { } cookie => (HashInput.Cookie, cookie),
            _ when Variable(variable, "$arg_") is { } argument => (HashInput.QueryParameter, argument),
            _ => (HashInput.ClientAddress, null),
        };
        if (name is null)
        {
            reader.Warn("unsupported-annotation", "upstream-hash-by", $"\"{key}\" is not a single supported variable; requests are balanced without a hash.");
            return null;
        }

        return new LoadBalancing(BalancingAlgorithm.RingHash) { HashOn = input, HashName = name };
    }

    private static string? Variable(string text, string prefix) =>
        text.Length > prefix.Length
        && text.StartsWith(prefix, StringComparison.Ordinal)
        && text.AsSpan(prefix.Length).ContainsAnyExcept(VariableCharacters) is false
            ? text[prefix.Length..]
            : null;

    private static readonly System.Buffers.SearchValues<char> VariableCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

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
