using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;

namespace Polygate.Running;

/// <summary>What the command line says about a cluster.</summary>
internal sealed record ClusterRunSettings
{
    public ClusterSettings Server { get; init; } = new();

    public WatchScope Scope { get; init; } = WatchScope.All;

    /// <summary>Whether nothing is read that has no namespace.</summary>
    public bool NamespacedOnly { get; init; }

    /// <summary>Classes in place of those of the cluster, which are not read.</summary>
    public IReadOnlyList<Resource> KnownClasses { get; init; } = [];

    /// <summary>The file that keeps what is served; null for none.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Where the addresses come from that statuses tell.</summary>
    public AddressSettings Addresses { get; init; } = new();

    /// <summary>Whether a Service is made for each Gateway.</summary>
    public bool GatewayServices { get; init; }

    /// <summary>The name of the Lease by which the leader is elected.</summary>
    public string LeaderElectionName { get; init; } = "polygate";

    /// <summary>The namespace of the Lease; null for the gateway's own.</summary>
    public string? LeaderElectionNamespace { get; init; }

    /// <summary>This gateway's name in statuses of the Gateway API.</summary>
    public string ControllerName { get; init; } = "";
}
