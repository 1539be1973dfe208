namespace Polygate.Proxy.Http;

/// <summary>Reads header and trailer sections: field lines as RFC 9112 section 5 has them, and nothing else.</summary>
internal static class HeaderSection
{
    public const string TooMany = "too many header fields";

    /// <summary>The fields that <see cref="MessageFraming"/> learns from.</summary>
    private const ulong OfFraming =
        1ul << (int)KnownHeader.ContentLength | 1ul << (int)KnownHeader.TransferEncoding | 1ul << (int)KnownHeader.Connection
        | 1ul << (int)KnownHeader.Te | 1ul << (int)KnownHeader.Expect;

    /// <summary>What is not removed for being listed by <c>Connection</c>.</summary>
    private const ulong Unlisted = KnownHeaders.HopByHop | 1ul << (int)KnownHeader.Host;

    /// <summary>Fills the table with the lines of a section; says what is wrong with it, or null.</summary>
    /// <param name="section">Every line with its line end; without the empty line that closes the section.</param>
    /// <param name="table">Receives the lines; empty when something is wrong.</param>
    /// <param name="maximumCount">More lines are answered with <see cref="TooMany"/>.</param>
    /// <param name="framing">Learns what the lines say.</param>
    public static string? Parse(ReadOnlySpan<byte> section, HeaderTable table, int maximumCount, ref MessageFraming framing) =>
        Finish(section, ReadLines(section, table, maximumCount, ref framing, out var length), length, table, ref framing);

    /// <summary>As the other, for a section that is still open at its end: it is read up to its empty line.</summary>
    /// <param name="received">The section, its empty line, and whatever follows.</param>
    /// <param name="table">Receives the lines; empty when something is wrong.</param>
    /// <param name="maximumCount">More lines are answered with <see cref="TooMany"/>.</param>
    /// <param name="framing">Learns what the lines say.</param>
    /// <param name="length">The length of the section without its empty line.</param>
    /// <returns>What is wrong: that may be no more than that not all of it has come.</returns>
    public static string? Parse(ReadOnlySpan<byte> received, HeaderTable table, int maximumCount, ref MessageFraming framing, out int length)
    {
        table.Clear();
        if (table.TryRepeat(received, out length))
            return Finish(received, TakeFraming(table, maximumCount, ref framing), length, table, ref framing);

        var problem = ReadLines(received, table, maximumCount, ref framing, out length);
        if (received[length..].StartsWith("\r\n"u8))
            problem = null;
        else
            problem ??= "the section does not end";

        return Finish(received, problem, length, table, ref framing);
    }

    /// <summary>What the lines of a repeated section say of the message.</summary>
    private static string? TakeFraming(HeaderTable table, int maximumCount, ref MessageFraming framing)
    {
        if (table.Count > maximumCount)
            return TooMany;

        if (!table.ContainsAny(OfFraming))
            return null;

        for (var i = 0; i < table.Count; i++)
        {
            if ((OfFraming & KnownHeaders.Mask(table.Known(i))) != 0 && framing.Take(table.Known(i), table.Value(i)) is { } problem)
                return problem;
        }

        return null;
    }

    private static string? Finish(ReadOnlySpan<byte> bytes, string? problem, int length, HeaderTable table, ref MessageFraming framing)
    {
        if (problem is not null)
        {
            table.Clear();
            return problem;
        }

        table.TakeBytes(bytes[..length]);
        if (framing.ListsFields)
            RemoveListed(table);

        return null;
    }

    /// <summary>Takes line after line until something is none, which stands at <paramref name="position"/> then; null when all are.</summary>
    private static string? ReadLines(ReadOnlySpan<byte> bytes, HeaderTable table, int maximumCount, ref MessageFraming framing, out int position)
    {
        table.Clear();
        position = 0;
        while (position < bytes.Length)
        {
            // The empty line is none.
            if (bytes[position] == '\r')
                return "malformed header field name";

            if (!table.TryRepeat(bytes, position, out var line, out var end) && ReadLine(bytes, position, out line, out end) is { } malformed)
                return malformed;

            if (table.Count == maximumCount)
                return TooMany;

            table.AddLine(line);
            if ((OfFraming & KnownHeaders.Mask(line.Known)) != 0
                && framing.Take(line.Known, bytes.Slice(line.ValueStart, line.ValueLength)) is { } problem)
            {
                return problem;
            }

            position = end;
        }

        return null;
    }

    /// <summary>Reads one line and its end; says what is wrong with it, or null.</summary>
    private static string? ReadLine(ReadOnlySpan<byte> bytes, int position, out HeaderTable.Entry line, out int end)
    {
        line = default;
        end = 0;
        var colon = FieldScan.TokenEnd(bytes, position);
        if (colon == position || colon >= bytes.Length || bytes[colon] != ':')
            return "malformed header field name";

        var start = colon + 1;
        if (start < bytes.Length && bytes[start] == ' ')
            start++;

        end = FieldScan.ValueEnd(bytes, start);
        if (end + 1 >= bytes.Length || bytes[end] != '\r' || bytes[end + 1] != '\n')
            return "a character that must not stand in a header field";

        var length = end - start;
        var isWireForm = start == colon + 2;
        if (length > 0 && (IsWhiteSpace(bytes[start]) || IsWhiteSpace(bytes[end - 1])))
        {
            isWireForm = false;
            Trim(bytes, ref start, ref length);
        }

        end += 2;
        var known = KnownHeaders.Recognise(bytes[position..colon]);
        line = new HeaderTable.Entry(position, start, length, (ushort)(colon - position), known, isWireForm);
        return null;
    }

    private static bool IsWhiteSpace(byte value) => value is (byte)' ' or (byte)'\t';

    private static void Trim(ReadOnlySpan<byte> bytes, ref int start, ref int length)
    {
        while (length > 0 && IsWhiteSpace(bytes[start]))
        {
            start++;
            length--;
        }

        while (length > 0 && IsWhiteSpace(bytes[start + length - 1]))
            length--;
    }

    /// <summary>
    /// RFC 9110 section 7.6.1: fields that <c>Connection</c> lists go no further. Done before anything else sees them, so that a client cannot make
    /// a filter's own field disappear. Those the engine knows are dealt with where messages are written, and <c>Host</c> is for everybody on the way.
    /// </summary>
    private static void RemoveListed(HeaderTable table)
    {
        // Removing lines moves those behind them: what is listed is told by the bytes, which stay where they are.
        for (var line = 0; line < CountOf(table, KnownHeader.Connection); line++)
        {
            var value = table.Value(Find(table, KnownHeader.Connection, line));
            foreach (var range in value.Split((byte)','))
            {
                var name = HttpCharacters.TrimWhiteSpace(value[range]);
                if (!name.IsEmpty && (Unlisted & KnownHeaders.Mask(KnownHeaders.Recognise(name))) == 0)
                    table.Remove(name);
            }
        }
    }

    private static int CountOf(HeaderTable table, KnownHeader header)
    {
        var count = 0;
        for (var i = table.IndexOf(header); i >= 0; i = table.IndexOf(header, i + 1))
            count++;

        return count;
    }

    private static int Find(HeaderTable table, KnownHeader header, int occurrence)
    {
        var index = table.IndexOf(header);
        for (; occurrence > 0; occurrence--)
            index = table.IndexOf(header, index + 1);

        return index;
    }
}
