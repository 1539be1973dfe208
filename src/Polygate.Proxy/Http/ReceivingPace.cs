namespace Polygate.Proxy.Http;

/// <summary>
/// Holds a body to <see cref="HttpLimits.MinimumRequestRate"/>. Only the time spent waiting for the client counts: a slow backend is no fault of its.
/// </summary>
internal struct ReceivingPace
{
    private long waited;
    private long received;

    /// <summary>How long the next wait may take; zero when the client is too slow already.</summary>
    public readonly TimeSpan Allowance(HttpLimits limits)
    {
        if (limits.MinimumRequestRate == 0)
            return limits.BodyTimeout;

        var earned = limits.RateGracePeriod.TotalMilliseconds + (received * 1000.0 / limits.MinimumRequestRate);
        return TimeSpan.FromMilliseconds(Math.Clamp(earned - waited, 0, limits.BodyTimeout.TotalMilliseconds));
    }

    /// <summary>A wait is over.</summary>
    /// <param name="milliseconds">How long it took.</param>
    /// <param name="bytes">What it brought.</param>
    public void Add(long milliseconds, int bytes)
    {
        waited += milliseconds;
        received += bytes;
    }
}
