namespace Polygate.Model;

/// <summary>
/// Passive checks: an endpoint whose answers to ordinary requests fail is passed over (ejected) for a time. Each rule
/// works by itself; 0 turns one off.
/// </summary>
public sealed record OutlierDetection
{
    /// <summary>Answers in a row with a failure status (see <see cref="FailureStatuses"/>), or failures to get one.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>Answers in a row with 502, 503 or 504, or failures to get one.</summary>
    public int ConsecutiveGatewayErrors { get; init; }

    /// <summary>Failures in a row to get an answer at all: connections that could not be made or broke, timeouts.</summary>
    public int ConsecutiveConnectionErrors { get; init; }

    /// <summary>Timeouts in a row.</summary>
    public int ConsecutiveTimeouts { get; init; }

    /// <summary>The statuses of failures; empty: 500 to 599.</summary>
    public ValueList<int> FailureStatuses { get; init; }

    /// <summary>
    /// Failures within <see cref="Window"/>, in a row or not (nginx <c>max_fails</c> and <c>fail_timeout</c>, Traefik
    /// <c>maxFailedAttempts</c> and <c>failureWindow</c>).
    /// </summary>
    public int FailuresInWindow { get; init; }

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether <see cref="FailuresInWindow"/> counts only failures to get an answer, whatever statuses are.</summary>
    public bool WindowIgnoresStatuses { get; init; }

    /// <summary>Whether a success ends a row of failures; false where they add up until the endpoint is ejected (Kong with <c>successes: 0</c>).</summary>
    public bool SuccessResets { get; init; } = true;

    /// <summary>The first ejection's length.</summary>
    public TimeSpan EjectionTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether an ejection that follows another lasts longer: the n-th n times <see cref="EjectionTime"/>, up to
    /// <see cref="LongestEjection"/>. The count falls by one for each ejection time that passes without one.
    /// </summary>
    public bool EjectionGrows { get; init; } = true;

    public TimeSpan LongestEjection { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Whether ejected endpoints come back only by an active check (<see cref="Backend.HealthCheck"/>) that succeeds.</summary>
    public bool UntilHealthy { get; init; }

    /// <summary>The most endpoints, in percent, ejected at one time by this backend's rules; at least one may always be. 0 to 100.</summary>
    public int MaximumEjectedPercent { get; init; } = 100;

    /// <summary>Ejects endpoints that succeed much less often than the others; null for none.</summary>
    public SuccessRateOutliers? SuccessRate { get; init; }
}

/// <summary>
/// Every <paramref name="Interval"/> the share of successes of each endpoint with enough requests is compared: one
/// below the mean by more than <see cref="Deviations"/> standard deviations is ejected (Envoy's success rate detection).
/// </summary>
public sealed record SuccessRateOutliers(TimeSpan Interval)
{
    /// <summary>Endpoints that must have enough requests.</summary>
    public int MinimumEndpoints { get; init; } = 5;

    /// <summary>Requests in an interval that are enough.</summary>
    public int MinimumRequests { get; init; } = 100;

    public double Deviations { get; init; } = 1.9;
}

/// <summary>
/// A new endpoint, or one that comes back from being unhealthy, gets a growing share of requests: from
/// <see cref="MinimumShare"/> of its weight to all of it.
/// </summary>
/// <param name="Window">How long the growth takes, from the endpoint's first moment on.</param>
public sealed record SlowStart(TimeSpan Window)
{
    /// <summary>1 grows linearly; the share is (age / window) to the power of 1 / aggression (Envoy).</summary>
    public double Aggression { get; init; } = 1;

    /// <summary>0 to 1.</summary>
    public double MinimumShare { get; init; } = 0.1;
}

/// <summary>The most a backend is asked to bear at one time, over all loops of the gateway; 0 is no limit. Beyond it requests are answered 503.</summary>
public sealed record CircuitBreaker
{
    /// <summary>Open connections to all endpoints together.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Requests that wait for a connection to be made.</summary>
    public int MaxPendingRequests { get; init; }

    /// <summary>Requests under way.</summary>
    public int MaxRequests { get; init; }

    /// <summary>Retries under way; a retry beyond it does not happen, and the failure is answered. See also <see cref="RetryBudget"/>.</summary>
    public int MaxRetries { get; init; }

    /// <summary>Requests under way at each endpoint; an endpoint that has them is passed over.</summary>
    public int MaxRequestsPerEndpoint { get; init; }
}
