namespace Polygate.Proxy.Routing;

/// <summary>
/// Finds all keys that are a plain prefix of a text: a look into a hash table for each length that keys have. Those looks do not wait for one
/// another, as the steps down a tree do, which counts when the keys are too many for a cache.
/// </summary>
internal sealed class PrefixMap<T>
    where T : class
{
    private readonly ByteMap<T> keys;
    private readonly int[] lengths;

    private PrefixMap(ByteMap<T> keys)
    {
        this.keys = keys;
        lengths = [.. keys.Lengths.Distinct().Order()];
    }

    public static PrefixMap<T> Empty { get; } = new(ByteMap<T>.Empty);

    public int Count => keys.Count;

    public IEnumerable<T> Values => keys.Values;

    /// <summary>How many lengths keys have.</summary>
    public int Lengths => lengths.Length;

    /// <summary>The value of exactly this key.</summary>
    public T? this[ReadOnlySpan<byte> key] => keys.Find(key);

    /// <summary>The map with some keys set (or, where the value is null, removed).</summary>
    public PrefixMap<T> With(IReadOnlyList<KeyValuePair<byte[], T?>> changes) => changes.Count == 0 ? this : new PrefixMap<T>(keys.With(changes));

    /// <summary>The value of the key that the text begins with and that has the length at this place, from the shortest; null for none.</summary>
    /// <param name="text">The same text for one hash.</param>
    /// <param name="place">From 0 to <see cref="Lengths"/>, not descending for one hash.</param>
    /// <param name="hash">A new one for a new text.</param>
    public T? Find(ReadOnlySpan<byte> text, int place, ref ByteHash hash)
    {
        var length = lengths[place];
        return length <= text.Length ? keys.Find(text[..length], hash.OfBeginning(text, length)) : null;
    }
}
