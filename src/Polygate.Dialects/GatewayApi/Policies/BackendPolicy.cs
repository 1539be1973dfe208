using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>How Services and XBackends are treated beyond what the Gateway API can say (policy attachment, GEP-713).</summary>
public sealed class BackendPolicy : CustomResource<BackendPolicySpec>;

/// <summary>What a BackendPolicy says, in groups as a <see cref="RoutePolicySpec"/>.</summary>
public sealed class BackendPolicySpec
{
    public IReadOnlyList<PolicyTargetReference>? TargetRefs { get; set; }

    /// <summary>By the names of <see cref="PolicyGroups.OfBackends"/>.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Groups { get; set; }
}

/// <summary>What a backend is asked to bear at one time.</summary>
[Description("The most a backend is asked to bear at one time. Beyond it requests are answered 503.")]
public sealed class CircuitBreakerGroup
{
    [Description("Open connections.")]
    [Range(1, int.MaxValue)]
    public int? MaxConnections { get; set; }

    [Description("Requests that wait for a connection.")]
    [Range(1, int.MaxValue)]
    public int? MaxPendingRequests { get; set; }

    [Description("Requests under way.")]
    [Range(1, int.MaxValue)]
    public int? MaxRequests { get; set; }

    [Description("Retries under way.")]
    [Range(1, int.MaxValue)]
    public int? MaxRetries { get; set; }

    [Description("Requests under way at each endpoint; endpoints that have them are passed over.")]
    [Range(1, int.MaxValue)]
    public int? MaxRequestsPerEndpoint { get; set; }
}

/// <summary>Active checks.</summary>
[Description("Checks endpoints; unhealthy ones get no requests.")]
public sealed class HealthCheckGroup
{
    [Description("HTTP (the default), GRPC or TCP.")]
    [AllowedValues("HTTP", "GRPC", "TCP")]
    public string? Type { get; set; }

    [Description("HTTP: path and query. / when absent.")]
    public string? Path { get; set; }

    [Description("HTTP: the Host. The endpoint's when absent.")]
    public string? Host { get; set; }

    [Description("HTTP: statuses of a healthy endpoint. 200 to 399 when absent.")]
    public IReadOnlyList<int>? ExpectedStatuses { get; set; }

    [Description("GRPC: the service asked for. The server as a whole when absent.")]
    public string? Service { get; set; }

    [Description("Between two checks. 10s when absent.")]
    public string? Interval { get; set; }

    [Description("For an answer. 1s when absent.")]
    public string? Timeout { get; set; }

    [Description("Successes in a row that make an endpoint healthy. 1 when absent.")]
    [Range(1, 100)]
    public int? HealthyThreshold { get; set; }

    [Description("Failures in a row that make an endpoint unhealthy. 3 when absent.")]
    [Range(1, 100)]
    public int? UnhealthyThreshold { get; set; }
}

/// <summary>Checks by ordinary answers.</summary>
[Description("Passes over endpoints whose answers fail, for a time.")]
public sealed class OutlierGroup
{
    [Description("Answers of 500 to 599, or failures to get one, in a row. 5 when absent.")]
    [Range(1, 1000)]
    public int? ConsecutiveFailures { get; set; }

    [Description("How long, the first time. 30s when absent.")]
    public string? EjectionTime { get; set; }

    [Description("The most endpoints, in percent, that are passed over at one time. 50 when absent.")]
    [Range(0, 100)]
    public int? MaxEjectedPercent { get; set; }
}
