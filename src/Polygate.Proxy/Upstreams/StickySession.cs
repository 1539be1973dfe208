using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Binds clients to endpoints by a token that they bring again. The token holds a digest of the endpoint (replicas of the gateway agree on it, and
/// it tells nothing of the address) or a key that is hashed over the endpoints, and where the session has an end, when it began and was last used.
/// </summary>
internal sealed class StickySession
{
    /// <summary>An idle timeout is reset when this share of it has passed, not with each answer.</summary>
    private const int RenewalsEachTimeout = 4;

    private const int HexDigits = 16;
    private readonly Stickiness settings;
    private readonly byte[] name;
    private readonly StickyCookieText? cookie;

    public StickySession(Stickiness settings)
    {
        this.settings = settings;
        (name, cookie) = settings switch
        {
            StickyCookie given => (Encoding.UTF8.GetBytes(given.Name), new StickyCookieText(given)),
            StickyHeader header => (HeaderText.Name(header.Name), null),
            _ => throw new ArgumentException($"No session for {settings.GetType().Name}.", nameof(settings)),
        };
    }

    private bool IsBalanced => settings is StickyCookie { Balanced: true };

    private bool HasTimes => settings.AbsoluteTimeout is not null || settings.IdleTimeout is not null;

    /// <summary>The endpoint of the cluster that the request is bound to; null when it is to none, or to one that is gone.</summary>
    public UpstreamEndpoint? Find(RequestHead head, ClusterSnapshot cluster) =>
        TryRead(head, out var token, out _) ? Resolve(token, cluster) : null;

    /// <summary>Binds the client to the endpoint that answered, unless it is already.</summary>
    public void Set(RequestHead head, ClusterSnapshot cluster, UpstreamEndpoint endpoint, ResponseHead response)
    {
        var isKnown = TryRead(head, out var token, out var times);
        var bound = isKnown ? Resolve(token, cluster) : null;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (bound is not null && (bound == endpoint || settings.KeepOnFailure))
        {
            if (settings.IdleTimeout is { } idle && now - times.LastUsed >= (long)idle.TotalSeconds / RenewalsEachTimeout)
                Write(head, response, Encoding.ASCII.GetString(token), times.Begun, now);

            return;
        }

        var text = IsBalanced
            ? cluster.StickyRing.KeyFor(endpoint)?.ToString("x16", CultureInfo.InvariantCulture)
            : ClusterSnapshot.DigestOf(endpoint, settings.Salt);
        if (text is not null)
            Write(head, response, text, now, now);
    }

    private UpstreamEndpoint? Resolve(ReadOnlySpan<byte> token, ClusterSnapshot cluster)
    {
        if (IsBalanced)
            return ulong.TryParse(token, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key) ? cluster.StickyRing.OwnerOf(key) : null;

        Span<char> digest = stackalloc char[HexDigits];
        return Encoding.Latin1.GetChars(token, digest) == HexDigits ? cluster.FindByDigest(digest, settings.Salt) : null;
    }

    /// <summary>The token of the request, if its session has not ended.</summary>
    private bool TryRead(RequestHead head, out ReadOnlySpan<byte> token, out (long Begun, long LastUsed) times)
    {
        times = default;
        var found = cookie is not null ? CookieReader.TryGet(head.Headers, name, out token) : head.Headers.TryGet(name, out token);
        if (!found || token.Length < HexDigits)
            return false;

        var rest = token[HexDigits..];
        token = token[..HexDigits];
        return HasTimes ? TryReadTimes(rest, out times) && IsAlive(times) : rest.IsEmpty;
    }

    private static bool TryReadTimes(ReadOnlySpan<byte> text, out (long Begun, long LastUsed) times)
    {
        times = default;
        if (text.Length != 2 * (1 + 8) || text[0] != (byte)'-' || text[9] != (byte)'-'
            || !uint.TryParse(text[1..9], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var begun)
            || !uint.TryParse(text[10..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var used))
        {
            return false;
        }

        times = (begun, used);
        return true;
    }

    private bool IsAlive((long Begun, long LastUsed) times)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return !(now - times.Begun > settings.AbsoluteTimeout?.TotalSeconds) && !(now - times.LastUsed > settings.IdleTimeout?.TotalSeconds);
    }

    private void Write(RequestHead head, ResponseHead response, string token, long begun, long now)
    {
        if (HasTimes)
            token = string.Create(CultureInfo.InvariantCulture, $"{token}-{(uint)begun:x8}-{(uint)now:x8}");

        if (cookie is null)
            response.Headers.Set(name, Encoding.ASCII.GetBytes(token));
        else
            response.Headers.Add("set-cookie"u8, HeaderText.Value(cookie.Write(token, head)));
    }
}

/// <summary>How a session's cookie is written (RFC 6265 section 4.1, with the later <c>SameSite</c> and <c>Partitioned</c>).</summary>
internal sealed class StickyCookieText(StickyCookie cookie)
{
    public string Write(string token, RequestHead head)
    {
        var text = new StringBuilder(cookie.Name).Append('=').Append(token).Append("; Path=").Append(cookie.Path);
        if (cookie.Domain is not null)
            text.Append("; Domain=").Append(cookie.Domain);

        if (cookie.Expires is { } expires)
            text.Append("; Expires=").Append(DateTimeOffset.UtcNow.AddSeconds(expires).ToString("R", CultureInfo.InvariantCulture));

        if (cookie.MaxAge is { } seconds)
            text.Append(CultureInfo.InvariantCulture, $"; Max-Age={seconds}");

        text.Append(cookie.Secure || (cookie.SecureOverTls && head.IsTls) ? "; Secure" : "").Append(cookie.HttpOnly ? "; HttpOnly" : "");
        if (cookie.SameSite is { } site && !(cookie.OmitSameSiteNoneWhereBroken && site == "None" && TakesNoneForStrict(head)))
            text.Append("; SameSite=").Append(site);

        return text.Append(cookie.Partitioned ? "; Partitioned" : "").ToString();
    }

    /// <summary>Browsers that do not know <c>None</c> (chromium.org, "SameSite=None: Known Incompatible Clients").</summary>
    private static bool TakesNoneForStrict(RequestHead head)
    {
        if (!head.Headers.TryGet("user-agent"u8, out var agent))
            return false;

        var text = Encoding.ASCII.GetString(agent);
        if (text.Contains("OS 12_", StringComparison.Ordinal) && (text.Contains("(iP", StringComparison.Ordinal)))
            return true;

        if (text.Contains("Mac OS X 10_14_", StringComparison.Ordinal) && text.Contains("Version/", StringComparison.Ordinal) && text.Contains("Safari", StringComparison.Ordinal))
            return true;

        var chrome = text.IndexOf("Chrome/", StringComparison.Ordinal);
        var version = chrome < 0 ? [] : text.AsSpan(chrome + "Chrome/".Length);
        var end = version.IndexOf('.');
        return end > 0 && int.TryParse(version[..end], CultureInfo.InvariantCulture, out var major) && major is >= 51 and <= 66;
    }
}
