using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Polygate.Proxy.Routing;

/// <summary>
/// An immutable hash table from text as bytes to a value: found with a span, without a string. Open addressing with linear probing, at most
/// half full; the texts lie one after the other. A lookup so waits for memory once, at its slot: the text and the value that the slot names
/// are fetched at the same time. A large table is cut into parts by the first bits of the hash, and these lie on pages: a change copies the parts
/// that it is in and their pages, a few kilobytes of however many.
/// </summary>
internal sealed class ByteMap<T>
    where T : class
{
    /// <summary>How many entries a part has on average, at most.</summary>
    private const int LargestPart = 32;

    /// <summary>How many bits of a part's number tell its place on a page.</summary>
    private const int PageBits = 5;

    private const int PageMask = (1 << PageBits) - 1;

    /// <summary>The parts, of a power of two in number.</summary>
    private readonly Part[][] pages;

    /// <summary>How far a hash is shifted to give the number of its part.</summary>
    private readonly int shift;

    private ByteMap(Part[][] pages, int shift, int count)
    {
        this.pages = pages;
        this.shift = shift;
        Count = count;
    }

    public static ByteMap<T> Empty { get; } = new([[Part.Empty]], 32, 0);

    public int Count { get; }

    public IEnumerable<T> Values => Parts.SelectMany(part => part.Slots).Where(slot => slot.Value is not null).Select(slot => slot.Value!);

    /// <summary>How long each key is.</summary>
    public IEnumerable<int> Lengths => Parts.SelectMany(part => part.Slots).Where(slot => slot.Value is not null).Select(slot => slot.Length);

    private IEnumerable<Part> Parts => pages.SelectMany(page => page);

    public T? Find(ReadOnlySpan<byte> key) => Find(key, ByteHash.Compute(key));

    /// <inheritdoc cref="Find(ReadOnlySpan{byte})"/>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    public T? Find(ReadOnlySpan<byte> key, uint hash)
    {
        var number = PartOf(hash, shift);
        ref readonly var part = ref pages[number >> PageBits][number & PageMask];
        var slots = part.Slots;
        if (slots.Length == 0)
        {
            return null;
        }

        var mask = slots.Length - 1;
        for (var i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            ref var slot = ref slots[i];
            if (slot.Value is null)
            {
                return null;
            }

            if (slot.Hash == hash && part.KeyOf(slot).SequenceEqual(key))
            {
                return slot.Value;
            }
        }
    }

    /// <summary>The table with some keys set (or, where the value is null, removed).</summary>
    /// <param name="changes">Each key once.</param>
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
        var changed = next == this ? [.. pages] : next.pages;
        var count = Count;
        if (changes.Count == 1)
        {
            var entry = EntryOf(changes[0]);
            Change(PartOf(entry.Hash, next.shift), [entry]);
        }
        else
        {
            foreach (var group in changes.Select(EntryOf).GroupBy(entry => PartOf(entry.Hash, next.shift)))
            {
                Change(group.Key, [.. group]);
            }
        }

        return count == 0 ? Empty : new ByteMap<T>(changed, next.shift, count);

        void Change(int number, List<Entry> entries)
        {
            ref var page = ref changed[number >> PageBits];
            page = [.. page];
            ref var part = ref page[number & PageMask];
            var before = part.Count;
            part = part.With(entries);
            count += part.Count - before;
        }
    }

    private static Entry EntryOf(KeyValuePair<byte[], T?> change) => new(ByteHash.Compute(change.Key), change.Key, change.Value);

    private static int PartOf(uint hash, int shift) => (int)((ulong)hash >> shift);

    /// <summary>The same entries in another number of parts.</summary>
    private ByteMap<T> Divided(int newShift)
    {
        var divided = new Part[1 << (32 - newShift)];
        Array.Fill(divided, Part.Empty);
        foreach (var group in Parts.SelectMany(part => part.Entries).GroupBy(entry => PartOf(entry.Hash, newShift)))
        {
            divided[group.Key] = Part.Of([.. group]);
        }

        return new ByteMap<T>([.. divided.Chunk(1 << PageBits)], newShift, Count);
    }

    /// <summary>A text with its value, or null where it is to be removed.</summary>
    private readonly record struct Entry(uint Hash, ReadOnlyMemory<byte> Key, T? Value);

    /// <summary>A table with the texts of its slots.</summary>
    private readonly struct Part(Slot[] slots, byte[] texts)
    {
        public static readonly Part Empty = new([], []);

        /// <summary>Of a power of two in number, or none.</summary>
        public readonly Slot[] Slots = slots;

        private readonly byte[] texts = texts;

        public int Count
        {
            get
            {
                var count = 0;
                foreach (ref readonly var slot in Slots.AsSpan())
                {
                    count += slot.Value is null ? 0 : 1;
                }

                return count;
            }
        }

        public IEnumerable<Entry> Entries
        {
            get
            {
                var all = texts;
                return Slots.Where(slot => slot.Value is not null).Select(slot => new Entry(slot.Hash, all.AsMemory(slot.Start, slot.Length), slot.Value));
            }
        }

        public ReadOnlySpan<byte> KeyOf(in Slot slot) => texts.AsSpan(slot.Start, slot.Length);

        public static Part Of(List<Entry> entries)
        {
            if (entries.Count == 0)
            {
                return Empty;
            }

            var slots = new Slot[(int)BitOperations.RoundUpToPowerOf2((uint)entries.Count * 2)];
            var texts = new byte[entries.Sum(entry => entry.Key.Length)];
            var mask = slots.Length - 1;
            var end = 0;
            foreach (var entry in entries)
            {
                var i = (int)entry.Hash & mask;
                while (slots[i].Value is not null)
                {
                    i = (i + 1) & mask;
                }

                entry.Key.Span.CopyTo(texts.AsSpan(end));
                slots[i] = new Slot(entry.Hash, end, entry.Key.Length, entry.Value!);
                end += entry.Key.Length;
            }

            return new Part(slots, texts);
        }

        public Part With(List<Entry> changes)
        {
            if (Replaced(changes) is { } replaced)
            {
                return replaced;
            }

            var all = changes.FindAll(change => change.Value is not null);
            all.AddRange(Entries.Where(entry => !changes.Exists(change => change.Hash == entry.Hash && change.Key.Span.SequenceEqual(entry.Key.Span))));
            return Of(all);
        }

        /// <summary>With other values of texts that it has, which is what most changes are; null when they are more than that.</summary>
        private Part? Replaced(List<Entry> changes)
        {
            var replaced = (Slot[])Slots.Clone();
            foreach (var change in changes)
            {
                var i = change.Value is null ? -1 : IndexOf(change);
                if (i < 0)
                {
                    return null;
                }

                replaced[i] = new Slot(change.Hash, replaced[i].Start, replaced[i].Length, change.Value!);
            }

            return new Part(replaced, texts);
        }

        private int IndexOf(Entry entry)
        {
            for (var i = 0; i < Slots.Length; i++)
            {
                if (Slots[i].Value is not null && Slots[i].Hash == entry.Hash && KeyOf(Slots[i]).SequenceEqual(entry.Key.Span))
                {
                    return i;
                }
            }

            return -1;
        }
    }

    private readonly struct Slot(uint hash, int start, int length, T value)
    {
        public readonly uint Hash = hash;
        public readonly int Start = start;
        public readonly int Length = length;

        /// <summary>Null in a slot that is free.</summary>
        public readonly T? Value = value;
    }
}

