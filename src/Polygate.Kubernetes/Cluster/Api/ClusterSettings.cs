namespace Polygate.Kubernetes.Cluster.Api;

/// <summary>Which API server, and as whom.</summary>
/// <param name="Kubeconfig">A kubeconfig file; null for that of <c>KUBECONFIG</c>, the pod's service account, or the user's own, in this order.</param>
/// <param name="Context">The context in it; null for its current one.</param>
public sealed record ClusterSettings(string? Kubeconfig = null, string? Context = null)
{
    /// <summary>How long the answer's head may take; lists of large clusters take seconds.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long nothing may come while a body is read.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a watch may be silent before it is opened again. Servers send a bookmark about every minute where anything changed at all.</summary>
    public TimeSpan WatchIdleTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How often the kinds that the server has are asked for.</summary>
    public TimeSpan DiscoveryInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long objects of the snapshot wait for the server before they are served.</summary>
    public TimeSpan SnapshotGrace { get; init; } = TimeSpan.FromSeconds(3);
}
