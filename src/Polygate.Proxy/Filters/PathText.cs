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
    public static byte[] Encode(string path) => Escape(Encoding.UTF8.GetBytes(path.StartsWith('/') ? path : "/" + path), Plain, keepEscapes: true);

    /// <summary>Whether a path stays as it is when it is encoded.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> path) => path is [(byte)'/', ..] && !path.ContainsAnyExcept(Plain);

    /// <summary>A decoded path: as <see cref="Encode"/>, but that a percent sign is one and no escape.</summary>
    public static byte[] EncodeDecoded(ReadOnlySpan<byte> path) =>
        Escape(path is [(byte)'/', ..] ? path : (ReadOnlySpan<byte>)[(byte)'/', .. path], Plain, keepEscapes: false);

    /// <summary>A query as bytes: as <see cref="Encode"/>, and with question marks left as they are.</summary>
    public static byte[] EncodeQuery(string query) => Escape(Encoding.UTF8.GetBytes(query), PlainInQuery, keepEscapes: true);

    private static byte[] Escape(ReadOnlySpan<byte> source, SearchValues<byte> plain, bool keepEscapes)
    {
        if (!source.ContainsAnyExcept(plain))
        {
            return source.ToArray();
        }

        var target = new ArrayBufferWriter<byte>(source.Length * 3);
        for (var i = 0; i < source.Length; i++)
        {
            if (plain.Contains(source[i]) || (keepEscapes && IsEscape(source[i..])))
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
