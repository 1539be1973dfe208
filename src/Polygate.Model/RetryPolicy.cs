namespace Polygate.Model;

/// <summary>
/// When an attempt is repeated, on another endpoint where there is one. One attempt's time is
/// <see cref="ForwardAction.BackendTimeout"/>, that of all together <see cref="ForwardAction.RequestTimeout"/>.
/// </summary>
/// <param name="Attempts">Attempts after the first, 1 or more.</param>
public sealed record RetryPolicy(int Attempts)
{
    /// <summary>Response statuses that count as failures.</summary>
    public ValueList<int> Statuses { get; init; }

    /// <summary>Whether a connection that could not be made, or broke before a response byte, counts as a failure.</summary>
    public bool OnConnectionError { get; init; } = true;

    /// <summary>Whether an attempt's timeout counts as a failure.</summary>
    public bool OnTimeout { get; init; }

    /// <summary>Whether an answer that breaks the protocol counts as a failure.</summary>
    public bool OnInvalidAnswer { get; init; }

    /// <summary>Whether methods that RFC 9110 section 9.2.2 does not call idempotent are repeated after a byte was sent.</summary>
    public bool NonIdempotent { get; init; }

    /// <summary>Whether <see cref="NonIdempotent"/> rules over <see cref="Statuses"/> too; otherwise they count for every method.</summary>
    public bool StatusesObeyIdempotence { get; init; }

    /// <summary>The wait before the second attempt, doubled each time up to <see cref="LongestBackoff"/>.</summary>
    public TimeSpan Backoff { get; init; }

    /// <summary>The longest wait; null for no limit.</summary>
    public TimeSpan? LongestBackoff { get; init; }

    /// <summary>Whether each wait is drawn at random from zero to what it would be, so that retries of many clients spread.</summary>
    public bool Jitter { get; init; }

    /// <summary>No attempt begins later than this after the first one did; null for no limit (nginx <c>proxy_next_upstream_timeout</c>).</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>The largest request body that is held for a second attempt; null for the engine's own limit, which is also the most.</summary>
    public long? MaximumBodyBytes { get; init; }

    /// <summary>
    /// Answers that tell when to come back are waited for as long as they say, where that is no more than
    /// <see cref="RetryAfter.Longest"/>; otherwise, and where an answer does not tell, <see cref="Backoff"/> counts. Null for never.
    /// </summary>
    public RetryAfter? RetryAfter { get; init; }

    /// <summary>Which share of a backend's requests may be retries; null for no limit.</summary>
    public RetryBudget? Budget { get; init; }
}

/// <summary>
/// The retries of a backend's requests, over all routes with the same budget, are limited to a share of the requests
/// that came in the last <see cref="Interval"/>, so that an overload is not multiplied. A retry beyond it does not happen:
/// the failure is answered.
/// </summary>
/// <param name="Percent">0 to 100.</param>
public sealed record RetryBudget(double Percent)
{
    /// <summary>Retries a second that are always allowed.</summary>
    public double MinimumPerSecond { get; init; } = 10;

    /// <summary>1 second to 1 hour.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Answered in place of the failure where a retry was due and the budget had none left (Gateway API: 503); null: the failure.</summary>
    public int? ExhaustedStatus { get; init; }
}

/// <summary>Waiting as an answer asks for.</summary>
/// <param name="Longest">A longer wait is not kept.</param>
public sealed record RetryAfter(TimeSpan Longest)
{
    /// <summary>Headers that tell, the first that is there counts; empty: <c>Retry-After</c> (RFC 9110 section 10.2.3).</summary>
    public ValueList<RetryAfterHeader> Headers { get; init; }
}

/// <summary>A header that tells when to come back.</summary>
/// <param name="Name">The header.</param>
/// <param name="IsUnixTime">Whether it holds a point in time (Unix seconds) instead of a number of seconds.</param>
public sealed record RetryAfterHeader(string Name, bool IsUnixTime = false);
