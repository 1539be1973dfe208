namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>
/// A token bucket for requests to the API server. Where it may grow, it follows how the server answers: one a second more for each quick answer,
/// back for slow ones, half for refusals (additive increase, multiplicative decrease). Safe to use from several threads.
/// </summary>
internal sealed class RateLimit
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(100);

    private readonly double least;
    private readonly double most;
    private readonly double burst;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private double perSecond;
    private double tokens;
    private long filled;

    /// <param name="perSecond">How many in the long run.</param>
    /// <param name="burst">How many at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="most">How many in the long run while the server answers quickly; null for no more than <paramref name="perSecond"/>.</param>
    public RateLimit(double perSecond, double burst, TimeProvider time, double? most = null)
    {
        this.perSecond = least = perSecond;
        this.most = most ?? perSecond;
        this.burst = burst;
        this.time = time;
        tokens = burst;
        filled = time.GetTimestamp();
    }

    /// <summary>How many a second are let through now.</summary>
    public double PerSecond
    {
        get
        {
            lock (gate)
            {
                return perSecond;
            }
        }
    }

    /// <summary>Hears how long the server took.</summary>
    public void Answered(TimeSpan took)
    {
        lock (gate)
        {
            perSecond = took <= Quick ? Math.Min(most, perSecond + 1) : Math.Max(least, perSecond * 0.9);
        }
    }

    /// <summary>Hears that the server had too much to do, or gave no answer.</summary>
    public void Refused()
    {
        lock (gate)
        {
            perSecond = Math.Max(least, perSecond / 2);
        }
    }

    /// <summary>Waits for a token.</summary>
    public Task WaitAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (gate)
        {
            var now = time.GetTimestamp();
            tokens = Math.Min(burst, tokens + (time.GetElapsedTime(filled, now).TotalSeconds * perSecond)) - 1;
            filled = now;
            wait = tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-tokens / perSecond);
        }

        return wait == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(wait, time, cancellation);
    }
}
