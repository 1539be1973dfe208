using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// Decides whether a request gets another attempt: by the route's policy, the backend's budget and its circuit breaker. Part of an exchange's
/// <see cref="ExchangeState"/>, and reused with it.
/// </summary>
internal sealed class RetryGate
{
    private RetryPolicy? policy;
    private RetryBudgetCounter? budget;
    private RetryBudget? budgetRules;
    private UpstreamCluster? breaker;
    private int left;
    private long began;
    private int waits;
    private bool isRetrying;
    private TimeSpan? asked;

    /// <summary>The answer where a retry was due and the budget had none left; null where the failure is the answer.</summary>
    public int? Refusal { get; private set; }

    /// <summary>Begins with a request.</summary>
    /// <param name="retry">The route's policy; null for none.</param>
    /// <param name="attempts">Attempts after the first.</param>
    /// <param name="cluster">The backend.</param>
    /// <param name="now">On the loop's clock.</param>
    public void Begin(RetryPolicy? retry, int attempts, UpstreamCluster cluster, long now)
    {
        policy = retry;
        left = attempts;
        began = now;
        waits = 0;
        isRetrying = false;
        asked = null;
        breaker = cluster.Backend?.CircuitBreaker is { MaxRetries: > 0 } ? cluster : null;
        Refusal = null;
        budgetRules = retry?.Budget ?? cluster.Backend?.RetryBudget;
        budget = budgetRules is null ? null : cluster.BudgetFor(budgetRules);
        budget?.CountRequest(now);
    }

    /// <summary>Takes one attempt if there may be one; otherwise the failure at hand is the answer.</summary>
    public bool TryTake(long now)
    {
        if (left <= 0 || (policy?.Deadline is { Ticks: > 0 } deadline && now - began >= deadline.TotalMilliseconds))
            return false;

        if (breaker is not null && !isRetrying && !breaker.TryBeginRetry())
            return false;

        isRetrying = breaker is not null;
        if (budget is not null && !budget.TryTakeRetry(now))
        {
            Refusal = budgetRules!.ExhaustedStatus;
            return false;
        }

        left--;
        return true;
    }

    /// <summary>The request is over.</summary>
    public void End()
    {
        if (isRetrying)
            breaker!.EndRetry();

        isRetrying = false;
    }

    /// <summary>Whether an answer of this status is to be thrown away for another attempt, which is then taken.</summary>
    public bool TryTakeFor(ResponseHead response, bool isIdempotent, long now)
    {
        if (policy is null || !policy.Statuses.AsSpan().Contains(response.Status))
            return false;

        if (policy.StatusesObeyIdempotence && !policy.NonIdempotent && !isIdempotent)
            return false;

        if (!TryTake(now))
            return false;

        asked = policy.RetryAfter is null ? null : Asked(response.Headers, policy.RetryAfter);
        return true;
    }

    /// <summary>How long to wait before the attempt that was taken.</summary>
    public TimeSpan NextWait()
    {
        if (policy is null)
            return TimeSpan.Zero;

        if (asked is { } told)
        {
            asked = null;
            return told;
        }

        var wait = policy.Backoff * Math.Pow(2, Math.Min(waits++, 30));
        if (policy.LongestBackoff is { } longest && wait > longest)
            wait = longest;

        return policy.Jitter ? wait * Random.Shared.NextDouble() : wait;
    }

    /// <summary>How long an answer asks to wait; null where it does not, or for too long.</summary>
    private static TimeSpan? Asked(HeaderTable headers, RetryAfter rules)
    {
        if (rules.Headers.IsEmpty)
            return Within(rules, Read(headers, "retry-after"u8, isUnixTime: false));

        foreach (var header in rules.Headers)
        {
            if (Read(headers, Encoding.ASCII.GetBytes(header.Name), header.IsUnixTime) is { } time)
                return Within(rules, time);
        }

        return null;
    }

    private static TimeSpan? Within(RetryAfter rules, TimeSpan? time) => time >= TimeSpan.Zero && time <= rules.Longest ? time : null;

    private static TimeSpan? Read(HeaderTable headers, ReadOnlySpan<byte> name, bool isUnixTime)
    {
        if (!headers.TryGet(name, out var value))
            return null;

        if (Utf8Parser.TryParse(value, out long number, out var read) && read == value.Length)
            return isUnixTime ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(number, 0, 253_402_300_799)) - DateTimeOffset.UtcNow : TimeSpan.FromSeconds(Math.Clamp(number, 0, 1_000_000));

        // RFC 9110 section 10.2.3: a date is as good.
        return DateTimeOffset.TryParseExact(Encoding.ASCII.GetString(value), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date - DateTimeOffset.UtcNow
            : null;
    }
}
