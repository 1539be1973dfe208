namespace Polygate.Proxy.Forwarding;

/// <summary>
/// Counts values by their size. Written on one loop alone; numbers that are read meanwhile may be a moment old.
/// </summary>
public sealed class Histogram
{
    private static readonly long[] Milliseconds = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];
    private static readonly long[] Bytes = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

    private readonly long[] bounds;
    private readonly long[] buckets;

    private Histogram(long[] bounds)
    {
        this.bounds = bounds;
        buckets = new long[bounds.Length + 1];
    }

    /// <summary>The bounds of durations in milliseconds: those of Prometheus' clients, and two for what takes long.</summary>
    public static ReadOnlySpan<long> DurationBounds => Milliseconds;

    /// <summary>The upper bounds of the buckets, ascending; the last bucket has none.</summary>
    public ReadOnlySpan<long> Bounds => bounds;

    /// <summary>How many values each bucket has; a value is in one alone (they are not cumulative).</summary>
    public ReadOnlySpan<long> Buckets => buckets;

    /// <summary>How many values were counted.</summary>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (var bucket in buckets)
                count += bucket;

            return count;
        }
    }

    /// <summary>All values together.</summary>
    public long Total { get; private set; }

    /// <summary>Adds up histograms with the same bounds.</summary>
    /// <param name="histograms">At least one.</param>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static Histogram Sum(IEnumerable<Histogram> histograms)
    {
        Histogram? sum = null;
        foreach (var histogram in histograms)
        {
            sum ??= new Histogram(histogram.bounds);
            sum.Add(histogram);
        }

        return sum ?? throw new InvalidOperationException("There is no histogram.");
    }

    /// <summary>Of durations in milliseconds.</summary>
    internal static Histogram OfDurations() => new(Milliseconds);

    /// <summary>Of sizes in bytes, with ingress-nginx's <c>--size-buckets</c>.</summary>
    internal static Histogram OfSizes() => new(Bytes);

    /// <summary>Counts a value.</summary>
    internal void Record(long value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
            bucket++;

        buckets[bucket]++;
        Total += value;
    }

    /// <summary>Counts a value where there is one.</summary>
    internal void Record(long? value)
    {
        if (value is { } known)
            Record(known);
    }

    /// <summary>Adds the counts of one with the same bounds.</summary>
    internal void Add(Histogram other)
    {
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] += other.buckets[i];

        Total += other.Total;
    }
}
