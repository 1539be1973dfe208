namespace Polygate.Proxy.Http2.Hpack;

/// <summary>
/// The Huffman code of HPACK (RFC 7541 appendix B). It is canonical: codes of one length follow one another in the order of their symbols, and
/// shorter ones come first, so that the lengths tell the code.
/// </summary>
internal static class HuffmanCode
{
    private const int EndOfString = 256;
    private const int ShortestCode = 5;
    private const int LongestCode = 30;

    /// <summary>Codes up to this length are found by looking them up.</summary>
    private const int LookupBits = 8;

    /// <summary>Symbols in the order of their codes.</summary>
    private static readonly ushort[] Symbols = new ushort[EndOfString + 1];

    /// <summary>For each length the first code, aligned to the left of 32 bits, and the place of its symbol.</summary>
    private static readonly uint[] FirstCodes = new uint[LongestCode + 2];
    private static readonly ushort[] FirstSymbols = new ushort[LongestCode + 2];

    /// <summary>Symbol and length by the next eight bits; 0 where the code is longer.</summary>
    private static readonly ushort[] Lookup = new ushort[1 << LookupBits];

    static HuffmanCode()
    {
        var code = 0u;
        var place = 0;
        for (var length = ShortestCode; length <= LongestCode; length++)
        {
            FirstCodes[length] = code << (32 - length);
            FirstSymbols[length] = (ushort)place;
            for (var symbol = 0; symbol <= EndOfString; symbol++)
            {
                if (Lengths[symbol] != length)
                    continue;

                Symbols[place++] = (ushort)symbol;
                if (length <= LookupBits)
                    Lookup.AsSpan((int)(code << (LookupBits - length)), 1 << (LookupBits - length)).Fill((ushort)((length << 8) | symbol));

                code++;
            }

            code <<= 1;
        }

        FirstCodes[LongestCode + 1] = uint.MaxValue;
    }

    /// <summary>Bits of each byte's code, and of the end of a string.</summary>
    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>How many bytes some bytes may stand for at most.</summary>
    public static int MaximumDecoded(int bytes) => (int)(((long)bytes * 8) / ShortestCode);

    /// <summary>Decodes a string; says how many bytes, or -1 where it is none.</summary>
    /// <param name="encoded">All of it.</param>
    /// <param name="decoded">Has room for <see cref="MaximumDecoded"/>.</param>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> decoded)
    {
        var written = 0;
        var bits = 0ul;
        var count = 0;
        var position = 0;
        while (true)
        {
            while (count <= 32 && position < encoded.Length)
            {
                bits |= (ulong)encoded[position++] << (56 - count);
                count += 8;
            }

            // What is left may be padding: less than a byte, with the first bits of the end of a string (section 5.2).
            if (count < LookupBits && IsPadding(bits, count))
                return written;

            var (symbol, length) = Next((uint)(bits >> 32));
            if (length > count || symbol == EndOfString)
                return -1;

            decoded[written++] = (byte)symbol;
            bits <<= length;
            count -= length;
        }
    }

    private static bool IsPadding(ulong bits, int count) => bits == (count == 0 ? 0 : ulong.MaxValue << (64 - count));

    private static (int Symbol, int Length) Next(uint bits)
    {
        if (Lookup[bits >> (32 - LookupBits)] is not 0 and var entry)
            return (entry & 0xFF, entry >> 8);

        var length = LookupBits + 1;
        while (length < LongestCode && !IsOfLength(bits, length))
            length++;

        return (Symbols[FirstSymbols[length] + ((bits - FirstCodes[length]) >> (32 - length))], length);
    }

    /// <summary>Codes of this length, and none longer, are smaller than the first of the next.</summary>
    private static bool IsOfLength(uint bits, int length) => bits < FirstCodes[length + 1];
}
