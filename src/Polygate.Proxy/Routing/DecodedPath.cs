namespace Polygate.Proxy.Routing;

/// <summary>
/// The path as nginx compares it: every escape decoded, runs of slashes as one, dot segments removed, in that order. A path that a
/// backend may take for another one (<c>//admin</c>, <c>/x/..%2Fadmin</c>) so finds the route of that other one.
/// </summary>
internal static class DecodedPath
{
    /// <summary>Whether decoding changes anything.</summary>
    public static bool Differs(ReadOnlySpan<byte> path) => path.IndexOf((byte)'%') >= 0 || path.IndexOf("//"u8) >= 0;

    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> path)
    {
        if (!Differs(path))
        {
            return path;
        }

        var decoded = new byte[path.Length];
        return decoded.AsSpan(0, Write(path, decoded));
    }

    /// <param name="path">Starts with a slash; its escapes are well-formed.</param>
    /// <param name="destination">As long as the path at least.</param>
    /// <returns>The length of what was written.</returns>
    public static int Write(ReadOnlySpan<byte> path, Span<byte> destination)
    {
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var value = path[i];
            if (value == '%' && path.Length - i >= 3)
            {
                value = (byte)((Digit(path[i + 1]) << 4) | Digit(path[i + 2]));
                i += 2;
            }

            if (value == '/')
            {
                length = EndSegment(destination[..length]);
                if (length > 0 && destination[length - 1] == '/')
                {
                    continue;
                }
            }

            destination[length++] = value;
        }

        return EndSegment(destination[..length]);
    }

    /// <summary>The length without the last segment where that is a dot segment, and without the one before it where it is two dots.</summary>
    private static int EndSegment(ReadOnlySpan<byte> written)
    {
        if (written.EndsWith("/."u8))
        {
            return written.Length - 1;
        }

        return written.EndsWith("/.."u8) ? Math.Max(0, written[..^3].LastIndexOf((byte)'/')) + 1 : written.Length;
    }

    private static int Digit(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
