namespace Polygate.Proxy.Upstreams;

/// <summary>
/// An average of answer times that decays exponentially and rises to a peak at once: a slow answer counts fully, and is forgotten with time.
/// Thread-safe: of two observations at the very same time one may be lost.
/// </summary>
internal sealed class LatencyAverage
{
    private double average;
    private long at;

    /// <summary>Milliseconds; 0 before the first observation.</summary>
    /// <param name="now">Milliseconds.</param>
    /// <param name="decay">After how many milliseconds an observation counts a third (1/e).</param>
    public double At(long now, double decay)
    {
        var elapsed = Math.Max(0, now - Volatile.Read(ref at));
        return Volatile.Read(ref average) * Math.Exp(-elapsed / decay);
    }

    /// <summary>Takes an answer's time into account.</summary>
    public void Observe(double milliseconds, long now, double decay)
    {
        var before = Volatile.Read(ref average);
        var elapsed = Math.Max(0, now - Volatile.Read(ref at));
        var weight = Math.Exp(-elapsed / decay);
        Volatile.Write(ref average, milliseconds > before ? milliseconds : (before * weight) + (milliseconds * (1 - weight)));
        Volatile.Write(ref at, now);
    }
}
