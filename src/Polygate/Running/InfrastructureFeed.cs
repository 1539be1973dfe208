using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Infrastructure;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Objects;
using Polygate.Kubernetes.Resources;

namespace Polygate.Running;

/// <summary>Has a Service made for each Gateway that is accepted, as its status says where it is reached.</summary>
internal sealed class InfrastructureFeed(ObjectWriter writer, ClusterSource source, string controllerName)
{
    private readonly HashSet<ResourceKey> ours = [];

    /// <summary>Those that nobody wants any more.</summary>
    public AbandonedObjects Abandoned { get; } = new(writer, source, controllerName);

    /// <summary>Takes in what a Gateway's status should be; null where it is none of ours (any more).</summary>
    public void Take(ResourceKey gateway, JsonObject? status)
    {
        _ = status is null ? ours.Remove(gateway) : ours.Add(gateway);
        writer.Want(
            gateway,
            IsAccepted(status) && source.Find(GatewayApiTypes.Gateway, gateway.Namespace, gateway.Name)?.Resource is Resource<Dialects.GatewayApi.Resources.Gateway> { Metadata.Uid.Length: > 0 } found
                ? GatewayService.Of(found, AddressesOf(status!), controllerName)
                : []);
    }

    /// <summary>To be called when everything was taken in that a batch came to.</summary>
    public void Settle() => Abandoned.Remove(ours);

    private static bool IsAccepted(JsonObject? status) => status?["conditions"] is JsonArray conditions
        && conditions.Any(condition => (string?)condition!["type"] == "Accepted" && (string?)condition["status"] == "True");

    private static IEnumerable<string> AddressesOf(JsonObject status) =>
        (status["addresses"] as JsonArray ?? []).Select(address => (string?)address!["value"]).OfType<string>();
}
