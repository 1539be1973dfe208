namespace Polygate.Proxy.Http;

/// <summary>Reads header and trailer sections: field lines as RFC 9112 section 5 has them, and nothing else.</summary>
internal static class HeaderSection
{
    public const string TooMany = "too many header fields";

    /// <summary>Fills the table with the lines of a section; says what is wrong with it, or null.</summary>
    /// <param name="section">Every line with its line end; without the empty line that closes the section.</param>
    /// <param name="table">Receives the lines.</param>
    /// <param name="maximumCount">More lines are answered with <see cref="TooMany"/>.</param>
    /// <param name="framing">Learns what the lines say.</param>
    public static string? Parse(ReadOnlySpan<byte> section, HeaderTable table, int maximumCount, ref MessageFraming framing)
    {
        table.Load(section);
        var position = 0;
        while (position < section.Length)
        {
            var nameLength = section[position..].IndexOfAnyExcept(HttpCharacters.Token);
            if (nameLength <= 0 || section[position + nameLength] != ':')
                return "malformed header field name";

            var valueStart = position + nameLength + 1;
            if (valueStart < section.Length && section[valueStart] == ' ')
                valueStart++;

            var valueLength = section[valueStart..].IndexOfAny(HttpCharacters.NotInValue);
            var end = valueStart + valueLength;
            if (valueLength < 0 || section[end] != '\r' || end + 1 >= section.Length || section[end + 1] != '\n')
                return "a character that must not stand in a header field";

            if (table.Count == maximumCount)
                return TooMany;

            Trim(section, ref valueStart, ref valueLength);
            var known = table.AddLine(position, nameLength, valueStart, valueLength);
            if (known != KnownHeader.Unknown && framing.Take(known, section.Slice(valueStart, valueLength)) is { } problem)
                return problem;

            position = end + 2;
        }

        if (framing.ListsFields)
            RemoveListed(table);

        return null;
    }

    private static void Trim(ReadOnlySpan<byte> section, ref int start, ref int length)
    {
        while (length > 0 && section[start] is (byte)' ' or (byte)'\t')
        {
            start++;
            length--;
        }

        while (length > 0 && section[start + length - 1] is (byte)' ' or (byte)'\t')
            length--;
    }

    /// <summary>
    /// RFC 9110 section 7.6.1: fields that <c>Connection</c> lists go no further. Done before anything else sees them, so that a client cannot make
    /// a filter's own field disappear. Those the engine knows are dealt with where messages are written.
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
                if (!name.IsEmpty && (KnownHeaders.HopByHop & KnownHeaders.Mask(KnownHeaders.Recognise(name))) == 0)
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
