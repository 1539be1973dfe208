using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>The kinds of the Gateway API (v1.6), in every version its CRDs serve; the versions differ in nothing that is read.</summary>
public static class GatewayApiTypes
{
    public const string Group = "gateway.networking.k8s.io";

    /// <summary>Kinds that are experimental as a whole.</summary>
    public const string ExperimentalGroup = "gateway.networking.x-k8s.io";

    public static ResourceType<GatewayClass> GatewayClass { get; } = new(
        Group, "GatewayClass", "gatewayclasses", namespaced: false, ["v1", "v1beta1"], GatewayApiJson.Default.GatewayClass);

    public static ResourceType<Gateway> Gateway { get; } = new(
        Group, "Gateway", "gateways", namespaced: true, ["v1", "v1beta1"], GatewayApiJson.Default.Gateway, KeepAddresses);

    public static ResourceType<ListenerSet> ListenerSet { get; } = new(
        Group, "ListenerSet", "listenersets", namespaced: true, ["v1"], GatewayApiJson.Default.ListenerSet);

    public static ResourceType<HTTPRoute> HTTPRoute { get; } = new(
        Group, "HTTPRoute", "httproutes", namespaced: true, ["v1", "v1beta1"], GatewayApiJson.Default.HTTPRoute);

    public static ResourceType<GRPCRoute> GRPCRoute { get; } = new(
        Group, "GRPCRoute", "grpcroutes", namespaced: true, ["v1"], GatewayApiJson.Default.GRPCRoute);

    public static ResourceType<TLSRoute> TLSRoute { get; } = new(
        Group, "TLSRoute", "tlsroutes", namespaced: true, ["v1", "v1alpha3", "v1alpha2"], GatewayApiJson.Default.TLSRoute);

    public static ResourceType<TCPRoute> TCPRoute { get; } = new(
        Group, "TCPRoute", "tcproutes", namespaced: true, ["v1", "v1alpha2"], GatewayApiJson.Default.TCPRoute);

    public static ResourceType<UDPRoute> UDPRoute { get; } = new(
        Group, "UDPRoute", "udproutes", namespaced: true, ["v1", "v1alpha2"], GatewayApiJson.Default.UDPRoute);

    public static ResourceType<ReferenceGrant> ReferenceGrant { get; } = new(
        Group, "ReferenceGrant", "referencegrants", namespaced: true, ["v1", "v1beta1"], GatewayApiJson.Default.ReferenceGrant);

    public static ResourceType<BackendTLSPolicy> BackendTLSPolicy { get; } = new(
        Group, "BackendTLSPolicy", "backendtlspolicies", namespaced: true, ["v1", "v1alpha3"], GatewayApiJson.Default.BackendTLSPolicy);

    public static ResourceType<XBackend> XBackend { get; } = new(
        ExperimentalGroup, "XBackend", "xbackends", namespaced: true, ["v1alpha1"], GatewayApiJson.Default.XBackend);

    public static ResourceType<XBackendTrafficPolicy> XBackendTrafficPolicy { get; } = new(
        ExperimentalGroup, "XBackendTrafficPolicy", "xbackendtrafficpolicies", namespaced: true, ["v1alpha1"], GatewayApiJson.Default.XBackendTrafficPolicy);

    /// <summary>Read for the version of the installed API alone; its schemas are left out.</summary>
    public static ResourceType<CustomResourceDefinition> CustomResourceDefinition { get; } = new(
        "apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", namespaced: false, ["v1"],
        GatewayApiJson.Default.CustomResourceDefinition, static json => json.AsObject().Remove("spec"));

    private static void KeepAddresses(JsonNode json)
    {
        if (json["status"] is JsonObject status)
        {
            foreach (var name in status.Select(property => property.Key).Where(name => name != "addresses").ToList())
            {
                status.Remove(name);
            }
        }
    }

    /// <summary>Those that have a status.</summary>
    public static IReadOnlyList<ResourceType> WithStatus { get; } =
        [GatewayClass, Gateway, ListenerSet, HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute, BackendTLSPolicy, XBackend, XBackendTrafficPolicy,
        Policies.PolicyTypes.RoutePolicy, Policies.PolicyTypes.BackendPolicy, Policies.PolicyTypes.ClientPolicy];
}

/// <summary>How the kinds are read, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GatewayClass))]
[JsonSerializable(typeof(Gateway))]
[JsonSerializable(typeof(ListenerSet))]
[JsonSerializable(typeof(HTTPRoute))]
[JsonSerializable(typeof(GRPCRoute))]
[JsonSerializable(typeof(TLSRoute))]
[JsonSerializable(typeof(TCPRoute))]
[JsonSerializable(typeof(UDPRoute))]
[JsonSerializable(typeof(ReferenceGrant))]
[JsonSerializable(typeof(BackendTLSPolicy))]
[JsonSerializable(typeof(XBackend))]
[JsonSerializable(typeof(XBackendTrafficPolicy))]
[JsonSerializable(typeof(CustomResourceDefinition))]
internal sealed partial class GatewayApiJson : JsonSerializerContext;
