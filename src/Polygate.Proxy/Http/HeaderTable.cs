using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>
/// The header fields of one message: names and values as bytes in one buffer, in the order received. Reused from
/// message to message, so that the steady state allocates nothing.
/// </summary>
/// <remarks>
/// Every field stands in the buffer as it stands on the wire (<c>name: value CRLF</c>, or with other white space as it was received), so that
/// neighbours are written out together.
/// </remarks>
public sealed class HeaderTable
{
    private byte[] bytes = new byte[1024];
    private int used;
    private Entry[] entries = new Entry[24];
    private ulong seen;

    // The lines of the section that was taken last, whose bytes stand at the beginning of the buffer until others are written there.
    private Entry[] earlier = [];
    private int earlierCount;
    private int earlierBytes;
    private ulong earlierSeen;

    // How many lines of the section that is being read were compared with those, and how many were found in their places.
    private int compared;
    private int repeated;

    /// <summary>The number of field lines.</summary>
    public int Count { get; private set; }

    /// <summary>The name of a field line, as received. Valid until the table is changed.</summary>
    public ReadOnlySpan<byte> Name(int index) => bytes.AsSpan(entries[index].NameStart, entries[index].NameLength);

    /// <summary>The value of a field line, without surrounding white space. Valid until the table is changed.</summary>
    public ReadOnlySpan<byte> Value(int index) => bytes.AsSpan(entries[index].ValueStart, entries[index].ValueLength);

    /// <summary>The first field line of this name (any case) at or after <paramref name="from"/>, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name, int from = 0)
    {
        for (var i = from; i < Count; i++)
        {
            if (entries[i].NameLength == name.Length && Ascii.EqualsIgnoreCase(Name(i), name))
                return i;
        }

        return -1;
    }

    public bool Contains(ReadOnlySpan<byte> name) => IndexOf(name) >= 0;

