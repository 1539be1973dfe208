using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Health;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Transport.Tls;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy;

/// <summary>
/// The proxy: listens where the configuration says, answers as it says, and goes over to another configuration without dropping anything.
/// </summary>
public sealed class ProxyServer : IAsyncDisposable
{
    private readonly RuntimeState state;
    private readonly ITransport transport;
    private readonly ListenerManager listeners;
    private readonly ProxyLoop[] loops;
    private readonly DatagramLoop[] datagrams;
    private readonly ClientRules rules;
    private readonly Http2Front http2;
    private readonly Func<ListenerKey, IPEndPoint?> mapEndPoint;
    private readonly ConcurrentDictionary<BoundListener, RouteSource> sources = new();
    private readonly Lock applying = new();
    private volatile RoutingTable table = RoutingTable.Empty;
    private StreamTable streams = StreamTable.Empty;
    private GatewayConfiguration? applied;
    private ImmutableArray<Diagnostic> problems = [];

    /// <summary>Starts the loops; nothing is listened on before <see cref="Apply"/>.</summary>
    public ProxyServer(ProxyOptions options)
    {
        state = new RuntimeState(options.Upstream.RefusesLocalAddresses);
        transport = options.Transport(new TransportOptions
        {
            Loops = options.Loops,
            MaximumConnections = options.MaximumConnections,
            Report = options.Report,
            ReportHeld = options.ReportHeld,
        });
        rules = new ClientRules(options.Limits, options.TrustedProxies);
        mapEndPoint = options.Listeners.MapEndPoint;
        listeners = new ListenerManager(transport, options.Listeners, Accept, Accept, listener => new DatagramFront(listener, datagrams!));
        http2 = new Http2Front(options.Limits);
        var tls = new BackendTlsConnector(id => listeners.Certificates.Find(id));
        var complete = options with
        {
            BackendTls = options.BackendTls ?? tls,
            Http2Server = options.Http2Server ?? http2.CreateServer,
        };
        loops = [.. transport.Loops.Select(loop => new ProxyLoop(loop, complete))];
        datagrams = [.. loops.Select(loop => loop.Datagrams)];
        state.Clusters.Checks = new HealthMonitor([.. loops.Select(loop => loop.Upstreams)]);
    }

    /// <summary>The routes as they are now.</summary>
    public RoutingTable Routes => table;

    /// <summary>The sockets wanted at present, bound or not.</summary>
    public ImmutableArray<BoundListener> Listeners => listeners.Listeners;

    /// <summary>The endpoints of a backend as they are now, with their health; none when there is no such backend.</summary>
    public IReadOnlyList<UpstreamEndpoint> EndpointsOf(string backendId) => state.Clusters.Get(backendId).Endpoints;

    /// <summary>
    /// Goes over to a configuration: requests that come from now on are answered as it says, those under way end as they began. The work is
    /// proportional to what changed since the last one. From any thread.
    /// </summary>
    /// <returns>What of it cannot be used; everything else is served.</returns>
    public ImmutableArray<Diagnostic> Apply(GatewayConfiguration configuration)
    {
        lock (applying)
        {
            var changes = new PieceChanges((applied ?? GatewayConfiguration.Empty).Pieces, configuration);
            state.Clusters.Update(configuration, changes);
            if (ReferenceEquals(configuration.Pieces, applied?.Pieces))
            {
                // Endpoints alone changed: routes, sockets and certificates are what they were.
                return problems;
            }

            table = RoutingTable.Build(configuration, table, state, changes);
            streams = StreamTable.Build(configuration, streams, state, changes);
            var diagnostics = listeners.Apply(configuration, streams, changes);
            var current = listeners.Listeners;
            foreach (var listener in current)
                SourceOf(listener).Current = table.ForListeners(listener.Keys);

            // All of those there are have one.
            if (sources.Count > current.Length)
            {
                foreach (var gone in sources.Keys.Except(current))
                    sources.TryRemove(gone, out _);
            }

            applied = configuration;
            problems = diagnostics.AddRange(table.Problems).AddRange(streams.Problems);
            return problems;
        }
    }

