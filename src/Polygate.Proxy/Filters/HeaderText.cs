using System.Text;

namespace Polygate.Proxy.Filters;

/// <summary>Makes header names and values from configured or computed text, so that nothing can break out of its line (RFC 9110 section 5.5).</summary>
internal static class HeaderText
{
    public static byte[] Name(string name) => Encoding.UTF8.GetBytes(name);

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
