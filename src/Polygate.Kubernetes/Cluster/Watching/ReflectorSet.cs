using System.Text.Json;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Runs a reflector for each kind that the API server has, and starts and stops them as kinds come and go (with their
/// CustomResourceDefinitions).
/// </summary>
internal sealed class ReflectorSet : IDisposable
{
    /// <summary>
    /// How many answers in a row must lack a kind before its objects are given up: a server that is starting may not know of
    /// everything yet.
    /// </summary>
    private const int AbsencesBelieved = 2;

    private readonly ApiClient api;
    private readonly IReadOnlyList<WatchedKind> kinds;
    private readonly WatchScope scope;
    private readonly IObjectSink sink;
    private readonly ConnectionReport report;
    private readonly TimeProvider time;
    private readonly NamespaceSelection? selection;
    private readonly Lock gate = new();
    private readonly Dictionary<(ResourceType Type, string Namespace), ObjectCache> caches = [];
    private readonly Dictionary<ResourceType, RunningKind> running = [];
    private readonly TaskCompletionSource discovered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReflectorSet(ApiClient api, IReadOnlyList<WatchedKind> kinds, WatchScope scope, IObjectSink sink, ConnectionReport report, TimeProvider time)
    {
        this.api = api;
        this.kinds = kinds;
        this.scope = scope;
        this.sink = sink;
        this.report = report;
        this.time = time;
        selection = scope.Selector.Length > 0 ? new NamespaceSelection(api, scope.Selector, RelistNamespaced, report, time) : null;
    }

    /// <summary>Completes when the kinds are known and each was listed once.</summary>
    public async Task SyncedAsync(CancellationToken cancellation)
    {
        await discovered.Task.WaitAsync(cancellation).ConfigureAwait(false);
        foreach (var reflector in Reflectors())
        {
            await reflector.Synced.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>What is not synced yet, for people; empty when everything is.</summary>
    public string WaitingFor => !discovered.Task.IsCompleted
        ? "the API server"
        : string.Join(", ", Reflectors().Where(reflector => !reflector.Synced.IsCompleted).Select(reflector => reflector.Scope.ToString()));

    /// <summary>How a kind is served now; null when it is not.</summary>
    public ServedKind? Served(ResourceType type)
    {
        lock (gate)
        {
            return running.GetValueOrDefault(type)?.Served;
        }
    }

    /// <summary>Whether all objects of a kind that are to be read were: then what is not there does not exist.</summary>
    public bool IsListed(ResourceType type)
    {
        lock (gate)
        {
            return running.GetValueOrDefault(type)?.Reflectors.All(reflector => reflector.IsListed) == true;
        }
    }

    /// <summary>Whether objects of a namespace are read.</summary>
    public bool Includes(WatchedKind kind, string ns) =>
        !kind.Type.Namespaced || kind.OwnObject?.Namespace == ns || (selection is { Synced.IsCompleted: true } ? selection.Contains(ns) : (scope.Namespaces.Count == 0 || scope.Namespaces.Contains(ns)));

    /// <summary>Where the objects of a kind are kept.</summary>
    public ObjectCache CacheOf(WatchedKind kind, string ns)
    {
        lock (gate)
        {
            var key = (kind.Type, PerNamespace(kind) ? ns : "");
            if (!caches.TryGetValue(key, out var cache))
            {
                caches.Add(key, cache = new ObjectCache(kind, sink));
            }

            return cache;
        }
    }

    /// <summary>Every cache of a kind.</summary>
    public IReadOnlyList<ObjectCache> CachesOf(WatchedKind kind)
    {
        lock (gate)
        {
            return [.. caches.Where(pair => pair.Key.Type == kind.Type).Select(pair => pair.Value)];
        }
    }

    /// <summary>Has the objects of a kind listed again.</summary>
    public void Relist(ResourceType type)
    {
        foreach (var reflector in Reflectors().Where(reflector => reflector.Scope.Kind.Type == type))
        {
            reflector.Relist();
        }
    }

    public void Dispose()
    {
        selection?.Dispose();
        foreach (var reflector in Reflectors())
        {
            reflector.Dispose();
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var selecting = Task.CompletedTask;
        if (selection is not null)
        {
            selecting = selection.RunAsync(cancellation);
            await selection.Synced.WaitAsync(cancellation).ConfigureAwait(false);
        }

        var discovery = new ApiDiscovery(api, [.. kinds.Select(kind => kind.Type)]);
        var backoff = new Backoff(time);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await UpdateAsync(await discovery.FindAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
                discovered.TrySetResult();
                backoff.Reset();
                report.Succeeded();
                await Task.Delay(api.Settings.DiscoveryInterval * (0.8 + (0.4 * Random.Shared.NextDouble())), time, cancellation).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException or TimeoutException or JsonException)
            {
                report.Failed(exception.Message);
                await backoff.WaitAsync(exception is ApiException, (exception as ApiException)?.RetryAfter, cancellation).ConfigureAwait(false);
            }
        }

        await selecting.ConfigureAwait(false);
    }

    private async Task UpdateAsync(IReadOnlyDictionary<ResourceType, ServedKind> served, CancellationToken cancellation)
    {
        foreach (var kind in kinds)
        {
            RunningKind? current;
            lock (gate)
            {
                current = running.GetValueOrDefault(kind.Type);
            }

            if (!served.TryGetValue(kind.Type, out var found))
            {
                await MissAsync(kind, current, cancellation).ConfigureAwait(false);
            }
            else if (current is null || current.Served != found)
            {
                current?.Stop();
                Start(kind, found, cancellation);
            }
            else
            {
                current.Absences = 0;
            }
        }
    }

    private void Start(WatchedKind kind, ServedKind served, CancellationToken cancellation)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IEnumerable<(WatchedKind Kind, string Namespace)> watches = (PerNamespace(kind) ? scope.Namespaces : [""]).Select(ns => (kind, ns));
        if (PerNamespace(kind) && kind.OwnObject is { } own && !scope.Namespaces.Contains(own.Namespace))
        {
            // Asked for by name, so that a right to this one object is enough.
            watches = watches.Append((kind with { FieldSelector = $"metadata.name={own.Name}" }, own.Namespace));
        }

        var reflectors = watches
            .Select(watch => new Reflector(
                api, new ReflectorScope(watch.Kind, served.Version, served.Plural, watch.Namespace), CacheOf(kind, watch.Namespace), time, report.Take))
            .ToList();
        lock (gate)
        {
            running[kind.Type] = new RunningKind(served, reflectors, stop);
        }

        foreach (var reflector in reflectors)
        {
            _ = reflector.RunAsync(stop.Token);
        }
    }

    /// <summary>Stops what the server no longer has, once it says so itself.</summary>
    private async Task MissAsync(WatchedKind kind, RunningKind? current, CancellationToken cancellation)
    {
        if (current is null)
        {
            var unserved = new ServedKind(kind.Type.Versions[0], kind.Type.Plural, HasStatus: false);
            if (CachesOf(kind).Any(cache => cache.Count > 0) && await IsGoneAsync(kind, unserved, cancellation).ConfigureAwait(false))
            {
                // Of a snapshot, and no longer there.
                Drop(kind);
            }

            return;
        }

        if (++current.Absences < AbsencesBelieved || !await IsGoneAsync(kind, current.Served, cancellation).ConfigureAwait(false))
        {
            return;
        }

        current.Stop();
        lock (gate)
        {
            running.Remove(kind.Type);
        }

        Drop(kind);
    }

    private async Task<bool> IsGoneAsync(WatchedKind kind, ServedKind served, CancellationToken cancellation)
    {
        try
        {
            var path = ApiPath.Collection(kind.Type.Group, served.Version, served.Plural, PerNamespace(kind) ? scope.Namespaces[0] : "");
            await api.ReadAsync(HttpMethod.Get, path + "?limit=1", null, cancellation).ConfigureAwait(false);
            return false;
        }
        catch (ApiException exception)
        {
            return exception.IsNotFound;
        }
    }

    private void Drop(WatchedKind kind)
    {
        foreach (var cache in CachesOf(kind))
        {
            cache.Replace([]);
        }
    }

    private bool PerNamespace(WatchedKind kind) => kind.Type.Namespaced && scope.Namespaces.Count > 0;

    private List<Reflector> Reflectors()
    {
        lock (gate)
        {
            return [.. running.Values.SelectMany(kind => kind.Reflectors)];
        }
    }

    private void RelistNamespaced()
    {
        foreach (var reflector in Reflectors().Where(reflector => reflector.Scope.Kind.Type.Namespaced))
        {
            reflector.Relist();
        }
    }

    /// <summary>A kind that is watched.</summary>
    private sealed class RunningKind(ServedKind served, IReadOnlyList<Reflector> reflectors, CancellationTokenSource stop)
    {
        public ServedKind Served { get; } = served;

        public IReadOnlyList<Reflector> Reflectors { get; } = reflectors;

        /// <summary>How many answers in a row did not have it.</summary>
        public int Absences { get; set; }

        public void Stop() => stop.Cancel();
    }
}

/// <summary>The namespaces that carry the labels asked for, as the API server selects them.</summary>
internal sealed class NamespaceSelection : IObjectSink, IDisposable
{
    private readonly Reflector reflector;
    private readonly Action changed;
    private volatile HashSet<string> names = [];

    public NamespaceSelection(ApiClient api, string selector, Action changed, ConnectionReport report, TimeProvider time)
    {
        this.changed = changed;
        var kind = new WatchedKind(CoreTypes.Namespace) { LabelSelector = selector };
        reflector = new Reflector(
            api, new ReflectorScope(kind, kind.Type.Versions[0], kind.Type.Plural, ""), new ObjectCache(kind, this), time, report.Take);
    }

    public bool KeepsJson => false;

    public Task Synced => reflector.Synced;

    public bool Contains(string ns) => names.Contains(ns);

    public Task RunAsync(CancellationToken cancellation) => reflector.RunAsync(cancellation);

    public void Dispose() => reflector.Dispose();

    public bool Accepts(WatchedKind kind, string ns, string name) => true;

    public void Publish(IReadOnlyCollection<ClusterObject> set, IReadOnlyCollection<Resource> removed)
    {
        // One thread at a time: the cache publishes under its lock.
        var next = names.Union(set.Select(item => item.Resource.Name)).Except(removed.Select(item => item.Name)).ToHashSet();
        if (!next.SetEquals(names))
        {
            names = next;
            changed();
        }
    }

    public void StatusChanged(ResourceKey key)
    {
    }

    public void Report(ResourceKey key, Diagnostic? problem)
    {
    }
}
