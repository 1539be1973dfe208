using System.Text.Json.Serialization.Metadata;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>
/// Finds BackendPolicies and puts them into backends. Of each group a policy for the Service's port comes before one for the whole Service,
/// then the older, then the first by name.
/// </summary>
internal static class BackendPolicies
{
    /// <summary>A backend with what policies say of it; its identity names them.</summary>
    /// <param name="lookup">Where policies are found.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="key">Its <see cref="GatewayApiIndexes.BackendKey"/>.</param>
    /// <param name="port">The name of the Service's port; null for none.</param>
    public static Backend Apply(IResourceLookup lookup, Backend backend, string key, string? port)
    {
        return lookup.Find(GatewayApiIndexes.BackendPoliciesByBackend, key) is { Count: > 0 } policies
            ? Apply([.. Ordered(policies, key, port).Select(entry => entry.Policy)], backend)
            : backend;
    }

    private static Backend Apply(List<Resource<BackendPolicy>> policies, Backend backend)
    {
        var names = new List<string>();
        foreach (var (group, _) in PolicyGroups.OfBackends)
        {
            if (policies.Find(policy => policy.Value.Spec.Groups?.ContainsKey(group) == true) is { } policy && Read(policy, group, backend).Backend is { } changed)
            {
                backend = changed;
                names.Add(policy.Name);
            }
        }

        return names.Count == 0 ? backend : backend with { Id = $"{backend.Id}?policy={string.Join('+', names.Distinct(StringComparer.Ordinal))}" };
    }

    /// <summary>The policy that has exactly this target, for a group.</summary>
    public static Resource<BackendPolicy>? Winner(IResourceLookup lookup, string key, string section, string group) =>
        Ordered(lookup.Find(GatewayApiIndexes.BackendPoliciesByBackend, key), key, section).Where(entry => entry.Section == section).Select(entry => entry.Policy)
            .FirstOrDefault(policy => policy.Value.Spec.Groups?.ContainsKey(group) == true);

    /// <summary>A backend with a group of a policy, or why it cannot be obeyed: the backend is reached as it would be without.</summary>
    public static (Backend? Backend, Problem? Problem) Read(Resource<BackendPolicy> policy, string group, Backend backend) => group switch
    {
        PolicyGroups.CircuitBreaker => With(policy, group, PolicyGroupJson.Default.CircuitBreakerGroup, found => Breaker(found) is { } breaker ? backend with { CircuitBreaker = breaker } : null),
        PolicyGroups.HealthCheck => With(policy, group, PolicyGroupJson.Default.HealthCheckGroup, found => Check(found) is { } check ? backend with { HealthCheck = check } : null),
        PolicyGroups.OutlierDetection => With(policy, group, PolicyGroupJson.Default.OutlierGroup, found => Outliers(found) is { } outliers ? backend with { Outliers = outliers } : null),
        _ => (null, new Problem("Invalid", $"There is no group \"{group}\" in a BackendPolicy.", "spec." + group)),
    };

    private static IEnumerable<(Resource<BackendPolicy> Policy, string Section)> Ordered(IReadOnlyList<Resource<BackendPolicy>> policies, string key, string? port) =>
        policies
            .SelectMany(policy => (policy.Value.Spec.TargetRefs ?? [])
                .Where(target => GatewayApiIndexes.BackendKey(target.Group, target.Kind, policy.Namespace, target.Name) == key)
                .Select(target => (Policy: policy, Section: target.SectionName ?? "")))
            .Where(entry => entry.Section.Length == 0 || entry.Section == port)
            .OrderBy(entry => entry.Section.Length == 0)
            .ThenBy(entry => entry.Policy.Created)
            .ThenBy(entry => entry.Policy.FullName, StringComparer.Ordinal);

    private static (Backend?, Problem?) With<T>(Resource<BackendPolicy> policy, string group, JsonTypeInfo<T> type, Func<T, Backend?> apply)
        where T : class
    {
        var (value, problem) = PolicyGroups.Read(policy.Value.Spec.Groups, group, type);
        return value is null ? (null, problem)
            : apply(value) is { } backend ? (backend, null)
            : (null, new Problem("Invalid", $"The group {group} has a value out of its range.", "spec." + group));
    }

    private static CircuitBreaker? Breaker(CircuitBreakerGroup group) =>
        group is { MaxConnections: < 1 } or { MaxPendingRequests: < 1 } or { MaxRequests: < 1 } or { MaxRetries: < 1 } or { MaxRequestsPerEndpoint: < 1 }
            ? null
            : new CircuitBreaker
            {
                MaxConnections = group.MaxConnections ?? 0,
                MaxPendingRequests = group.MaxPendingRequests ?? 0,
                MaxRequests = group.MaxRequests ?? 0,
                MaxRetries = group.MaxRetries ?? 0,
                MaxRequestsPerEndpoint = group.MaxRequestsPerEndpoint ?? 0,
            };

    private static HealthCheck? Check(HealthCheckGroup group)
    {
        HealthCheck? check = group.Type switch
        {
            null or "HTTP" when group.Path is null || group.Path.StartsWith('/') =>
                new HttpHealthCheck { Path = group.Path ?? "/", Host = group.Host, ExpectedStatuses = (group.ExpectedStatuses ?? []).ToValueList() },
            "GRPC" => new GrpcHealthCheck(group.Service ?? ""),
            "TCP" => new TcpHealthCheck(),
            _ => null,
        };
        return check is null || group.HealthyThreshold is < 1 || group.UnhealthyThreshold is < 1
            || Duration(group.Interval, 10) is not { } interval || Duration(group.Timeout, 1) is not { } timeout
            ? null
            : check with
            {
                Interval = interval,
                Timeout = timeout,
                HealthyThreshold = group.HealthyThreshold ?? 1,
                UnhealthyThreshold = group.UnhealthyThreshold ?? 3,
            };
    }

    private static OutlierDetection? Outliers(OutlierGroup group) =>
        group.ConsecutiveFailures is < 1 || group.MaxEjectedPercent is < 0 or > 100 || Duration(group.EjectionTime, 30) is not { } time
            ? null
            : new OutlierDetection
            {
                ConsecutiveFailures = group.ConsecutiveFailures ?? 5,
                ConsecutiveConnectionErrors = 3,
                EjectionTime = time,
                MaximumEjectedPercent = group.MaxEjectedPercent ?? 50,
            };

    private static TimeSpan? Duration(string? text, int seconds) => text is null ? TimeSpan.FromSeconds(seconds) : Durations.Limit(text);
}
