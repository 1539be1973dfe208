using System.Buffers.Text;
using System.Net;
using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>Reads what a request is for: path, query and authority, for any version of HTTP.</summary>
internal static class RequestTarget
{
    private const int StackLimit = 1024;
    private const int MaximumHostLength = 255;

    /// <summary>
    /// Takes an origin-form target (RFC 9112 section 3.2.1) apart and normalises its path as RFC 3986 section 6.2.2 says. False for an
    /// invalid escape, a NUL, a fragment, or characters that do not belong there.
    /// </summary>
    public static bool TrySetPathAndQuery(RequestHead request, ReadOnlySpan<byte> target)
    {
        return !target.IsEmpty && target[0] == '/' && !target.ContainsAnyExcept(HttpCharacters.Target) && TrySetCheckedTarget(request, target);
    }

    /// <summary>As <see cref="TrySetPathAndQuery"/>, for what begins with a slash and has only characters of targets.</summary>
    public static bool TrySetCheckedTarget(RequestHead request, ReadOnlySpan<byte> target)
    {
        // Neither a query nor anything to be normalised: most of what is asked for.
        if (!target.ContainsAny((byte)'?', (byte)'%', (byte)'.'))
        {
            request.SetPath(target);
            return true;
        }

        var path = target;
        var mark = target.IndexOf((byte)'?');
        if (mark >= 0)
        {
            path = target[..mark];
            request.SetQuery(target[(mark + 1)..]);
            request.HasQuery = true;
        }

        if (path.IndexOf((byte)'%') < 0 && path.IndexOf("/."u8) < 0)
        {
            request.SetPath(path);
            return true;
        }

        var scratch = path.Length <= StackLimit ? stackalloc byte[StackLimit] : new byte[path.Length];
        if (!TryDecode(path, scratch, out var length))
            return false;

        request.SetPath(scratch[..RemoveDotSegments(scratch[..length])]);
        return true;
    }

    /// <summary>
    /// Takes an authority (<c>host[:port]</c>) as it is and, in lower case without port and trailing dot, as the host to route by. False when it
    /// is malformed or empty.
    /// </summary>
    public static bool TrySetAuthority(RequestHead request, ReadOnlySpan<byte> authority)
    {
        if (request.TryRepeatAuthority(authority))
            return true;

        Span<byte> lower = stackalloc byte[MaximumHostLength];
        var length = LowerName(authority, lower);
        if (length < 0)
        {
            if (!TryParseAuthority(authority, out var host))
                return false;

            Ascii.ToLower(host, lower, out length);
        }

        request.TakeAuthority(authority, lower[..length]);
        return true;
    }

