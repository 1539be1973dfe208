using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Polygate.Proxy.Routing;

/// <summary>
/// An immutable hash table from text as bytes to a value: found with a span, without a string. Open addressing with
/// linear probing, at most half full, so that a lookup usually touches one line of memory and the key.
/// </summary>
internal sealed class ByteMap<T>
    where T : class
{
    private readonly Slot[] slots;

    private ByteMap(Slot[] slots, int count)
    {
        this.slots = slots;
        Count = count;
    }

    public static ByteMap<T> Empty { get; } = new([], 0);

    public int Count { get; }

    public IEnumerable<KeyValuePair<byte[], T>> Entries =>
        slots.Where(slot => slot.Key is not null).Select(slot => KeyValuePair.Create(slot.Key!, slot.Value!));

    public T? Find(ReadOnlySpan<byte> key)
    {
        var table = slots;
        if (table.Length == 0)
        {
            return null;
        }

        var hash = ByteHash.Compute(key);
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

        var removes = changes.Any(change => change.Value is null);
        var larger = (Count + changes.Count) * 2 > slots.Length;
        return removes || larger ? Rebuild(changes) : Insert([.. slots], Count, changes);
    }

    private ByteMap<T> Rebuild(IReadOnlyList<KeyValuePair<byte[], T?>> changes)
    {
        var kept = new List<Slot>(Count);
        if (Count > 0)
        {
            var touched = new HashSet<byte[]>(changes.Select(change => change.Key), ByteKeyComparer.Instance);
            kept.AddRange(slots.Where(slot => slot.Key is not null && !touched.Contains(slot.Key)));
        }

        var size = 2;
        while (size < (kept.Count + changes.Count) * 2)
        {
            size *= 2;
        }

        var table = new Slot[size];
        foreach (var slot in kept)
        {
            Place(table, slot);
        }

        return Insert(table, kept.Count, changes);
    }

    private static ByteMap<T> Insert(Slot[] table, int count, IReadOnlyList<KeyValuePair<byte[], T?>> changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is not null && Place(table, new Slot(ByteHash.Compute(key), key, value)))
            {
                count++;
            }
        }

        return count == 0 ? Empty : new ByteMap<T>(table, count);
    }

    private static bool Place(Slot[] table, Slot entry)
    {
        var mask = table.Length - 1;
        for (var i = (int)entry.Hash & mask; ; i = (i + 1) & mask)
        {
            if (table[i].Key is not { } key)
            {
                table[i] = entry;
                return true;
            }

            if (table[i].Hash == entry.Hash && key.AsSpan().SequenceEqual(entry.Key))
            {
                table[i] = entry;
                return false;
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
