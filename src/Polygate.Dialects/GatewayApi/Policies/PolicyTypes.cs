using System.Text.Json.Serialization;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>This gateway's own kinds.</summary>
public static class PolicyTypes
{
    public const string Group = "gateway.polygate.io";

    public static ResourceType<RoutePolicy> RoutePolicy { get; } = new(
        Group, "RoutePolicy", "routepolicies", namespaced: true, ["v1alpha1"], PolicyJson.Default.RoutePolicy);

    public static ResourceType<BackendPolicy> BackendPolicy { get; } = new(
        Group, "BackendPolicy", "backendpolicies", namespaced: true, ["v1alpha1"], PolicyJson.Default.BackendPolicy);

    public static ResourceType<ClientPolicy> ClientPolicy { get; } = new(
        Group, "ClientPolicy", "clientpolicies", namespaced: true, ["v1alpha1"], PolicyJson.Default.ClientPolicy);
}

/// <summary>How the kinds are read, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RoutePolicy))]
[JsonSerializable(typeof(BackendPolicy))]
[JsonSerializable(typeof(ClientPolicy))]
internal sealed partial class PolicyJson : JsonSerializerContext;

/// <summary>How their groups are read: a field that nobody knows is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PolicyTargetReference))]
[JsonSerializable(typeof(AddressGroup))]
[JsonSerializable(typeof(RateLimitGroup))]
[JsonSerializable(typeof(AuthenticationGroup))]
[JsonSerializable(typeof(LimitGroup))]
[JsonSerializable(typeof(CompressionGroup))]
[JsonSerializable(typeof(CircuitBreakerGroup))]
[JsonSerializable(typeof(HealthCheckGroup))]
[JsonSerializable(typeof(OutlierGroup))]
[JsonSerializable(typeof(ClientTimeoutGroup))]
[JsonSerializable(typeof(ClientLimitGroup))]
[JsonSerializable(typeof(TrustedProxyGroup))]
internal sealed partial class PolicyGroupJson : JsonSerializerContext;
