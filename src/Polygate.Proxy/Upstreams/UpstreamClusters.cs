using System.Net;
using Polygate.Model;
using Polygate.Proxy.Health;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// All backends by identity. A backend keeps its <see cref="UpstreamCluster"/> through every configuration, and with it health, counts
/// and connections.
/// </summary>
public sealed class UpstreamClusters : IAsyncDisposable
{
    private static readonly HashSet<string> NoNames = [];

    private readonly Lock gate = new();
    private readonly WeakRegistry<UpstreamCluster> handles = new();
    private readonly Dictionary<string, ClusterEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ClusterEntry>> byEndpointSet = new(StringComparer.Ordinal);
    /// <summary>How long a backend that nothing declares any more keeps its endpoints: requests matched by the table before still go there.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly HostResolver resolver;
    private readonly TimeProvider time;
    private readonly HashSet<ITimer> farewells = [];
    private GatewayConfiguration current = GatewayConfiguration.Empty;

    /// <param name="refusesLocal">Whether endpoints at a <see cref="LocalAddress"/> are not used, literal ones and those that a name resolves to.</param>
    public UpstreamClusters(bool refusesLocal = false)
        : this(static (host, cancellation) => Dns.GetHostAddressesAsync(host, cancellation), TimeProvider.System, refusesLocal)
    {
    }

    /// <param name="resolve">Resolves a host name.</param>
    /// <param name="time">The clock of re-resolution.</param>
    /// <param name="refusesLocal">As of the other constructor.</param>
    internal UpstreamClusters(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time, bool refusesLocal = false)
    {
        this.time = time;
        resolver = new HostResolver(resolve, time, OnResolved, refusesLocal);
    }

    /// <summary>Runs active checks; null while nothing does.</summary>
    internal HealthMonitor? Checks { get; set; }

    /// <summary>The cluster of a backend, also of one that no configuration has (yet): it then has no endpoints.</summary>
    public UpstreamCluster Get(string backendId) => handles.GetOrAdd(backendId, static id => new UpstreamCluster(id));

    /// <summary>
    /// Brings the clusters up to date; call it before publishing a routing table of the same configuration. Work is
    /// done for pieces and endpoint sets that are not the same instances as last time.
    /// </summary>
    public void Update(GatewayConfiguration configuration) => Update(configuration, new PieceChanges(current.Pieces, configuration));

    /// <inheritdoc cref="Update(GatewayConfiguration)"/>
    internal void Update(GatewayConfiguration configuration, PieceChanges changes)
    {
        lock (gate)
        {
            var dirty = new HashSet<ClusterEntry>();
            foreach (var (_, before, after) in changes.Between(current.Pieces, configuration.Pieces))
            {
                Withdraw(before, dirty);
                Declare(after, dirty);
            }

            foreach (var (name, _, _) in DictionaryDiff.Changes(current.EndpointSets, configuration.EndpointSets, configuration.EndpointSetChanges))
            {
                dirty.UnionWith(byEndpointSet.GetValueOrDefault(name, []));
            }

            current = configuration;
            foreach (var entry in dirty.Where(entry => entry.IsDeclared))
            {
                Bind(entry);
                Refresh(entry);
            }

            RetireLater([.. dirty.Where(entry => !entry.IsDeclared)]);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            foreach (var timer in farewells)
            {
                timer.Dispose();
            }

            farewells.Clear();
        }

        return resolver.DisposeAsync();
    }

    /// <summary>The table before still leads to these, and is in use until the next is published and its requests are on their way.</summary>
    private void RetireLater(IReadOnlyList<ClusterEntry> withdrawn)
    {
        if (withdrawn.Count == 0)
        {
            return;
        }

        ITimer? timer = null;
        timer = time.CreateTimer(_ => Retire(withdrawn, timer), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        farewells.Add(timer);
        timer.Change(Farewell, Timeout.InfiniteTimeSpan);
    }

    private void Retire(IReadOnlyList<ClusterEntry> withdrawn, ITimer? timer)
    {
        lock (gate)
        {
            if (timer is null || !farewells.Remove(timer))
            {
                return;
            }

            timer.Dispose();
            // One may be declared again by now, or may have been retired by an earlier farewell.
            foreach (var entry in withdrawn.Where(entry =>
                !entry.IsDeclared && ReferenceEquals(entries.GetValueOrDefault(entry.Cluster.Id), entry)))
            {
                Bind(entry);
                Refresh(entry);
            }
        }
    }

    private void Withdraw(ConfigurationPiece? piece, HashSet<ClusterEntry> dirty)
    {
        foreach (var backend in piece?.Backends ?? [])
        {
            if (entries.TryGetValue(backend.Id, out var entry))
            {
                entry.Withdraw(piece!.Id);
                dirty.Add(entry);
            }
        }
    }

    private void Declare(ConfigurationPiece? piece, HashSet<ClusterEntry> dirty)
    {
        foreach (var backend in piece?.Backends ?? [])
        {
            if (!entries.TryGetValue(backend.Id, out var entry))
            {
                entries.Add(backend.Id, entry = new ClusterEntry(Get(backend.Id)));
            }

            entry.Declare(piece!.Id, backend);
            dirty.Add(entry);
        }
    }

    /// <summary>Makes the entry listen to the endpoint set and host names that it depends on now.</summary>
    private void Bind(ClusterEntry entry)
    {
        var set = (entry.Backend?.Endpoints as NamedEndpoints)?.Set;
        if (set != entry.BoundSet)
        {
            if (entry.BoundSet is { } old && byEndpointSet.TryGetValue(old, out var users) && users.Remove(entry) && users.Count == 0)
            {
                byEndpointSet.Remove(old);
            }

            if (set is not null && !byEndpointSet.TryAdd(set, [entry]))
            {
                byEndpointSet[set].Add(entry);
            }

            entry.BoundSet = set;
        }

        var names = NamesOf(entry);
        resolver.Rebind(entry, entry.BoundNames, names);
        entry.BoundNames = names;
        if (!entry.IsDeclared)
        {
            entries.Remove(entry.Cluster.Id);
        }
    }

    /// <summary>The host names that have to be resolved; of most backends there are none.</summary>
    private HashSet<string> NamesOf(ClusterEntry entry)
    {
        HashSet<string>? names = null;
        foreach (var endpoint in EndpointsOf(entry))
        {
            if (!IPAddress.TryParse(endpoint.Host, out _))
            {
                (names ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase)).Add(endpoint.Host);
            }
        }

        return names ?? NoNames;
    }

