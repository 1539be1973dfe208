using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polygate.Dialects.GatewayApi.Attachment;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>
/// The groups of fields that policies have. A group is the grain of merging: of each, the most specific policy's is in force, as a whole.
/// </summary>
public static class PolicyGroups
{
    public const string Addresses = "addresses";

    public const string RateLimit = "rateLimit";

    public const string Authentication = "authentication";

    public const string Limits = "limits";

    public const string Compression = "compression";

    public const string Timeouts = "timeouts";

    public const string TrustedProxies = "trustedProxies";

    public const string CircuitBreaker = "circuitBreaker";

    public const string HealthCheck = "healthCheck";

    public const string OutlierDetection = "outlierDetection";

    /// <summary>What a RoutePolicy may say, in the order in which it is done to requests.</summary>
    public static IReadOnlyList<(string Name, JsonTypeInfo Type)> OfRoutes { get; } =
    [
        (Addresses, PolicyGroupJson.Default.AddressGroup),
        (RateLimit, PolicyGroupJson.Default.RateLimitGroup),
        (Authentication, PolicyGroupJson.Default.AuthenticationGroup),
        (Limits, PolicyGroupJson.Default.LimitGroup),
        (Compression, PolicyGroupJson.Default.CompressionGroup),
    ];

    /// <summary>What a BackendPolicy may say.</summary>
    public static IReadOnlyList<(string Name, JsonTypeInfo Type)> OfBackends { get; } =
    [
        (CircuitBreaker, PolicyGroupJson.Default.CircuitBreakerGroup),
        (HealthCheck, PolicyGroupJson.Default.HealthCheckGroup),
        (OutlierDetection, PolicyGroupJson.Default.OutlierGroup),
    ];

    /// <summary>What a ClientPolicy may say.</summary>
    public static IReadOnlyList<(string Name, JsonTypeInfo Type)> OfClients { get; } =
    [
        (Timeouts, PolicyGroupJson.Default.ClientTimeoutGroup),
        (Limits, PolicyGroupJson.Default.ClientLimitGroup),
        (TrustedProxies, PolicyGroupJson.Default.TrustedProxyGroup),
    ];

    /// <summary>Groups in which a field is demanded, though none by itself: API servers, which drop fields that they do not know, then refuse a group of nothing but misspelled ones.</summary>
    public static IReadOnlySet<JsonTypeInfo> NeverEmpty { get; } = new HashSet<JsonTypeInfo>
    {
        PolicyGroupJson.Default.AddressGroup, PolicyGroupJson.Default.AuthenticationGroup, PolicyGroupJson.Default.LimitGroup,
        PolicyGroupJson.Default.ClientTimeoutGroup, PolicyGroupJson.Default.ClientLimitGroup, PolicyGroupJson.Default.CircuitBreakerGroup,
    };

    /// <summary>How policies' targets are written.</summary>
    public static JsonTypeInfo Target => PolicyGroupJson.Default.PolicyTargetReference;

    /// <summary>A group as it is written, or why it cannot be read.</summary>
    internal static (T? Value, Problem? Problem) Read<T>(IDictionary<string, JsonElement>? groups, string name, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return (groups!.TryGetValue(name, out var json) ? json.Deserialize(type) : null) is { } value
                ? (value, null)
                : (null, new Problem("Invalid", "The group is empty.", "spec." + name));
        }
        catch (JsonException exception)
        {
            // The serializer's message tells the field; it repeats no value.
            var field = exception.Path is ['$', '.', .. var path] ? $"{name}.{path}" : name;
            return (null, new Problem("Invalid", $"The group {name} has a field that is unknown, missing or of the wrong type.", "spec." + field));
        }
    }
}
