using Polygate.Model;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// Counts a backend's requests and retries over the last while, in ten slices. Thread-safe, without locks: counts at the edge of a slice may be off
/// by those that come at the very same time.
/// </summary>
internal sealed class RetryBudgetCounter(RetryBudget budget)
{
    private const int SliceCount = 10;
    private readonly Slice[] slices = [.. Enumerable.Range(0, SliceCount).Select(_ => new Slice())];
    private readonly long width = Math.Max(1, (long)Math.Clamp(budget.Interval.TotalMilliseconds, 1_000, 3_600_000) / SliceCount);

    /// <summary>Counts a request that came from a client.</summary>
    public void CountRequest(long now) => Interlocked.Increment(ref SliceAt(now).Requests);

    /// <summary>Counts a retry if there may be one more.</summary>
    public bool TryTakeRetry(long now)
    {
        var current = SliceAt(now);
        var oldest = (now / width) - SliceCount + 1;
        var (requests, retries) = (0L, 0L);
        foreach (var slice in slices)
        {
            if (Volatile.Read(ref slice.Number) >= oldest)
            {
                requests += Volatile.Read(ref slice.Requests);
                retries += Volatile.Read(ref slice.Retries);
            }
        }

        var allowed = Math.Max(requests * budget.Percent / 100, budget.MinimumPerSecond * width * SliceCount / 1000.0);
        if (retries + 1 > allowed)
            return false;

        Interlocked.Increment(ref current.Retries);
        return true;
    }

    private Slice SliceAt(long now)
    {
        var number = now / width;
        var slice = slices[number % SliceCount];
        var before = Volatile.Read(ref slice.Number);
        if (before != number && Interlocked.CompareExchange(ref slice.Number, number, before) == before)
        {
            Volatile.Write(ref slice.Requests, 0);
            Volatile.Write(ref slice.Retries, 0);
        }

        return slice;
    }

    private sealed class Slice
    {
        public long Number = -1;
        public int Requests;
        public int Retries;
    }
}