    /// <summary>The value of the first field line of this name; false when there is none.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        value = index < 0 ? default : Value(index);
        return index >= 0;
    }

    /// <summary>Appends a field line.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Count == entries.Length)
            Array.Resize(ref entries, entries.Length * 2);

        entries[Count++] = WriteLine(name, value);
    }

    /// <summary>Makes the table say this value, once, for this name, in the place of its first field line or at the end.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        if (index < 0)
        {
            Add(name, value);
            return;
        }

        RemoveFrom(name, index + 1);
        entries[index] = WriteLine(name, value);
    }

    /// <summary>Removes every field line of this name; says how many.</summary>
    public int Remove(ReadOnlySpan<byte> name) => RemoveFrom(name, 0);

    /// <summary>Removes one field line.</summary>
    public void RemoveAt(int index)
    {
        entries.AsSpan((index + 1)..Count).CopyTo(entries.AsSpan(index));
        Count--;
    }

    /// <summary>Empties the table and keeps its buffers.</summary>
    public void Clear()
    {
        Count = 0;
        used = 0;
        seen = 0;
        compared = 0;
        repeated = 0;
    }

    /// <summary>At most this many bytes are written by <see cref="WriteTo"/>.</summary>
    internal int WireSize => used + (Count * 4);

    /// <summary>Which field the line is, where the engine knows it.</summary>
    internal KnownHeader Known(int index) => entries[index].Known;

    /// <summary>The first line of a field at or after <paramref name="from"/>, or -1.</summary>
    internal int IndexOf(KnownHeader header, int from = 0)
    {
        if ((seen & KnownHeaders.Mask(header)) == 0)
            return -1;

        for (var i = from; i < Count; i++)
        {
            if (entries[i].Known == header)
                return i;
        }

        return -1;
    }

    internal bool Contains(KnownHeader header) => IndexOf(header) >= 0;

    /// <summary>Whether there may be a line of one of the fields in a mask.</summary>
    internal bool ContainsAny(ulong mask) => (seen & mask) != 0;

    /// <summary>Removes every line of the fields in a mask.</summary>
    internal void RemoveAll(ulong mask)
    {
        if (!ContainsAny(mask))
            return;

        for (var i = Count - 1; i >= 0; i--)
        {
            if (entries[i].Known != KnownHeader.Unknown && (mask & KnownHeaders.Mask(entries[i].Known)) != 0)
                RemoveAt(i);
        }

        seen &= ~mask;
    }

    /// <summary>Appends all lines of another table.</summary>
    internal void Append(HeaderTable other)
    {
        while (Count + other.Count > entries.Length)
            Array.Resize(ref entries, entries.Length * 2);

        var shift = used;
        other.bytes.AsSpan(0, other.used).CopyTo(Reserve(other.used));
        used += other.used;
        for (var i = 0; i < other.Count; i++)
        {
            ref var entry = ref other.entries[i];
            entries[Count++] = entry with { NameStart = entry.NameStart + shift, ValueStart = entry.ValueStart + shift };
        }

        seen |= other.seen;
    }

    /// <summary>
    /// Takes a section that is, to the byte, the one before and followed by its empty line: then nothing of it needs reading. Connections that are kept
    /// open say mostly the same again and again.
    /// </summary>
    /// <param name="received">The section, its empty line, and whatever follows.</param>
    /// <param name="length">The length of the section without its empty line.</param>
    internal bool TryRepeat(ReadOnlySpan<byte> received, out int length)
    {
        length = earlierBytes;
        if (earlierCount == 0 || !received[Math.Min(length, received.Length)..].StartsWith("\r\n"u8) || !received.StartsWith(bytes.AsSpan(0, length)))
            return false;

        if (entries.Length < earlierCount)
            Array.Resize(ref entries, earlier.Length);

        earlier.AsSpan(0, earlierCount).CopyTo(entries);
        Count = earlierCount;
        used = earlierBytes;
        seen = earlierSeen;
        repeated = Count;
        return true;
    }

    /// <summary>
    /// Whether a line of a section is, to the byte, the one that stood in its turn in the section before: then it needs no reading either.
    /// </summary>
    /// <param name="section">The section.</param>
    /// <param name="position">Where the line begins.</param>
    /// <param name="line">The line, as it was read then.</param>
    /// <param name="end">Where the next line begins.</param>
    internal bool TryRepeat(ReadOnlySpan<byte> section, int position, out Entry line, out int end)
    {
        if (compared < earlierCount)
        {
            ref readonly var before = ref earlier[compared++];
            var length = before.ValueStart + before.ValueLength + 2 - before.NameStart;
            if (before.IsWireForm && length <= section.Length - position
                && section.Slice(position, length).SequenceEqual(bytes.AsSpan(before.NameStart, length)))
            {
                var shift = position - before.NameStart;
                repeated += shift == 0 ? 1 : 0;
                line = before with { NameStart = position, ValueStart = before.ValueStart + shift };
                end = position + length;
                return true;
            }
        }

        line = default;
        end = 0;
        return false;
    }

    /// <summary>Tells a line of a received section, whose bytes <see cref="TakeBytes"/> takes when all lines are told.</summary>
    internal void AddLine(in Entry line)
    {
        if (Count == entries.Length)
            Array.Resize(ref entries, entries.Length * 2);

        seen |= KnownHeaders.Mask(line.Known);
        entries[Count++] = line;
    }

    /// <summary>Takes the bytes of the section that the lines were told of.</summary>
    internal void TakeBytes(ReadOnlySpan<byte> section)
    {
        // All of it stands there already.
        if (repeated == Count && Count == earlierCount)
        {
            used = section.Length;
            return;
        }

        section.CopyTo(Reserve(section.Length));
        used = section.Length;
        if (earlier.Length < Count)
            earlier = new Entry[entries.Length];

        entries.AsSpan(0, Count).CopyTo(earlier);
        earlierCount = Count;
        earlierBytes = used;
        earlierSeen = seen;
    }

    /// <summary>Appends a line of a field that the engine knows.</summary>
    /// <param name="header">Which field it is.</param>
    /// <param name="name">Its name, with a colon and a space.</param>
    /// <param name="value">Its value.</param>
    internal void Add(KnownHeader header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Count == entries.Length)
            Array.Resize(ref entries, entries.Length * 2);

        var start = used;
        var line = Reserve(name.Length + value.Length + 2);
        name.CopyTo(line);
        value.CopyTo(line[name.Length..]);
        line[name.Length + value.Length] = (byte)'\r';
        line[name.Length + value.Length + 1] = (byte)'\n';
        used = start + name.Length + value.Length + 2;
        seen |= KnownHeaders.Mask(header);
        entries[Count++] = new Entry(start, start + name.Length, value.Length, (ushort)(name.Length - 2), header, IsWireForm: true);
    }

    /// <summary>The lines that were added last, to be appended to other tables.</summary>
    /// <param name="from">The first of them.</param>
    internal PreparedFields Prepare(int from)
    {
        var start = entries[from].NameStart;
        var lines = entries.AsSpan(from, Count - from).ToArray();
        var mask = 0ul;
        foreach (ref var line in lines.AsSpan())
        {
            line = line with { NameStart = line.NameStart - start, ValueStart = line.ValueStart - start };
            mask |= KnownHeaders.Mask(line.Known);
        }

        return new PreparedFields(bytes.AsSpan(start, used - start).ToArray(), lines, mask);
    }

    /// <summary>Appends lines that were prepared.</summary>
    internal void Append(PreparedFields fields)
    {
        while (Count + fields.Entries.Length > entries.Length)
            Array.Resize(ref entries, entries.Length * 2);

        var shift = used;
        fields.Bytes.CopyTo(Reserve(fields.Bytes.Length));
        used += fields.Bytes.Length;
        foreach (ref readonly var entry in fields.Entries.AsSpan())
            entries[Count++] = entry with { NameStart = entry.NameStart + shift, ValueStart = entry.ValueStart + shift };

        seen |= fields.Seen;
    }

    /// <summary>Writes the lines as HTTP/1.1 has them, but for the fields in a mask; says how many bytes.</summary>
    internal int WriteTo(Span<byte> destination, ulong without)
    {
        without &= ~KnownHeaders.Mask(KnownHeader.Unknown);
        var written = 0;

        // Neighbours that stand as they are to be written go out in one piece.
        var runStart = 0;
        var runEnd = 0;
        foreach (ref readonly var entry in entries.AsSpan(0, Count))
        {
            if ((without & KnownHeaders.Mask(entry.Known)) != 0)
                continue;

            if (entry.IsWireForm && entry.NameStart == runEnd)
            {
                runEnd = entry.ValueStart + entry.ValueLength + 2;
                continue;
            }

            written += WriteRun(destination[written..], runStart, runEnd);
            runStart = runEnd = 0;
            if (entry.IsWireForm)
            {
                runStart = entry.NameStart;
                runEnd = entry.ValueStart + entry.ValueLength + 2;
            }
            else
            {
                written += WriteField(
                    destination[written..], bytes.AsSpan(entry.NameStart, entry.NameLength), bytes.AsSpan(entry.ValueStart, entry.ValueLength));
            }
        }

        return written + WriteRun(destination[written..], runStart, runEnd);
    }

    private int WriteRun(Span<byte> destination, int start, int end)
    {
        bytes.AsSpan(start, end - start).CopyTo(destination);
        return end - start;
    }

    /// <summary>Writes one field line; says how many bytes.</summary>
    internal static int WriteField(Span<byte> destination, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        name.CopyTo(destination);
        destination[name.Length] = (byte)':';
        destination[name.Length + 1] = (byte)' ';
        value.CopyTo(destination[(name.Length + 2)..]);
        var end = name.Length + 2 + value.Length;
        destination[end] = (byte)'\r';
        destination[end + 1] = (byte)'\n';
        return end + 2;
    }

    private int RemoveFrom(ReadOnlySpan<byte> name, int from)
    {
        var removed = 0;
        for (var i = IndexOf(name, from); i >= 0; i = IndexOf(name, i))
        {
            RemoveAt(i);
            removed++;
        }

        return removed;
    }

    private Entry WriteLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var start = used;
        var length = name.Length + value.Length + 4;
        used += WriteField(Reserve(length), name, value);
        var known = KnownHeaders.Recognise(name);
        seen |= KnownHeaders.Mask(known);
        return new Entry(start, start + name.Length + 2, value.Length, (ushort)name.Length, known, IsWireForm: true);
    }

    /// <summary>Room at the end. A larger array takes the place of the old one, which spans into it keep alive and unchanged.</summary>
    private Span<byte> Reserve(int length)
    {
        if (used < earlierBytes)
            earlierCount = earlierBytes = 0;

        if (bytes.Length - used < length)
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + length));

        return bytes.AsSpan(used);
    }

    /// <summary>Field lines that many messages have in common.</summary>
    internal sealed record PreparedFields(byte[] Bytes, Entry[] Entries, ulong Seen);

    internal readonly record struct Entry(int NameStart, int ValueStart, int ValueLength, ushort NameLength, KnownHeader Known, bool IsWireForm);
}
