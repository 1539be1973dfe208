namespace Polygate.Proxy.Routing;

/// <summary>
/// Reads the parameters of a query (WHATWG URL, application/x-www-form-urlencoded: pairs separated by <c>&amp;</c>, <c>+</c> for a
/// space, percent escapes) without copying it.
/// </summary>
internal ref struct QueryReader
{
    private ReadOnlySpan<byte> rest;

    public QueryReader(ReadOnlySpan<byte> query) => rest = query;

    /// <summary>The name of the current parameter, still encoded.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The value of the current parameter, still encoded; empty where there is no equals sign.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool Next()
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'&');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            Name = equals < 0 ? pair : pair[..equals];
            Value = equals < 0 ? default : pair[(equals + 1)..];
            return true;
        }

        return false;
    }

    /// <summary>The value of the first parameter of this name (plain, case-sensitive), still encoded; false when there is none.</summary>
    public static bool TryGet(ReadOnlySpan<byte> query, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var parameters = new QueryReader(query);
        while (parameters.Next())
        {
            if (DecodedEquals(parameters.Name, name))
            {
                value = parameters.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Whether an encoded text says the same as a plain one.</summary>
    public static bool DecodedEquals(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> plain)
    {
        var length = 0;
        while (!encoded.IsEmpty)
        {
            if (length == plain.Length || Take(ref encoded) != plain[length++])
            {
                return false;
            }
        }

        return length == plain.Length;
    }

    /// <summary>Decodes into a buffer at least as long as the text; says how many bytes came out.</summary>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> target)
    {
        var length = 0;
        while (!encoded.IsEmpty)
        {
            target[length++] = Take(ref encoded);
        }

        return length;
    }

    // A percent sign without two hexadecimal digits stands for itself.
    private static byte Take(ref ReadOnlySpan<byte> encoded)
    {
        var first = encoded[0];
        if (first == '%' && encoded.Length > 2 && Hex(encoded[1]) is var high and >= 0 && Hex(encoded[2]) is var low and >= 0)
        {
            encoded = encoded[3..];
            return (byte)((high << 4) | low);
        }

        encoded = encoded[1..];
        return first == '+' ? (byte)' ' : first;
    }

    private static int Hex(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
