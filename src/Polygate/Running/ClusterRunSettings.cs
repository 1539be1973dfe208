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

    /// <summary>This gateway's name in statuses of the Gateway API.</summary>
    public string ControllerName { get; init; } = "";
}