    /// <summary>
    /// Stops accepting, has every exchange under way finish, and completes when no connection is left or the time is over; what is left
    /// then ends with <see cref="DisposeAsync"/>.
    /// </summary>
    public async Task DrainAsync(TimeSpan timeout)
    {
        listeners.Dispose();
        foreach (var loop in loops)
            loop.Post(static loop => loop.Drain());

        var until = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (loops.Any(loop => loop.Connections > 0) && Environment.TickCount64 < until)
            await Task.Delay(TimeSpan.FromMilliseconds(20)).ConfigureAwait(false);
    }

    /// <summary>The counts since the start, of all loops together.</summary>
    public ProxyMetrics ReadMetrics()
    {
        var routes = new Dictionary<string, RouteMetrics>(StringComparer.Ordinal);
        foreach (var (route, counters) in loops.SelectMany(loop => loop.Metrics.Routes))
        {
            if (!routes.TryGetValue(route, out var sum))
                routes.Add(route, sum = new RouteMetrics());

            sum.Add(counters);
        }

        var byStream = new Dictionary<string, StreamMetrics>(StringComparer.Ordinal);
        foreach (var (route, counters) in loops.SelectMany(loop => loop.Metrics.Streams))
        {
            if (!byStream.TryGetValue(route, out var sum))
                byStream.Add(route, sum = new StreamMetrics());

            sum.Add(counters);
        }

        return new ProxyMetrics
        {
            ActiveConnections = loops.Sum(loop => loop.Connections),
            ActiveRequests = loops.Sum(loop => loop.Metrics.ActiveRequests),
            UpstreamConnects = loops.Sum(loop => loop.Upstreams.Connects),
            UpstreamConnectFailures = loops.Sum(loop => loop.Upstreams.ConnectFailures),
            MirrorsSkipped = loops.Sum(loop => loop.Metrics.MirrorsSkipped),
            Routes = routes,
            Streams = byStream,
        };
    }

    public async ValueTask DisposeAsync()
    {
        listeners.Dispose();
        await http2.DisposeAsync().ConfigureAwait(false);
        await transport.DisposeAsync().ConfigureAwait(false);
        await state.DisposeAsync().ConfigureAwait(false);
    }

    private void Accept(AcceptedStream stream) => loops[stream.Channel.Loop.Index].Streams.Serve(stream);

    private RouteSource SourceOf(BoundListener listener) =>
        sources.GetOrAdd(listener, added => new RouteSource { Current = table.ForListeners(added.Keys) });

    /// <summary>The same for every connection of a socket, so that it is made once.</summary>
    private PortMapping? MappingOf(BoundListener listener, RouteSource source, int bound)
    {
        var (keys, known) = (listener.Keys, source.Mapping);
        if (known is null || known.Port != bound || known.Keys != keys)
            source.Mapping = known = new KnownMapping(bound, keys, MakeMapping(keys, bound));

        return known.Mapping;
    }

    private PortMapping? MakeMapping(IReadOnlyList<ListenerKey> keys, int bound) => keys.All(key => key.Port == bound)
        ? null
        : new PortMapping(bound, port => mapEndPoint(new ListenerKey(port))?.Port ?? port);

    private void Accept(AcceptedConnection accepted)
    {
        var listener = accepted.Listener;
        var own = listener.RulesOver(rules);
        var source = SourceOf(listener);
        var client = new ClientConnection(
            accepted.Client.Address, listener.Keys[0].Port, accepted.Tls is not null, accepted.Tls?.ServerName ?? "")
        {
            Routes = source,
            Certificate = accepted.Tls?.Client,
            IsTrusted = own.Trusted.Contains(accepted.Client.Address),
            Trusted = own.Trusted,
            Limits = own.Limits,
            Mapping = MappingOf(listener, source, listener.EndPoint?.Port ?? accepted.Channel.LocalEndPoint.Port),
        };
        loops[accepted.Channel.Loop.Index].Serve(accepted.Channel, client, accepted.Tls?.Protocol ?? "");
    }
}
