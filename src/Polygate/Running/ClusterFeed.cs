using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;

namespace Polygate.Running;

/// <summary>The objects of a cluster.</summary>
internal sealed class ClusterFeed : IGatewayFeed
{
    private readonly ClusterSource source;
    private bool isSettled;

    public ClusterFeed(ClusterSource source)
    {
        this.source = source;
        OnDemand = source.OnDemand;
    }

    public IReadOnlySet<Type> OnDemand { get; }

    public bool TellsInfos => false;

    public IAsyncEnumerable<ResourceBatch> WatchAsync(CancellationToken cancellation) => source.WatchAsync(cancellation);

    public Task<ResourceBatch> SatisfyAsync(IReadOnlyDictionary<Dependency, bool> demands, CancellationToken cancellation) =>
        source.SatisfyAsync(demands, cancellation);

    public void Translated(Translator translator)
    {
    }

    public Task CompletedAsync(Translator translator)
    {
        if (!isSettled)
        {
            isSettled = true;
            source.Settle();
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
