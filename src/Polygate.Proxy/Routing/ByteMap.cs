using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Polygate.Proxy.Routing;

/// <summary>
/// An immutable hash table from text as bytes to a value: found with a span, without a string. Open addressing with
/// linear probing, at most half full, so that a lookup usually touches one line of memory and the key. A large table is cut into parts by the first bits
/// of the hash: a change copies the parts that it is in.
/// </summary>
internal sealed class ByteMap<T>
    where T : class
{
    /// <summary>How many entries a part has on average, at most.</summary>
    private const int LargestPart = 128;

    /// <summary>Of a power of two in number.</summary>
    private readonly Slot[][] parts;

    /// <summary>How far a hash is shifted to give the number of its part.</summary>
    private readonly int shift;

    private ByteMap(Slot[][] parts, int shift, int count)
    {
        this.parts = parts;
        this.shift = shift;
        Count = count;
    }

    public static ByteMap<T> Empty { get; } = new([[]], 32, 0);

    public int Count { get; }

    public IEnumerable<KeyValuePair<byte[], T>> Entries =>
        Slots.Select(slot => KeyValuePair.Create(slot.Key!, slot.Value!));

    private IEnumerable<Slot> Slots => parts.SelectMany(part => part).Where(slot => slot.Key is not null);

    public T? Find(ReadOnlySpan<byte> key)
    {
        var hash = ByteHash.Compute(key);
        var table = parts[PartOf(hash, shift)];
        if (table.Length == 0)
        {
            return null;
        }

        var mask = table.Length - 1;
        for (var i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            ref var slot = ref table[i];
            if (slot.Key is null)
            {
                return null;
            }

            if (slot.Hash == hash && key.SequenceEqual(slot.Key))
            {
                return slot.Value;
            }
        }
    }

    /// <summary>The table with some keys set (or, where the value is null, removed).</summary>
    public ByteMap<T> With(IReadOnlyList<KeyValuePair<byte[], T?>> changes)
    {
        if (changes.Count == 0)
        {
            return this;
        }

        var wanted = 32;
        for (var most = Count + changes.Count; most > LargestPart; most /= 2)
        {
            wanted--;
        }

        // Parts are made smaller at once, and larger when that is worth while.
        var next = wanted < shift || wanted > shift + 2 ? Divided(wanted) : this;
        var changed = next == this ? [.. parts] : next.parts;
        var count = Count;
        foreach (var group in changes.GroupBy(change => PartOf(ByteHash.Compute(change.Key), next.shift)))
        {
            var before = changed[group.Key];
            var after = With(before, [.. group]);
            changed[group.Key] = after;
            count += Used(after) - Used(before);
        }

        return count == 0 ? Empty : new ByteMap<T>(changed, next.shift, count);
    }

    private static int PartOf(uint hash, int shift) => (int)((ulong)hash >> shift);

    /// <summary>The same entries in another number of parts.</summary>
    private ByteMap<T> Divided(int newShift)
    {
        var divided = new Slot[1 << (32 - newShift)][];
        Array.Fill(divided, []);
        foreach (var group in Slots.GroupBy(slot => PartOf(slot.Hash, newShift)))
        {
            divided[group.Key] = Table([.. group], 0);
        }

        return new ByteMap<T>(divided, newShift, Count);
    }

    private static Slot[] With(Slot[] part, List<KeyValuePair<byte[], T?>> changes)
    {
        var removes = changes.Exists(change => change.Value is null);
        if (!removes && (Used(part) + changes.Count) * 2 <= part.Length)
        {
            return Insert([.. part], changes);
        }

        var touched = new HashSet<byte[]>(changes.Select(change => change.Key), ByteKeyComparer.Instance);
        return Insert(Table([.. part.Where(slot => slot.Key is not null && !touched.Contains(slot.Key))], changes.Count(change => change.Value is not null)), changes);
    }

    private static int Used(Slot[] part) => part.Count(slot => slot.Key is not null);

    /// <summary>A table of these entries with room for more.</summary>
    private static Slot[] Table(List<Slot> entries, int more)
    {
        if (entries.Count + more == 0)
        {
            return [];
        }

        var size = 2;
        while (size < (entries.Count + more) * 2)
        {
            size *= 2;
        }

        var table = new Slot[size];
        entries.ForEach(entry => Place(table, entry));
        return table;
    }

    private static Slot[] Insert(Slot[] table, List<KeyValuePair<byte[], T?>> changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is not null)
            {
                Place(table, new Slot(ByteHash.Compute(key), key, value));
            }
        }

        return table;
    }

    private static void Place(Slot[] table, Slot entry)
    {
        var mask = table.Length - 1;
        for (var i = (int)entry.Hash & mask; ; i = (i + 1) & mask)
        {
            if (table[i].Key is not { } key || (table[i].Hash == entry.Hash && key.AsSpan().SequenceEqual(entry.Key)))
            {
                table[i] = entry;
                return;
            }
        }
    }

    private readonly struct Slot(uint hash, byte[] key, T value)
    {
        public readonly uint Hash = hash;
        public readonly byte[]? Key = key;
        public readonly T? Value = value;
    }
}

/// <summary>A fast hash of short texts. Keys come from the configuration, so it need not resist an attacker's choice.</summary>
internal static class ByteHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    public static uint Compute(ReadOnlySpan<byte> text)
    {
        var hash = (ulong)text.Length * Multiplier;
        while (text.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[8..];
        }

        if (text.Length >= 4)
        {
            // Two overlapping reads cover 4 to 7 bytes; the length is in the hash already.
            var low = BinaryPrimitives.ReadUInt32LittleEndian(text);
            var high = BinaryPrimitives.ReadUInt32LittleEndian(text[^4..]);
            hash = Mix(hash ^ (low | ((ulong)high << 32)));
        }
        else if (text.Length > 0)
        {
            hash = Mix(hash ^ (uint)(text[0] | (text[text.Length >> 1] << 8) | (text[^1] << 16)));
        }

        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong value)
    {
        value *= Multiplier;
        return value ^ (value >> 29);
    }
}

/// <summary>Compares keys by their bytes.</summary>
internal sealed class ByteKeyComparer : IEqualityComparer<byte[]>
{
    public static ByteKeyComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => (int)ByteHash.Compute(obj);
}
