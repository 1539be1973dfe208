using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Kong.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects;

/// <summary>What a dialect needs of an API server.</summary>
/// <param name="Dialect">The dialect's name.</param>
/// <param name="Reads">Kinds that are listed and watched (verbs list and watch, and get where objects are kept on demand).</param>
/// <param name="Writes">Kinds whose status is written, or whose own object where the kind has no status subresource (verb patch).</param>
public sealed record DialectAccess(string Dialect, IReadOnlyList<ResourceType> Reads, IReadOnlyList<WrittenStatus> Writes)
{
    /// <summary>Kinds whose objects get a finalizer, which is part of the object and not of its status (verb patch).</summary>
    public IReadOnlyList<ResourceType> Finalizes { get; init; } = [];
}

/// <summary>
/// The one table of what is read from and written to a cluster: the watches, the status writer and the generated access rules follow it.
/// Beside it the gateway itself uses Leases and its own Service (see <c>docs/running.md</c>).
/// </summary>
public static class ClusterAccess
{
    /// <summary>EndpointSlices tell the endpoints in a cluster, and Nodes are read only where their addresses are published.</summary>
    private static readonly ResourceType[] NotWatched = [CoreTypes.Pod, CoreTypes.Node];

    private static readonly WrittenStatus Ingress = new(CoreTypes.Ingress, StatusShape.LoadBalancer, HasSubresource: true);

    /// <summary>What a dialect needs.</summary>
    public static DialectAccess Of(IDialect dialect) =>
        new(dialect.Name, [.. dialect.ResourceTypes.Except(NotWatched).Distinct()], [.. Writes(dialect.Name)])
        {
            Finalizes = dialect.Name == "gateway-api" ? [GatewayApiTypes.GatewayClass] : [],
        };

    /// <summary>The statuses that some dialects write, each kind once.</summary>
    public static IReadOnlyList<WrittenStatus> StatusesOf(IEnumerable<IDialect> dialects) =>
        [.. dialects.SelectMany(dialect => Of(dialect).Writes).DistinctBy(written => written.Type)];

    private static IEnumerable<WrittenStatus> Writes(string dialect) => dialect switch
    {
        "ingress" or "ingress-nginx" or "traefik" => [Ingress],
        "gateway-api" => GatewayApiTypes.WithStatus.Select(type => new WrittenStatus(type, StatusShape.Conditions, HasSubresource: true)),
        "kong" => [Ingress, .. KongTypes.WithStatus.Select(type => new WrittenStatus(type, StatusShape.Conditions, HasSubresource: true))],
        "gloo" => GlooKinds.WithStatus.Select(type => new WrittenStatus(type, StatusShape.ByController, HasSubresource: false)),
        "ambassador" =>
        [
            new(AmbassadorKinds.Mapping, StatusShape.Fields, HasSubresource: true),
            new(AmbassadorKinds.Host, StatusShape.Fields, HasSubresource: true),
        ],
        _ => [],
    };
}
