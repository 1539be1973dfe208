using System.Runtime.InteropServices;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters;

/// <summary>Token buckets by client. Thread-safe; bounded: when there are too many, buckets that are full again go first, then any.</summary>
internal sealed class RateLimiter
{
    /// <summary>The most clients remembered.</summary>
    public const int MostKeys = 100_000;

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, Bucket> buckets = [];

    /// <summary>The clients remembered.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return buckets.Count;
            }
        }
    }

    /// <summary>Takes a token of a client's bucket; false when there is none.</summary>
    /// <param name="key">The client.</param>
    /// <param name="perMillisecond">Tokens that flow in.</param>
    /// <param name="burst">Tokens that a full bucket holds.</param>
    /// <param name="now">Milliseconds on a clock that never goes back.</param>
    public bool TryTake(UInt128 key, double perMillisecond, double burst, long now)
    {
        lock (gate)
        {
            if (buckets.Count >= MostKeys && !buckets.ContainsKey(key))
            {
                MakeRoom(perMillisecond, burst, now);
            }

            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(buckets, key, out var known);
            var tokens = known ? bucket.TokensAt(now, perMillisecond, burst) : burst;
            var taken = tokens >= 1;
            bucket = new Bucket(taken ? tokens - 1 : tokens, now);
            return taken;
        }
    }

    private void MakeRoom(double perMillisecond, double burst, long now)
    {
        foreach (var (key, bucket) in buckets)
        {
            if (bucket.TokensAt(now, perMillisecond, burst) >= burst)
            {
                buckets.Remove(key);
            }
        }

        // A tenth at once, so that a flood of new clients does not sweep the table for each of them.
        foreach (var key in buckets.Keys.Take(Math.Max(0, buckets.Count - (MostKeys * 9 / 10))).ToList())
        {
            buckets.Remove(key);
        }
    }

    private readonly record struct Bucket(double Tokens, long At)
    {
        public double TokensAt(long now, double perMillisecond, double burst) => Math.Min(burst, Tokens + ((now - At) * perMillisecond));
    }
}

/// <summary>The limiters of all routes, by the route's identity and the filter's place: a new configuration finds the counts of the old.</summary>
internal sealed class RateLimiters
{
    private readonly WeakRegistry<RateLimiter> limiters = new();

    public RateLimiter Get(string id) => limiters.GetOrAdd(id, static _ => new RateLimiter());
}
