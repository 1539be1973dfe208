using System.Buffers;
using System.Text;

namespace Polygate.Proxy.Filters;

/// <summary>Makes header names and values from configured or computed text, so that nothing can break out of its line (RFC 9110 section 5.5).</summary>
internal static class HeaderText
{
    // RFC 9110 section 5.6.2.
    private static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>The name; what may not stand in one becomes a hyphen.</summary>
    public static byte[] Name(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        foreach (ref var part in bytes.AsSpan())
        {
            if (!TokenCharacters.Contains(part))
            {
                part = (byte)'-';
            }
        }

        return bytes;
    }

    /// <summary>The value without surrounding white space; CR, LF and NUL become spaces.</summary>
    public static byte[] Value(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value.Trim());
        foreach (ref var part in bytes.AsSpan())
        {
            if (part is (byte)'\r' or (byte)'\n' or 0)
            {
                part = (byte)' ';
            }
        }

        return bytes;
    }
}