    /// <summary>
    /// The lower case of a host that is a plain name or IPv4 address, perhaps with a port; -1 for all that takes a closer look. Nearly all are such, and
    /// each request has one.
    /// </summary>
    private static int LowerName(ReadOnlySpan<byte> authority, Span<byte> lower)
    {
        var length = 0;
        var previous = (byte)'.';
        while (length < authority.Length && length < lower.Length)
        {
            var value = authority[length];
            if (value is >= (byte)'A' and <= (byte)'Z')
                value |= 0x20;
            else if (value is not ((>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~'))
                break;

            // An empty label, at the beginning or between two dots.
            if (value == '.' && previous == '.')
                return -1;

            lower[length++] = previous = value;
        }

        if (length == 0 || previous == '.' || length == lower.Length)
            return -1;

        return length == authority.Length || IsShortPort(authority[length..]) ? length : -1;
    }

    /// <summary>A colon and up to four digits: any such number is a port.</summary>
    private static bool IsShortPort(ReadOnlySpan<byte> text)
    {
        if (text[0] != ':' || text.Length is < 2 or > 5)
            return false;

        foreach (var digit in text[1..])
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
        }

        return true;
    }

    /// <summary>Takes the host, without a trailing dot, out of an authority. False when that is malformed or empty, or has an empty label.</summary>
    public static bool TryParseAuthority(ReadOnlySpan<byte> authority, out ReadOnlySpan<byte> host)
    {
        host = authority;
        ReadOnlySpan<byte> port;
        if (!authority.IsEmpty && authority[0] == '[')
        {
            var close = authority.IndexOf((byte)']');
            if (close < 3 || !IsAddressLiteral(authority[1..close]))
                return false;

            host = authority[..(close + 1)];
            port = authority[(close + 1)..];
        }
        else
        {
            var end = authority.IndexOfAnyExcept(HttpCharacters.Host);
            if (end >= 0)
                host = authority[..end];

            port = authority[host.Length..];
            if (host.EndsWith("."u8))
                host = host[..^1];
        }

        return !host.IsEmpty && host.Length <= MaximumHostLength && host[0] != '.' && host[^1] != '.' && host.IndexOf(".."u8) < 0 && IsPort(port);
    }

    /// <summary>An IPv6 address without a zone (RFC 3986 section 3.2.2) that is somebody's: not <c>::</c> in any of its forms.</summary>
    private static bool IsAddressLiteral(ReadOnlySpan<byte> text) =>
        !text.ContainsAnyExcept(HttpCharacters.AddressLiteral) && text.Contains((byte)':') && text.ContainsAnyExcept(":0."u8) && IPAddress.IsValidUtf8(text);

    /// <summary>Nothing, or a colon and a number up to 65535 (RFC 3986 section 3.2.3 would let the number be missing; nobody leaves it out).</summary>
    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.IsEmpty
        || (text[0] == ':' && text.Length is > 1 and <= 6 && !text[1..].ContainsAnyExcept(HttpCharacters.Digits)
            && Utf8Parser.TryParse(text[1..], out int port, out _) && port <= ushort.MaxValue);

    /// <summary>Decodes unreserved characters, writes other escapes in upper case.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> path, Span<byte> destination, out int length)
    {
        length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] != '%')
            {
                destination[length++] = path[i];
                continue;
            }

            if (!TryDecodeEscape(path[i..], out var value) || value == 0)
                return false;

            if (HttpCharacters.IsUnreserved(value))
            {
                destination[length++] = value;
            }
            else
            {
                destination[length++] = (byte)'%';
                destination[length++] = Upper(path[i + 1]);
                destination[length++] = Upper(path[i + 2]);
            }

            i += 2;
        }

        return true;
    }

    /// <summary>The byte that an escape at the beginning of a text stands for; false where there is none (RFC 3986 section 2.1).</summary>
    public static bool TryDecodeEscape(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        if (text.Length < 3 || !TryHex(text[1], out var high) || !TryHex(text[2], out var low))
            return false;

        value = (byte)((high << 4) | low);
        return true;
    }

    /// <summary>RFC 3986 section 5.2.4, in place, for a path that starts with a slash; says how long it is then.</summary>
    public static int RemoveDotSegments(Span<byte> path)
    {
        var written = 0;
        var position = 0;
        while (position < path.Length)
        {
            var next = path[(position + 1)..].IndexOf((byte)'/');
            var end = next < 0 ? path.Length : position + 1 + next;
            var segment = path[(position + 1)..end];
            var last = next < 0;
            if (segment.SequenceEqual("."u8) || segment.SequenceEqual(".."u8))
            {
                if (segment.Length == 2)
                    written = Math.Max(0, path[..written].LastIndexOf((byte)'/'));

                if (last)
                    path[written++] = (byte)'/';
            }
            else
            {
                path[position..end].CopyTo(path[written..]);
                written += end - position;
            }

            position = end;
        }

        return written;
    }

    private static bool TryHex(byte digit, out int value)
    {
        value = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
        return char.IsAsciiHexDigit((char)digit);
    }

    private static byte Upper(byte digit) => digit >= 'a' ? (byte)(digit - 0x20) : digit;
}
