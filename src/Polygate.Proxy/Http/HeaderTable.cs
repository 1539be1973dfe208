using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>
/// The header fields of one message: names and values as bytes in one buffer, in the order received. Reused from
/// message to message, so that the steady state allocates nothing.
/// </summary>
public sealed class HeaderTable
{
    private byte[] bytes = new byte[1024];
    private int used;
    private Entry[] entries = new Entry[24];

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
            {
                return i;
            }
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

    /// <summary>Appends a field line. Name and value must not point into this table.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Count == entries.Length)
        {
            Array.Resize(ref entries, entries.Length * 2);
        }

        var nameStart = Write(name);
        var valueStart = Write(value);
        entries[Count++] = new Entry(nameStart, name.Length, valueStart, value.Length);
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
        entries[index] = entries[index] with { ValueStart = Write(value), ValueLength = value.Length };
    }

    /// <summary>Removes every field line of this name; says how many.</summary>
    public int Remove(ReadOnlySpan<byte> name) => RemoveFrom(name, 0);

    /// <summary>Removes one field line.</summary>
    public void RemoveAt(int index)
    {
        Array.Copy(entries, index + 1, entries, index, Count - index - 1);
        Count--;
    }

    /// <summary>Empties the table and keeps its buffers.</summary>
    public void Clear()
    {
        Count = 0;
        used = 0;
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

    private int Write(ReadOnlySpan<byte> text)
    {
        if (bytes.Length - used < text.Length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + text.Length));
        }

        text.CopyTo(bytes.AsSpan(used));
        var start = used;
        used += text.Length;
        return start;
    }

    private readonly record struct Entry(int NameStart, int NameLength, int ValueStart, int ValueLength);
}
