using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Snapshots;
using Polygate.Kubernetes.Cluster.Watching;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster;

/// <summary>
/// The objects of a cluster, watched. The first batch holds everything there is; each later one what changed, taken in after 3 ms without
/// another change and 12 ms at most after the first. While the API server is away there are no batches, and afterwards what was missed. Secrets
/// and ConfigMaps are kept only as far as translations look them up (<see cref="SatisfyAsync"/>).
/// </summary>
public sealed class ClusterSource : IAsyncDisposable
{
    /// <summary>Beyond so many, listing is cheaper than asking for each.</summary>
    private const int FetchedAtOnce = 32;

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(2);

    private readonly ApiClient api;
    private readonly TimeProvider time;
    private readonly Dictionary<Type, WatchedKind> kinds;
    private readonly ReflectorSet reflectors;
    private readonly ChangeQueue queue;
    private readonly DemandedObjects demanded = new();
    private readonly ConnectionReport connection;
    private readonly ObjectJournal? journal;
    private readonly ConcurrentDictionary<ResourceKey, Diagnostic> unreadable = new();

    /// <param name="api">The server.</param>
    /// <param name="kinds">What is watched.</param>
    /// <param name="scope">Of which namespaces.</param>
    /// <param name="journal">Keeps the objects for a restart; null for none. Disposed of with the source.</param>
    /// <param name="report">Hears what is worth a log line.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ClusterSource(
        ApiClient api, IReadOnlyList<WatchedKind> kinds, WatchScope scope, ObjectJournal? journal, Action<DiagnosticSeverity, string> report, TimeProvider? time = null)
    {
        this.api = api;
        this.journal = journal;
        this.time = time ?? TimeProvider.System;
        this.kinds = kinds.ToDictionary(kind => kind.Type.ObjectType);
        queue = new ChangeQueue(this.time);
        connection = new ConnectionReport(report, this.time);
        reflectors = new ReflectorSet(api, kinds, scope, new Sink(this), connection, this.time);
    }

    /// <summary>Hears of objects whose status was changed, by whomever. Called from several threads.</summary>
    public Action<ResourceKey> StatusChanged { get; set; } = _ => { };

    /// <summary>Whether the API server answers, as far as is known.</summary>
    public bool IsAvailable => connection.IsAvailable;

    /// <summary>What was not listed yet; empty when everything was.</summary>
    public string WaitingFor => reflectors.WaitingFor;

    /// <summary>The types of which only what is looked up is kept.</summary>
    public IReadOnlySet<Type> OnDemand => kinds.Values.Where(kind => kind.OnDemand).Select(kind => kind.Type.ObjectType).ToHashSet();

    /// <summary>How a kind is served now; null when it is not.</summary>
    public ServedKind? Served(ResourceType type) => reflectors.Served(type);

    /// <inheritdoc cref="ReflectorSet.IsListed"/>
    public bool IsListed(ResourceType type) => reflectors.IsListed(type);

    /// <summary>An object as the API server last told of it; null when there is none.</summary>
    public LiveObject? Find(ResourceType type, string ns, string name) =>
        kinds.TryGetValue(type.ObjectType, out var kind) && reflectors.CacheOf(kind, ns).Find(ns, name) is { } found
            ? new LiveObject(found.Resource, found.Version, found.Status, found.Finalizers)
            : null;

    /// <summary>Takes in an object as the API server answered a write, ahead of the watch.</summary>
    public void Observe(ResourceType type, string version, ReadOnlySpan<byte> json)
    {
        if (kinds.TryGetValue(type.ObjectType, out var kind))
        {
            var scan = ObjectScan.Of(json, kind.ReadsStatus);
            reflectors.CacheOf(kind, scan.Namespace).SetIfNewer(version, scan, json);
        }
    }

    /// <summary>All objects of a kind.</summary>
    public IEnumerable<Resource> All(ResourceType type) =>
        kinds.TryGetValue(type.ObjectType, out var kind)
            ? reflectors.CachesOf(kind).SelectMany(cache => cache.ToList()).Select(item => item.Resource)
            : [];

    /// <summary>Runs until cancelled. To be called once.</summary>
    public async IAsyncEnumerable<ResourceBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (journal is not null)
        {
            await RestoreAsync(journal, cancellation).ConfigureAwait(false);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = reflectors.RunAsync(stop.Token);
        try
        {
            await FirstAsync(running, cancellation).ConfigureAwait(false);
            yield return TakeBatch();
            while (true)
            {
                await queue.WaitAsync(cancellation).ConfigureAwait(false);
                yield return TakeBatch();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Gives translations what they look up: objects of kinds kept on demand that are wanted now, and those that no longer are.
    /// What cannot be had in time comes with a later batch.
    /// </summary>
    /// <param name="changes">Lookups that began (true) and ended (false).</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ResourceBatch> SatisfyAsync(IReadOnlyDictionary<Dependency, bool> changes, CancellationToken cancellation)
    {
        demanded.Change(changes);
        var set = new List<ClusterObject>();
        var removed = new List<Resource>();
        var missing = new List<(WatchedKind Kind, string Namespace, string Name)>();
        foreach (var (dependency, isRaised) in changes)
        {
            var kind = kinds[(Type)dependency.Subject];
            var known = Known(kind, dependency);
            if (!isRaised)
            {
                removed.AddRange(known.Select(item => item.Resource).Where(resource => !demanded.IsDemanded(resource)));
            }
            else if (dependency is { Namespace: { } ns, Key: { } name } && (known.Count > 0 || demanded.IsSettled))
            {
                set.AddRange(known);
                if (known.Count == 0 && reflectors.Includes(kind, ns))
                {
                    missing.Add((kind, ns, name));
                }
            }
            else
            {
                set.AddRange(known);
                if (demanded.IsSettled)
                {
                    reflectors.Relist(kind.Type);
                }
            }
        }

        Forget(removed);
        set.AddRange(await FetchAsync(missing, cancellation).ConfigureAwait(false));
        journal?.Append(set, removed);
        return new ResourceBatch([.. set.Select(item => item.Resource).Distinct()], removed, [], [], []);
    }

    /// <summary>To be called when the first batch was translated and what it looks up was given: from now on nothing else is kept.</summary>
    public void Settle()
    {
        demanded.Settle();
        foreach (var kind in kinds.Values.Where(kind => kind.OnDemand))
        {
            foreach (var cache in reflectors.CachesOf(kind))
            {
                cache.Forget(item => !demanded.IsDemanded(item.Resource));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        reflectors.Dispose();
        queue.Dispose();
        if (journal is not null)
        {
            await journal.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task RestoreAsync(ObjectJournal from, CancellationToken cancellation)
    {
        await foreach (var entry in from.ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (kinds.Values.FirstOrDefault(kind => kind.Type.Group == entry.Group && kind.Type.Kind == entry.Kind) is { } kind
                && kind.Type.Versions.Contains(entry.Version))
            {
                reflectors.CacheOf(kind, entry.Namespace).Set(entry.Version, entry.Json.Span);
            }
        }
    }

    /// <summary>Waits for everything; where there is a snapshot, not for long.</summary>
    private async Task FirstAsync(Task running, CancellationToken cancellation)
    {
        var synced = reflectors.SyncedAsync(cancellation);
        var all = Task.WhenAny(synced, running);
        if (journal is { IsRestored: true })
        {
            await Task.WhenAny(all, connection.FirstFailure, Task.Delay(api.Settings.SnapshotGrace, time, cancellation)).ConfigureAwait(false);
        }
        else
        {
            await all.ConfigureAwait(false);
        }

        cancellation.ThrowIfCancellationRequested();
        if (running.IsFaulted)
        {
            await running.ConfigureAwait(false);
        }
    }

    private ResourceBatch TakeBatch()
    {
        var set = new List<ClusterObject>();
        var removed = new List<Resource>();
        foreach (var (resource, item) in queue.Take())
        {
            if (item is null)
            {
                removed.Add(resource);
            }
            else
            {
                set.Add(item);
            }
        }

        journal?.Append(set, removed);
        return new ResourceBatch([.. set.Select(item => item.Resource)], removed, [], [.. unreadable.Values], []);
    }

    private List<ClusterObject> Known(WatchedKind kind, Dependency dependency)
    {
        if (dependency is { Namespace: { } ns, Key: { } name })
        {
            return reflectors.CacheOf(kind, ns).Find(ns, name) is { } found ? [found] : [];
        }

        return [.. reflectors.CachesOf(kind).SelectMany(cache => cache.ToList())
            .Where(item => dependency.Namespace is null || item.Resource.Namespace == dependency.Namespace)];
    }

    private void Forget(List<Resource> removed)
    {
        if (!demanded.IsSettled)
        {
            return;
        }

        foreach (var resource in removed)
        {
            reflectors.CacheOf(kinds[resource.Type.ObjectType], resource.Namespace).Forget(item => item.Resource.Key == resource.Key);
        }
    }

    private async Task<IEnumerable<ClusterObject>> FetchAsync(List<(WatchedKind Kind, string Namespace, string Name)> missing, CancellationToken cancellation)
    {
        if (missing.Count > FetchedAtOnce)
        {
            foreach (var type in missing.Select(item => item.Kind.Type).Distinct())
            {
                reflectors.Relist(type);
            }

            return [];
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(FetchTimeout);
        var found = await Task.WhenAll(missing.Select(item => FetchAsync(item.Kind, item.Namespace, item.Name, limit.Token))).ConfigureAwait(false);
        return found.OfType<ClusterObject>();
    }

    private async Task<ClusterObject?> FetchAsync(WatchedKind kind, string ns, string name, CancellationToken cancellation)
    {
        var version = kind.Type.Versions[0];
        try
        {
            var json = await api.ReadAsync(
                HttpMethod.Get, ApiPath.Object(kind.Type.Group, version, kind.Type.Plural, ns, name), null, cancellation).ConfigureAwait(false);
            return reflectors.CacheOf(kind, ns).Insert(version, json.Span);
        }
        catch (ApiException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return null;
        }
        catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            // A watch tells of changes only; the list that follows has it.
            reflectors.Relist(kind.Type);
            return null;
        }
    }

    /// <summary>What the reflectors tell.</summary>
    private sealed class Sink(ClusterSource source) : IObjectSink
    {
        public bool KeepsJson => source.journal is not null;

        public bool Accepts(WatchedKind kind, string ns, string name) =>
            source.reflectors.Includes(kind, ns) && (!kind.OnDemand || source.demanded.Keeps(kind.Type.ObjectType, ns, name));

        public void Publish(IReadOnlyCollection<ClusterObject> set, IReadOnlyCollection<Resource> removed) =>
            source.queue.Add(set.Where(item => IsWanted(item.Resource)), removed);

        public void StatusChanged(ResourceKey key) => source.StatusChanged(key);

        public void Report(ResourceKey key, Diagnostic? problem)
        {
            if (problem is null)
            {
                source.unreadable.TryRemove(key, out _);
            }
            else
            {
                source.unreadable[key] = problem;
            }

            source.queue.Signal();
        }

        private bool IsWanted(Resource resource) => !source.kinds[resource.Type.ObjectType].OnDemand || source.demanded.IsDemanded(resource);
    }
}

/// <summary>An object with its status, as the API server last told of it.</summary>
/// <param name="Resource">The object.</param>
/// <param name="Version">Its resource version.</param>
/// <param name="Status">Its status as JSON; empty when it has none.</param>
/// <param name="Finalizers">Who has to agree before it is deleted.</param>
public sealed record LiveObject(Resource Resource, string Version, ReadOnlyMemory<byte> Status, IReadOnlyList<string> Finalizers);