/// <summary>
/// A fast hash of short texts, and of one text's beginnings one after the other. Keys come from the configuration, so it need not resist
/// an attacker's choice.
/// </summary>
internal struct ByteHash()
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    /// <summary>Of the whole words so far.</summary>
    private ulong words = Multiplier;
    private int done;

    public static uint Compute(ReadOnlySpan<byte> text) => new ByteHash().OfBeginning(text, text.Length);

    /// <summary>The hash of the first bytes of a text.</summary>
    /// <param name="text">The same each time.</param>
    /// <param name="length">Not less than the last time.</param>
    public uint OfBeginning(ReadOnlySpan<byte> text, int length)
    {
        for (; length - done >= 8; done += 8)
        {
            words = Mix(words ^ BinaryPrimitives.ReadUInt64LittleEndian(text[done..]));
        }

        return (uint)(Mix(words ^ Rest(text[done..length]) ^ ((ulong)length << 56)) >> 32);
    }

    /// <summary>Up to seven bytes; together with the length of the text no two are the same.</summary>
    private static ulong Rest(ReadOnlySpan<byte> rest) => rest.Length switch
    {
        0 => 0,

        // Overlapping reads.
        >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(rest) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(rest[^4..]) << 32),
        _ => (uint)(rest[0] | (rest[rest.Length >> 1] << 8) | (rest[^1] << 16)),
    };

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
