using System.Buffers;
using System.Text;

namespace Polygate.Proxy.Filters;

/// <summary>Makes a request target of computed text.</summary>
internal static class PathText
{
    // RFC 3986 section 3.3: what may stand in a path as it is. A percent sign is looked at more closely.
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/"u8);

    private static readonly SearchValues<byte> PlainInQuery =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?"u8);

    /// <summary>
    /// The path as bytes: with a slash at its start, and with everything escaped that may not stand in a path, line breaks
    /// and spaces first of all. Escapes that are there stay.
    /// </summary>
    public static byte[] Encode(string path) => Escape(path.StartsWith('/') ? path : "/" + path, Plain);

    /// <summary>A query as bytes: as <see cref="Encode"/>, and with question marks left as they are.</summary>
    public static byte[] EncodeQuery(string query) => Escape(query, PlainInQuery);

    private static byte[] Escape(string text, SearchValues<byte> plain)
    {
        var source = Encoding.UTF8.GetBytes(text);
        if (!source.AsSpan().ContainsAnyExcept(plain))
        {
            return source;
        }

        var target = new ArrayBufferWriter<byte>(source.Length * 3);
        for (var i = 0; i < source.Length; i++)
        {
            if (plain.Contains(source[i]) || IsEscape(source.AsSpan(i)))
            {
                target.Write([source[i]]);
            }
            else
            {
                target.Write([(byte)'%', Digit(source[i] >> 4), Digit(source[i] & 15)]);
            }
        }

        return target.WrittenSpan.ToArray();
    }

    private static bool IsEscape(ReadOnlySpan<byte> text) =>
        text is [(byte)'%', var high, var low, ..] && char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low);

    private static byte Digit(int value) => (byte)"0123456789ABCDEF"[value];
}
