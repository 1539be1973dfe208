namespace Polygate.Proxy.Http;

/// <summary>Finds where a head ends in what has been received so far, without looking at a byte twice.</summary>
internal struct HeadSearch
{
    private int searched;

    /// <summary>Nothing was looked at yet.</summary>
    public readonly bool IsFresh => searched == 0;

    /// <summary>The length of the head with its empty line, or -1 while that has not been received.</summary>
    public int FindEnd(ReadOnlySpan<byte> received)
    {
        var from = Math.Max(0, searched - 3);
        var index = received[from..].IndexOf("\r\n\r\n"u8);
        if (index >= 0)
            return from + index + 4;

        return -1;
    }

    /// <summary>
    /// To be called when there is no end yet: whether the new bytes hold a line end that is none (a bare CR or LF), so that its sender need
    /// not wait for a time limit to learn it.
    /// </summary>
    public bool HasBareLineEnd(ReadOnlySpan<byte> received)
    {
        var from = Math.Max(0, searched - 1);
        searched = received.Length;
        return BareLineEnd(received, from) >= 0;
    }

    /// <summary>Where it shows that a line end is none: at a bare LF, or behind a bare CR. -1 when all are right so far.</summary>
    public static int BareLineEnd(ReadOnlySpan<byte> received, int from = 0)
    {
        while (true)
        {
            var index = received[from..].IndexOfAny((byte)'\r', (byte)'\n');
            if (index < 0)
                return -1;

            var position = from + index;
            if (received[position] == '\n')
            {
                if (position == 0 || received[position - 1] != '\r')
                    return position;

                from = position + 1;
                continue;
            }

            if (position + 1 == received.Length)
                return -1;

            if (received[position + 1] != '\n')
                return position + 1;

            from = position + 2;
        }
    }

    public void Reset() => searched = 0;
}
