namespace Polygate.Proxy.Http2.Hpack;

/// <summary>The fields that were sent lately (RFC 7541 section 2.3.2), the newest with index 0. Its memory is bounded and never grows.</summary>
/// <param name="capacity">The largest size that <see cref="MaximumSize"/> may have.</param>
internal sealed class DynamicTable(int capacity)
{
    /// <summary>What an entry counts beside its bytes (section 4.1).</summary>
    public const int EntryOverhead = 32;

    /// <summary>Twice what may be in use, so that what is in use has to be moved together only now and then.</summary>
    private readonly byte[] bytes = new byte[2 * capacity];
    private readonly (int Start, int NameLength, int ValueLength)[] entries = new (int, int, int)[Math.Max(1, capacity / EntryOverhead)];
    private int newest = -1;
    private int end;
    private int size;

    public int Count { get; private set; }

    /// <summary>Entries beyond it are dropped, the oldest first (section 4.3).</summary>
    public int MaximumSize { get; private set; } = capacity;

    public ReadOnlySpan<byte> Name(int index)
    {
        var (start, nameLength, _) = EntryAt(index);
        return bytes.AsSpan(start, nameLength);
    }

    public ReadOnlySpan<byte> Value(int index)
    {
        var (start, nameLength, valueLength) = EntryAt(index);
        return bytes.AsSpan(start + nameLength, valueLength);
    }

    /// <param name="maximum">0 to the capacity.</param>
    public void Resize(int maximum)
    {
        MaximumSize = maximum;
        Shrink(maximum);
    }

    /// <summary>Adds a field; one that is larger than the table empties it (section 4.4).</summary>
    /// <param name="name">No part of this table, like <paramref name="value"/>.</param>
    /// <param name="value">Its value.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var needed = name.Length + value.Length + EntryOverhead;
        Shrink(Math.Max(0, MaximumSize - needed));
        if (needed > MaximumSize)
            return;

        if (bytes.Length - end < name.Length + value.Length)
            MoveTogether();

        newest = (newest + 1) % entries.Length;
        entries[newest] = (end, name.Length, value.Length);
        name.CopyTo(bytes.AsSpan(end));
        value.CopyTo(bytes.AsSpan(end + name.Length));
        end += name.Length + value.Length;
        size += needed;
        Count++;
    }

    private ref (int Start, int NameLength, int ValueLength) EntryAt(int index) =>
        ref entries[(newest - index + entries.Length) % entries.Length];

    private void Shrink(int maximum)
    {
        while (size > maximum)
        {
            var (_, nameLength, valueLength) = EntryAt(Count - 1);
            size -= nameLength + valueLength + EntryOverhead;
            Count--;
        }
    }

    private void MoveTogether()
    {
        var first = Count == 0 ? end : EntryAt(Count - 1).Start;
        bytes.AsSpan(first, end - first).CopyTo(bytes);
        for (var i = 0; i < Count; i++)
            EntryAt(i).Start -= first;

        end -= first;
    }
}
