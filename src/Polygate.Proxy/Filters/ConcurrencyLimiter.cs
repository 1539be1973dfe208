using System.Runtime.InteropServices;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters;

/// <summary>Counts what is under way for each key. Thread-safe; as large as what is under way.</summary>
internal sealed class ConcurrencyLimiter
{
    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, int> counts = [];

    /// <summary>The keys that have something under way.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return counts.Count;
        }
    }

    /// <summary>Counts one more; false when there are as many as there may be.</summary>
    public bool TryEnter(UInt128 key, int maximum)
    {
        lock (gate)
        {
            if (maximum <= 0)
                return false;

            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
            if (count >= maximum)
                return false;

            count++;
            return true;
        }
    }

    public void Leave(UInt128 key)
    {
        lock (gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(counts, key);
            if (--count == 0)
                counts.Remove(key);
        }
    }
}

/// <summary>The limiters of all routes, by the route's identity and the filter's place: a new configuration finds the counts of the old.</summary>
internal sealed class ConcurrencyLimiters
{
    private readonly WeakRegistry<ConcurrencyLimiter> limiters = new();

    public ConcurrencyLimiter Get(string id) => limiters.GetOrAdd(id, static _ => new ConcurrencyLimiter());
}
