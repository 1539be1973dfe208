using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;

namespace Polygate.Running;

/// <summary>What the command line says about a cluster.</summary>
internal sealed record ClusterRunSettings
{
    public ClusterSettings Server { get; init; } = new();

    public WatchScope Scope { get; init; } = WatchScope.All;

    /// <summary>The file that keeps what is served; null for none.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Where the addresses come from that statuses tell.</summary>
    public AddressSettings Addresses { get; init; } = new();

    /// <summary>The name of the Lease by which the leader is elected.</summary>
    public string LeaderElectionName { get; init; } = "polygate";

    /// <summary>The namespace of the Lease; null for the gateway's own.</summary>
    public string? LeaderElectionNamespace { get; init; }

    /// <summary>This gateway's name in statuses of the Gateway API.</summary>
    public string ControllerName { get; init; } = "";
}
