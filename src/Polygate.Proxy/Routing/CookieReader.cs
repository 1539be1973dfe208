using Polygate.Proxy.Http;

namespace Polygate.Proxy.Routing;

/// <summary>Reads the cookies of a request (RFC 6265 section 5.4) without copying them; all <c>Cookie</c> lines count (HTTP/2 may send several).</summary>
internal ref struct CookieReader
{
    private readonly HeaderTable headers;
    private int line = -1;
    private ReadOnlySpan<byte> rest;

    public CookieReader(HeaderTable headers) => this.headers = headers;

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>As sent, without surrounding white space.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool Next()
    {
        while (true)
        {
            if (rest.IsEmpty)
            {
                line = headers.IndexOf("cookie"u8, line + 1);
                if (line < 0)
                {
                    line = headers.Count;
                    return false;
                }

                rest = headers.Value(line);
                continue;
            }

            var end = rest.IndexOf((byte)';');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var equals = pair.IndexOf((byte)'=');
            if (equals >= 0)
            {
                Name = pair[..equals].Trim(" \t"u8);
                Value = pair[(equals + 1)..].Trim(" \t"u8);
                return true;
            }
        }
    }

    /// <summary>The value of the first cookie of this name (case-sensitive); false when there is none.</summary>
    public static bool TryGet(HeaderTable headers, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var cookies = new CookieReader(headers);
        while (cookies.Next())
        {
            if (cookies.Name.SequenceEqual(name))
            {
                value = cookies.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
