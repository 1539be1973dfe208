using System.Runtime.CompilerServices;
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

    /// <summary>An upper half as a bit; none for those beyond ASCII.</summary>
    private static readonly Vector128<byte> RowBits = Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Where, from a position on, the first byte stands that is no character of a token; the end of the text when all are.</summary>
    public static int TokenEnd(ReadOnlySpan<byte> text, int position)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        while (position + Vector128<byte>.Count <= text.Length)
        {
            var others = OutsideToken(Vector128.LoadUnsafe(ref start, (nuint)position));
            if (others != 0)
                return position + int.TrailingZeroCount((int)others);

            position += Vector128<byte>.Count;
        }

        // The last bytes, seen together with some before them.
        if (text.Length >= Vector128<byte>.Count)
            return LastOf(OutsideToken(Vector128.LoadUnsafe(ref start, (nuint)(text.Length - Vector128<byte>.Count))), text.Length, position);

        while (position < text.Length && HttpCharacters.Token.Contains(text[position]))
            position++;

        return position;
    }

    /// <summary>
    /// Where, from a position on, the first byte stands that must not stand in a field's value, as controls but the tab (RFC 9110 section 5.5); the
    /// end of the text when all may.
    /// </summary>
    public static int ValueEnd(ReadOnlySpan<byte> text, int position)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        while (position + Vector128<byte>.Count <= text.Length)
        {
            var others = OutsideValue(Vector128.LoadUnsafe(ref start, (nuint)position));
            if (others != 0)
                return position + int.TrailingZeroCount((int)others);

            position += Vector128<byte>.Count;
        }

        if (text.Length >= Vector128<byte>.Count)
            return LastOf(OutsideValue(Vector128.LoadUnsafe(ref start, (nuint)(text.Length - Vector128<byte>.Count))), text.Length, position);

        while (position < text.Length && !HttpCharacters.NotInValue.Contains(text[position]))
            position++;

        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OutsideToken(Vector128<byte> bytes)
    {
        var half = Vector128.Create((byte)0x0F);
        var rows = Vector128.ShuffleNative(TokenRows, bytes & half);
        var bits = Vector128.ShuffleNative(RowBits, (bytes.AsUInt16() >> 4).AsByte() & half);
        return Vector128.Equals(rows & bits, Vector128<byte>.Zero).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OutsideValue(Vector128<byte> bytes)
    {
        var controls = Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1F)), bytes);
        var tabs = Vector128.Equals(bytes, Vector128.Create((byte)'\t'));
        return (Vector128.AndNot(controls, tabs) | Vector128.Equals(bytes, Vector128.Create((byte)0x7F))).ExtractMostSignificantBits();
    }

    /// <summary>The first of the last sixteen bytes that is marked and not before a position.</summary>
    private static int LastOf(uint marked, int length, int position)
    {
        marked >>= position - (length - Vector128<byte>.Count);
        return marked == 0 ? length : position + int.TrailingZeroCount((int)marked);
    }

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
