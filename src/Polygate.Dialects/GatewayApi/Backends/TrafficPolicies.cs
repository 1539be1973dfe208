using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>Finds and reads XBackendTrafficPolicies.</summary>
internal static class TrafficPolicies
{
    private const int DefaultPercent = 20;

    private const int DefaultCount = 10;

    /// <summary>The policy in force for a backend: the oldest, then the first by name; null for none, and for one that is not valid.</summary>
    /// <param name="lookup">Where policies are found.</param>
    /// <param name="key">The backend's <see cref="GatewayApiIndexes.BackendKey"/>.</param>
    public static Resource<XBackendTrafficPolicy>? InForce(IResourceLookup lookup, string key) =>
        Winner(lookup, key) is { } policy && Problem(policy.Value.Spec) is null ? policy : null;

    /// <summary>The policy that has a backend, valid or not.</summary>
    public static Resource<XBackendTrafficPolicy>? Winner(IResourceLookup lookup, string key) => lookup.Find(GatewayApiIndexes.TrafficPoliciesByBackend, key) is { Count: > 0 } policies
        ? policies.OrderBy(policy => policy.Created).ThenBy(policy => policy.FullName, StringComparer.Ordinal).First()
        : null;

    /// <summary>The budget that a policy gives its backends; null for none. Retries beyond it are answered 503 ("retryConstraint").</summary>
    public static RetryBudget? Budget(XBackendTrafficPolicySpec spec) => spec.RetryConstraint is not { } constraint ? null
        : new RetryBudget(constraint.Budget?.Percent ?? DefaultPercent)
        {
            Interval = Duration(constraint.Budget?.Interval, TimeSpan.FromSeconds(10)),
            MinimumPerSecond = (constraint.MinRetryRate?.Count ?? DefaultCount) / Duration(constraint.MinRetryRate?.Interval, TimeSpan.FromSeconds(1)).TotalSeconds,
            ExhaustedStatus = 503,
        };

    /// <summary>Why a policy cannot be obeyed; null when it can.</summary>
    public static Problem? Problem(XBackendTrafficPolicySpec spec)
    {
        if (spec.RetryConstraint?.Budget is { } budget
            && (budget.Percent is < 0 or > 100 || Duration(budget.Interval, TimeSpan.FromSeconds(10)) is var interval && (interval < TimeSpan.FromSeconds(1) || interval > TimeSpan.FromHours(1))))
        {
            return new Problem("Invalid", "A budget is 0 to 100 percent of the requests in 1s to 1h.", "spec.retryConstraint.budget");
        }

        if (spec.RetryConstraint?.MinRetryRate is { } rate
            && (rate.Count is < 1 or > 1_000_000 || Duration(rate.Interval, TimeSpan.FromSeconds(1)) is var time && (time <= TimeSpan.Zero || time > TimeSpan.FromHours(1))))
        {
            return new Problem("Invalid", "A rate is 1 to 1000000 retries in up to 1h.", "spec.retryConstraint.minRetryRate");
        }

        return RuleChecks.SessionProblem(spec.SessionPersistence, "spec.sessionPersistence") is { } problem ? problem with { Reason = "Invalid" } : null;
    }

    /// <summary>Zero, which no field allows, for what is no duration.</summary>
    private static TimeSpan Duration(string? text, TimeSpan absent) => text is null ? absent : Durations.TryParse(text, out var duration) ? duration : TimeSpan.Zero;
}
