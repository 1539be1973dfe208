using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Polygate.Kubernetes.Resources;

/// <summary>The kinds of Kubernetes itself that dialects read.</summary>
public static class CoreTypes
{
    public static ResourceType<V1Service> Service { get; } = new(
        "", "Service", "services", namespaced: true, ["v1"], CoreJson.Default.V1Service);

    public static ResourceType<V1EndpointSlice> EndpointSlice { get; } = new(
        "discovery.k8s.io", "EndpointSlice", "endpointslices", namespaced: true, ["v1"], CoreJson.Default.V1EndpointSlice);

    public static ResourceType<V1Pod> Pod { get; } = new(
        "", "Pod", "pods", namespaced: true, ["v1"], CoreJson.Default.V1Pod);

    /// <summary>Its <c>stringData</c> is merged into <c>data</c>, as the API server does.</summary>
    public static ResourceType<V1Secret> Secret { get; } = new(
        "", "Secret", "secrets", namespaced: true, ["v1"], CoreJson.Default.V1Secret, MergeStringData);

    public static ResourceType<V1ConfigMap> ConfigMap { get; } = new(
        "", "ConfigMap", "configmaps", namespaced: true, ["v1"], CoreJson.Default.V1ConfigMap);

    public static ResourceType<V1Namespace> Namespace { get; } = new(
        "", "Namespace", "namespaces", namespaced: false, ["v1"], CoreJson.Default.V1Namespace);

    public static ResourceType<V1Node> Node { get; } = new(
        "", "Node", "nodes", namespaced: false, ["v1"], CoreJson.Default.V1Node);

    public static ResourceType<V1Ingress> Ingress { get; } = new(
        "networking.k8s.io", "Ingress", "ingresses", namespaced: true, ["v1"], CoreJson.Default.V1Ingress);

    public static ResourceType<V1IngressClass> IngressClass { get; } = new(
        "networking.k8s.io", "IngressClass", "ingressclasses", namespaced: false, ["v1"], CoreJson.Default.V1IngressClass);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResourceType> All { get; } =
        [Service, EndpointSlice, Pod, Secret, ConfigMap, Namespace, Node, Ingress, IngressClass];

    /// <summary>Keys in <c>stringData</c> win over the same keys in <c>data</c> (API reference, Secret v1).</summary>
    private static void MergeStringData(JsonNode json)
    {
        if (json["stringData"] is not JsonObject texts)
        {
            return;
        }

        if (json["data"] is not JsonObject data)
        {
            json["data"] = data = [];
        }

        foreach (var (name, text) in texts)
        {
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.GetValue<string>() ?? ""));
        }

        json.AsObject().Remove("stringData");
    }
}
