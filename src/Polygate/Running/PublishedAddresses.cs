using System.Net;
using System.Text.Json.Nodes;
using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Running;

/// <summary>Where the addresses come from that statuses tell.</summary>
internal sealed record AddressSettings
{
    /// <summary>Addresses or host names as they are; they count before anything else.</summary>
    public IReadOnlyList<string> Fixed { get; init; } = [];

    /// <summary>The gateway's own Service, as namespace and name; null for none.</summary>
    public (string Namespace, string Name)? Service { get; init; }

    /// <summary>Whether the addresses of nodes count, where there is nothing better.</summary>
    public bool Nodes { get; init; }
}

/// <summary>
/// The addresses that this gateway is reached at, for the statuses of what it serves: as given; or those of its own Service (what
/// its load balancer was assigned, its external addresses, its external name, else its cluster address); or those of the ready nodes (external ones, else
/// internal ones).
/// </summary>
internal sealed class PublishedAddresses
{
    private readonly AddressSettings settings;
    private Resource<V1Service>? service;

    public PublishedAddresses(AddressSettings settings)
    {
        this.settings = settings;
        Current = settings.Fixed;
    }

    /// <summary>The addresses now, sorted.</summary>
    public IReadOnlyList<string> Current { get; private set; }

    /// <summary>Looks at the objects again; true when the addresses are others than before.</summary>
    /// <param name="resources">The objects.</param>
    /// <param name="nodesChanged">Whether a Node is another than at the last call.</param>
    public bool Update(IResourceLookup resources, bool nodesChanged)
    {
        var own = settings.Service is { } name ? resources.Get<V1Service>(name.Namespace, name.Name) : null;
        if (settings.Fixed.Count > 0 || (ReferenceEquals(own, service) && !(settings.Nodes && nodesChanged)))
        {
            return false;
        }

        service = own;
        var next = (own is null ? [] : OfService(own.Value)).Distinct().Order(StringComparer.Ordinal).ToList();
        if (next.Count == 0 && settings.Nodes)
        {
            next = [.. resources.List<V1Node>().Where(IsReady).SelectMany(node => OfNode(node.Value)).Distinct().Order(StringComparer.Ordinal)];
        }

        if (next.SequenceEqual(Current))
        {
            return false;
        }

        Current = next;
        return true;
    }

    /// <summary>As <c>status.loadBalancer.ingress</c> of an Ingress.</summary>
    public JsonObject ForIngress() => new()
    {
        ["loadBalancer"] = Current.Count == 0
            ? new JsonObject()
            : new JsonObject { ["ingress"] = new JsonArray([.. Current.Select(address => (JsonNode)new JsonObject { [IsAddress(address) ? "ip" : "hostname"] = address })]) },
    };

    /// <summary>As <c>status.addresses</c> of a Gateway.</summary>
    public JsonArray ForGateway() => new(
        [.. Current.Select(address => (JsonNode)new JsonObject { ["type"] = IsAddress(address) ? "IPAddress" : "Hostname", ["value"] = address })]);

    private static bool IsAddress(string text) => IPAddress.TryParse(text, out _);

    private static IEnumerable<string> OfService(V1Service service)
    {
        var assigned = (service.Status?.LoadBalancer?.Ingress ?? []).Select(entry => NotEmpty(entry.Ip) ?? NotEmpty(entry.Hostname)).OfType<string>();
        IEnumerable<string> external = [.. assigned, .. service.Spec?.ExternalIPs ?? []];
        if (external.Any())
        {
            return external;
        }

        return service.Spec switch
        {
            { Type: "ExternalName", ExternalName: { Length: > 0 } name } => [name],
            { Type: "ClusterIP", ClusterIP: { Length: > 0 } address } when address != "None" => [address],
            _ => [],
        };
    }

    private static bool IsReady(Resource<V1Node> node) =>
        node.Value.Spec?.Unschedulable != true
        && node.Value.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static IEnumerable<string> OfNode(V1Node node)
    {
        var all = node.Status?.Addresses ?? [];
        var external = all.Where(address => address.Type == "ExternalIP").Select(address => address.Address).ToList();
        return external.Count > 0 ? external : all.Where(address => address.Type == "InternalIP").Select(address => address.Address);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
