using System.Buffers;

namespace Polygate.Proxy.Http;

/// <summary>The character classes of RFC 9110 and 9112, for vectorised searches.</summary>
internal static class HttpCharacters
{
    /// <summary>RFC 9110 section 5.6.2: what names of methods and fields are made of.</summary>
    public static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What ends a field value or must not stand in one: controls but the tab (RFC 9110 section 5.5).</summary>
    public static readonly SearchValues<byte> NotInValue = SearchValues.Create(Range(0, 0x08, 0x0A, 0x1F, 0x7F, 0x7F));

    /// <summary>Visible ASCII but the number sign: what request targets are made of.</summary>
    public static readonly SearchValues<byte> Target = SearchValues.Create(Range('!', '"', '$', '~'));

    /// <summary>Registered names and addresses as they occur (RFC 3986 section 3.2.2 without escapes and sub-delimiters).</summary>
    public static readonly SearchValues<byte> Host =
        SearchValues.Create("-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What stands between the brackets of an IPv6 literal.</summary>
    public static readonly SearchValues<byte> AddressLiteral = SearchValues.Create(":.0123456789ABCDEFabcdef"u8);

    /// <summary>What names of fields are made of that are no other names as environment variables.</summary>
    public static readonly SearchValues<byte> LettersDigitsDash =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>RFC 3986 section 2.3.</summary>
    public static bool IsUnreserved(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    public static ReadOnlySpan<byte> TrimWhiteSpace(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    private static byte[] Range(params ReadOnlySpan<int> bounds)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < bounds.Length; i += 2)
        {
            for (var value = bounds[i]; value <= bounds[i + 1]; value++)
                bytes.Add((byte)value);
        }

        return [.. bytes];
    }
}
