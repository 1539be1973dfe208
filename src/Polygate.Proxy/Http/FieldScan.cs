using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Polygate.Proxy.Http;

/// <summary>
/// How far names and values of header fields reach. Sixteen bytes at a time, without the general searches' preparations, which cost more than names and
/// values are long.
/// </summary>
internal static class FieldScan
{
    /// <summary>For each lower half of a byte, the upper halves (as bits) with which it is a character of a token (RFC 9110 section 5.6.2).</summary>
    private static readonly Vector128<byte> TokenRows = Vector128.Create(MakeTokenRows());

    private static readonly Vector128<byte> RowBits = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>How many bytes from the start on are characters of a token.</summary>
    public static int TokenLength(ReadOnlySpan<byte> text)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        var position = 0;
        for (; position + Vector128<byte>.Count <= text.Length; position += Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref start, (nuint)position);
            var rows = Vector128.ShuffleNative(TokenRows, bytes & Vector128.Create((byte)0x0F));
            var bits = Vector128.ShuffleNative(RowBits, (bytes.AsUInt16() >> 4).AsByte() & Vector128.Create((byte)0x0F));
            var others = Vector128.Equals(rows & bits, Vector128<byte>.Zero).ExtractMostSignificantBits();
            if (others != 0)
                return position + int.TrailingZeroCount((int)others);
        }

        while (position < text.Length && IsToken(text[position]))
            position++;

        return position;
    }

    /// <summary>How many bytes from the start on may stand in a field's value: no controls but the tab (RFC 9110 section 5.5).</summary>
    public static int ValueLength(ReadOnlySpan<byte> text)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        var position = 0;
        for (; position + Vector128<byte>.Count <= text.Length; position += Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref start, (nuint)position);
            var controls = Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes)
                & ~Vector128.Equals(bytes, Vector128.Create((byte)'\t'));
            var others = (controls | Vector128.Equals(bytes, Vector128.Create((byte)0x7F))).ExtractMostSignificantBits();
            if (others != 0)
                return position + int.TrailingZeroCount((int)others);
        }

        while (position < text.Length && IsOfValue(text[position]))
            position++;

        return position;
    }

    private static bool IsToken(byte value) => value < 0x80 && (TokenRows[value & 0x0F] & (1 << (value >> 4))) != 0;

    private static bool IsOfValue(byte value) => value is (>= 0x20 and not 0x7F) or (byte)'\t';

    private static byte[] MakeTokenRows()
    {
        var rows = new byte[16];
        for (var value = 0; value < 0x80; value++)
        {
            if (HttpCharacters.Token.Contains((byte)value))
                rows[value & 0x0F] |= (byte)(1 << (value >> 4));
        }

        return rows;
    }
}
