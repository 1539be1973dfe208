using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Binds clients to endpoints by a cookie that holds a digest of the endpoint: replicas of the gateway agree on it, and
/// it tells nothing of the address.
/// </summary>
internal sealed class StickySession
{
    private readonly byte[] name;
    private readonly string attributes;
    private readonly string cookieName;
    private readonly Dictionary<string, UpstreamEndpoint> byDigest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UpstreamEndpoint>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public StickySession(StickyCookie cookie, IEnumerable<UpstreamEndpoint> endpoints)
    {
        cookieName = cookie.Name;
        name = Encoding.UTF8.GetBytes(cookie.Name);
        attributes = AttributesOf(cookie);
        foreach (var endpoint in endpoints)
        {
            byDigest[endpoint.StickyDigest] = endpoint;
        }

        lookup = byDigest.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The endpoint that the request is bound to; null when it is to none, or to one that is gone.</summary>
    public UpstreamEndpoint? Find(RequestHead head)
    {
        Span<char> digest = stackalloc char[UpstreamEndpoint.StickyDigestLength];
        return CookieReader.TryGet(head.Headers, name, out var value)
            && value.Length == digest.Length
            && Encoding.Latin1.GetChars(value, digest) == digest.Length
            && lookup.TryGetValue(digest, out var endpoint)
                ? endpoint
                : null;
    }

    /// <summary>Binds the client to the endpoint unless it is already.</summary>
    public void Set(RequestHead head, UpstreamEndpoint endpoint, ResponseHead response)
    {
        if (Find(head) != endpoint)
        {
            response.Headers.Add("set-cookie"u8, HeaderText.Value($"{cookieName}={endpoint.StickyDigest}{attributes}"));
        }
    }

    private static string AttributesOf(StickyCookie cookie)
    {
        var text = new StringBuilder("; Path=").Append(cookie.Path);
        if (cookie.Domain is not null)
        {
            text.Append("; Domain=").Append(cookie.Domain);
        }

        if (cookie.MaxAge is { } seconds)
        {
            text.Append(CultureInfo.InvariantCulture, $"; Max-Age={seconds}");
        }

        text.Append(cookie.Secure ? "; Secure" : "").Append(cookie.HttpOnly ? "; HttpOnly" : "");
        return cookie.SameSite is null ? text.ToString() : text.Append("; SameSite=").Append(cookie.SameSite).ToString();
    }
}
