using Polygate.Model;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Health;

/// <summary>What came of a request to an endpoint, as passive checks see it.</summary>
internal enum EndpointResult
{
    /// <summary>An answer, whatever its status.</summary>
    Answered,
    ConnectFailed,
    Broken,
    TimedOut,
}

/// <summary>
/// Passive checks: counts the results of requests to a backend's endpoints and ejects those that fail too often. Thread-safe, without locks; counts
/// of results that come at the very same time may differ by one.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="hasChecks">Whether active checks can bring an endpoint back.</param>
internal sealed class OutlierDetector(OutlierDetection rules, bool hasChecks)
{
    private long nextComparison = long.MinValue;

    /// <summary>Takes a result into account.</summary>
    /// <param name="endpoints">All endpoints of the backend.</param>
    /// <param name="endpoint">Whose result it is.</param>
    /// <param name="result">What came of the request.</param>
    /// <param name="status">The answer's status; 0 without one.</param>
    /// <param name="now">Milliseconds on a clock that never goes back.</param>
    public void Record(IReadOnlyList<UpstreamEndpoint> endpoints, UpstreamEndpoint endpoint, EndpointResult result, int status, long now)
    {
        var counts = endpoint.Failures;
        var noAnswer = result != EndpointResult.Answered;
        var isFailure = noAnswer || (rules.FailureStatuses.IsEmpty ? status is >= 500 and < 600 : rules.FailureStatuses.AsSpan().Contains(status));
        var resets = rules.SuccessResets;
        var isOut = Reached(counts.CountFailure(isFailure, resets), rules.ConsecutiveFailures)
            | Reached(counts.CountGatewayError(noAnswer || status is 502 or 503 or 504, resets), rules.ConsecutiveGatewayErrors)
            | Reached(counts.CountConnectionError(noAnswer, resets), rules.ConsecutiveConnectionErrors)
            | Reached(counts.CountTimeout(result == EndpointResult.TimedOut, resets), rules.ConsecutiveTimeouts);
        if (rules.FailuresInWindow > 0 && (rules.WindowIgnoresStatuses ? noAnswer : isFailure))
            isOut |= Reached(counts.CountInWindow(now, (long)rules.Window.TotalMilliseconds), rules.FailuresInWindow);

        if (rules.SuccessRate is { } rate)
        {
            counts.CountResult(!isFailure);
            Compare(endpoints, rate, now);
        }

        if (isOut)
            Eject(endpoints, endpoint, now);
    }

    private static bool Reached(int count, int limit) => limit > 0 && count >= limit;

    private void Eject(IReadOnlyList<UpstreamEndpoint> endpoints, UpstreamEndpoint endpoint, long now)
    {
        if (endpoint.IsEjectedAt(now))
            return;

        var ejected = 1;
        foreach (var other in endpoints)
            ejected += other.IsEjectedAt(now) ? 1 : 0;

        if (ejected > 1 && ejected * 100L > (long)rules.MaximumEjectedPercent * endpoints.Count)
            return;

        var counts = endpoint.Failures;
        counts.Reset();
        if (rules.UntilHealthy && hasChecks)
        {
            endpoint.EjectUntil(long.MaxValue);
            return;
        }

        var time = Math.Max(1, (long)rules.EjectionTime.TotalMilliseconds);
        var ended = endpoint.EjectedUntil;
        var times = counts.NextEjection(ended == long.MinValue ? long.MaxValue : (now - ended) / time);
        var length = rules.EjectionGrows ? Math.Max(time, Math.Min(time * times, (long)rules.LongestEjection.TotalMilliseconds)) : time;
        endpoint.EjectUntil(now + length);
    }

    /// <summary>Once an interval, by whoever comes first after it.</summary>
    private void Compare(IReadOnlyList<UpstreamEndpoint> endpoints, SuccessRateOutliers rate, long now)
    {
        var due = Volatile.Read(ref nextComparison);
        if (now < due || Interlocked.CompareExchange(ref nextComparison, now + (long)rate.Interval.TotalMilliseconds, due) != due || due == long.MinValue)
            return;

        var shares = new List<(UpstreamEndpoint Endpoint, double Share)>();
        foreach (var endpoint in endpoints)
        {
            var (successes, requests) = endpoint.Failures.TakeInterval();
            if (requests >= Math.Max(1, rate.MinimumRequests))
                shares.Add((endpoint, (double)successes / requests));
        }

        if (shares.Count < rate.MinimumEndpoints || shares.Count == 0)
            return;

        var mean = shares.Average(item => item.Share);
        var deviation = Math.Sqrt(shares.Average(item => (item.Share - mean) * (item.Share - mean)));
        foreach (var (endpoint, share) in shares)
        {
            if (share < mean - (rate.Deviations * deviation))
                Eject(endpoints, endpoint, now);
        }
    }
}