    private ValueList<Endpoint> EndpointsOf(ClusterEntry entry) => entry.Backend?.Endpoints switch
    {
        StaticEndpoints fixedEndpoints => fixedEndpoints.Endpoints,
        NamedEndpoints named => current.EndpointSets.GetValueOrDefault(named.Set)?.Endpoints ?? [],
        _ => [],
    };

    private void Refresh(ClusterEntry entry)
    {
        entry.Cluster.Update(Expand(entry));
        Checks?.Sync(entry.Cluster);
    }

    private ClusterSnapshot Expand(ClusterEntry entry)
    {
        // Connections made for other TLS settings or another protocol must not serve the new ones.
        var backend = entry.Backend;
        var reusable = entry.Cluster.Backend is { } before && before.Tls == backend?.Tls && before.Protocol == backend?.Protocol
            ? entry.Cluster.Endpoints.ToDictionary(endpoint => (endpoint.Host, endpoint.Address))
            : [];
        var endpoints = new Dictionary<IPEndPoint, UpstreamEndpoint>();
        var shares = new List<EndpointShare>();
        foreach (var configured in EndpointsOf(entry))
        {
            foreach (var address in resolver.AddressesOf(configured.Host))
            {
                var key = new IPEndPoint(address, configured.Port);
                if (!reusable.TryGetValue((configured.Host, key), out var endpoint))
                {
                    endpoint = new UpstreamEndpoint(entry.Cluster.Id, configured.Host, key);
                }

                if (endpoints.TryAdd(key, endpoint) && configured is { Ready: true, Weight: > 0 })
                {
                    shares.Add(new EndpointShare(endpoint, configured.Weight));
                }
            }
        }

        Instruct(entry.Cluster, backend, endpoints.Values);
        return new ClusterSnapshot(backend, [.. endpoints.Values], [.. shares], DetectorOf(entry.Cluster, backend));
    }

    /// <summary>Tells endpoints what the settings say of each; those that came later than others begin slowly.</summary>
    private static void Instruct(UpstreamCluster cluster, Backend? backend, IEnumerable<UpstreamEndpoint> endpoints)
    {
        var policy = EndpointPolicy.Of(backend);
        var known = cluster.Endpoints.ToHashSet();
        var now = Environment.TickCount64;
        foreach (var endpoint in endpoints)
        {
            endpoint.Apply(policy);
            var isNew = !known.Contains(endpoint);
            if (isNew && backend?.HealthCheck is { InitiallyHealthy: false })
            {
                endpoint.SetHealthy(false, now);
            }

            if (isNew && known.Count > 0)
            {
                endpoint.BeginSlowStart(now);
            }

            if (backend?.HealthCheck is null)
            {
                endpoint.SetHealthy(true, now);
            }
        }
    }

    private static OutlierDetector? DetectorOf(UpstreamCluster cluster, Backend? backend)
    {
        var before = cluster.Backend;
        return backend?.Outliers is not { } rules ? null
            : before?.Outliers == rules && before.HealthCheck is null == backend.HealthCheck is null ? cluster.Detector
            : new OutlierDetector(rules, backend.HealthCheck is not null);
    }

    private void OnResolved(IReadOnlyCollection<object> users)
    {
        lock (gate)
        {
            foreach (var entry in users.Cast<ClusterEntry>().Where(entry => entry.IsDeclared))
            {
                Refresh(entry);
            }
        }
    }

    /// <summary>A backend that some piece declares.</summary>
    private sealed class ClusterEntry(UpstreamCluster cluster)
    {
        public UpstreamCluster Cluster { get; } = cluster;

        private readonly SortedDictionary<string, Backend> declarations = new(StringComparer.Ordinal);

        /// <summary>Whether some piece declares it.</summary>
        public bool IsDeclared => Backend is not null;

        /// <summary>Equal identities mean the same backend; should two differ for a moment, the first piece's by name counts.</summary>
        public Backend? Backend { get; private set; }

        public string? BoundSet { get; set; }

        public HashSet<string> BoundNames { get; set; } = NoNames;

        public void Declare(string piece, Backend backend)
        {
            declarations[piece] = backend;
            Backend = declarations.First().Value;
        }

        public void Withdraw(string piece)
        {
            declarations.Remove(piece);
            Backend = declarations.FirstOrDefault().Value;
        }
    }
}
