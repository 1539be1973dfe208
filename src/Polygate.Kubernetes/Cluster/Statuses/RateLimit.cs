namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>A token bucket for requests to the API server. Safe to use from several threads.</summary>
internal sealed class RateLimit
{
    private readonly double perSecond;
    private readonly double burst;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private double tokens;
    private long filled;

    /// <param name="perSecond">How many in the long run.</param>
    /// <param name="burst">How many at once.</param>
    /// <param name="time">The clock.</param>
    public RateLimit(double perSecond, double burst, TimeProvider time)
    {
        this.perSecond = perSecond;
        this.burst = burst;
        this.time = time;
        tokens = burst;
        filled = time.GetTimestamp();
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
