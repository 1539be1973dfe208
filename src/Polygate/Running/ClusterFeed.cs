using System.Runtime.CompilerServices;
using k8s.Models;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Events;
using Polygate.Kubernetes.Cluster.Leadership;
using Polygate.Kubernetes.Cluster.Objects;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;

namespace Polygate.Running;

/// <summary>The objects of a cluster, which hears back what became of them.</summary>
internal sealed class ClusterFeed : IGatewayFeed
{
    private readonly ApiClient api;
    private readonly ClusterSource source;
    private readonly LeaderElector elector;
    private readonly StatusWriter writer;
    private readonly ObjectWriter? objects;
    private readonly InfrastructureFeed? infrastructure;
    private readonly StatusFeed statuses;
    private readonly EventRecorder recorder;
    private readonly EventFeed events;
    private readonly PublishedAddresses addresses;
    private List<TranslationChange> changes = [];
    private readonly CancellationTokenSource stop = new();
    private IReadOnlyList<Resource> known;
    private Task running = Task.CompletedTask;
    private bool isSettled;
    private bool nodesChanged;

    /// <param name="parts">What it is made of; disposed of with it.</param>
    public ClusterFeed(ClusterParts parts)
    {
        (api, source, elector, writer, recorder) = (parts.Api, parts.Source, parts.Elector, parts.Writer, parts.Recorder);
        (addresses, events, known) = (parts.Addresses, parts.Events, parts.KnownClasses);
        objects = parts.Objects;
        infrastructure = objects is null ? null : new InfrastructureFeed(objects, source, parts.ControllerName);
        statuses = new StatusFeed(writer, addresses, infrastructure);
        OnDemand = source.OnDemand;
    }

    public IReadOnlySet<Type> OnDemand { get; }

    public bool TellsInfos => false;

    public bool WritesStatuses => true;

    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var batch in source.WatchAsync(cancellation).ConfigureAwait(false))
        {
            var all = known.Count == 0 ? batch : batch with { Set = [.. known, .. batch.Set] };
            known = [];
            infrastructure?.Abandoned.Observe(batch);
            nodesChanged = batch.Set.Concat(batch.Removed).Any(resource => resource is Resource<V1Node>);
            yield return all;
        }
    }

    public Task<ResourceBatch> SatisfyAsync(IReadOnlyDictionary<Dependency, bool> demands, CancellationToken cancellation) =>
        source.SatisfyAsync(demands, cancellation);

    public void Translated(Translator translator) => changes.AddRange(translator.Changes);

    public Task PrepareAsync(Translator translator) => Task.CompletedTask;

    /// <summary>A status is not to promise what is not served yet.</summary>
    public void Served(Translator translator)
    {
        statuses.Take(changes);
        events.Take(changes);
        changes = [];
        if (addresses.Update(translator.Resources, nodesChanged))
        {
            statuses.AddressesChanged();
        }

        infrastructure?.Settle();

        if (!isSettled)
        {
            isSettled = true;
            source.Settle();

            // What is to be written is known only now.
            running = Task.WhenAll(elector.RunAsync(stop.Token), writer.RunAsync(stop.Token), recorder.RunAsync(stop.Token), objects?.RunAsync(stop.Token) ?? Task.CompletedTask);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await source.DisposeAsync();
        elector.Dispose();
        api.Dispose();
        stop.Dispose();
    }
}

/// <summary>What a <see cref="ClusterFeed"/> is made of.</summary>
internal sealed record ClusterParts(
    ApiClient Api,
    ClusterSource Source,
    LeaderElector Elector,
    StatusWriter Writer,
    EventRecorder Recorder,
    EventFeed Events,
    PublishedAddresses Addresses,
    IReadOnlyList<Resource> KnownClasses)
{
    /// <summary>This gateway's name in GatewayClasses.</summary>
    public string ControllerName { get; init; } = "";

    /// <summary>Makes what Gateways are given; null where they are given nothing.</summary>
    public ObjectWriter? Objects { get; init; }
}
