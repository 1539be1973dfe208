namespace Polygate.Proxy.Grpc;

/// <summary>Reads messages in the protocol buffers wire format, field by field. Malformed input ends the reading and is told.</summary>
internal ref struct ProtobufReader
{
    private ReadOnlySpan<byte> rest;

    public ProtobufReader(ReadOnlySpan<byte> message) => rest = message;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>The current field's number; 0 for other types.</summary>
    public ulong Number { get; private set; }

    /// <summary>The current field's text, bytes or message; empty for other types.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether what was read cannot be a message.</summary>
    public bool IsMalformed { get; private set; }

    public bool Next()
    {
        if (rest.IsEmpty || IsMalformed)
            return false;

        Number = 0;
        Bytes = default;
        if (!TryVarint(out var tag) || tag >> 3 is 0 or > 0x1FFFFFFF)
            return Malformed();

        Field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                if (!TryVarint(out var number))
                    return Malformed();

                Number = number;
                return true;
            case 1:
                return TrySkip(8) || Malformed();
            case 2:
                if (!TryVarint(out var length) || length > (ulong)rest.Length)
                    return Malformed();

                Bytes = rest[..(int)length];
                rest = rest[(int)length..];
                return true;
            case 5:
                return TrySkip(4) || Malformed();
            default:
                return Malformed();
        }
    }

    private bool Malformed()
    {
        IsMalformed = true;
        return false;
    }

    private bool TrySkip(int count)
    {
        if (rest.Length < count)
            return false;

        rest = rest[count..];
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
