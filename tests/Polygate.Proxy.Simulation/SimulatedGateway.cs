using System.Net;
using Polygate.Model;
using Polygate.Proxy.Listening;

namespace Polygate.Proxy.Simulation;

/// <summary>The whole proxy on a <see cref="SimulatedLoop"/>, with one route that leads everything to one backend. Clients and backend are the test.</summary>
public sealed class SimulatedGateway : IAsyncDisposable
{
    private static readonly ListenerKey Key = new(8080);
    private static readonly Origin Origin = new("simulation", "Simulation", "default", "simulation");

    private readonly SimulatedTransport transport;
    private readonly List<string> failures = [];

    /// <param name="options">Listeners, loops and transport are set here.</param>
    /// <param name="action">Where the route leads; null for the backend <c>backend</c> and nothing else.</param>
    /// <param name="protocol">What the backend speaks.</param>
    public SimulatedGateway(ProxyOptions? options = null, ForwardAction? action = null, BackendProtocol protocol = BackendProtocol.Http1)
    {
        transport = new SimulatedTransport(Loop);
        Loop.Connecting = _ =>
        {
            var channel = new SimulatedChannel(Loop, Inline);
            Upstreams.Add(channel);
            return channel;
        };
        Server = new ProxyServer((options ?? new ProxyOptions()) with
        {
            Loops = 1,
            Transport = _ => transport,
            Listeners = new ListenerOptions { MapEndPoint = _ => new IPEndPoint(IPAddress.Loopback, 8080) },

            // HTTP/2 in front runs on the thread pool, which is no simulation.
            Http2Server = static _ => null!,
            Report = (message, exception) => failures.Add($"{message} {exception}"),
        });
        var diagnostics = Server.Apply(Configure(action ?? new ForwardAction([new WeightedBackend("backend")]), protocol));
        if (!diagnostics.IsEmpty)
            throw new InvalidOperationException(diagnostics[0].ToString());
    }

    public SimulatedLoop Loop { get; } = new();

    public ProxyServer Server { get; }

    /// <summary>See <see cref="SimulatedChannel"/>; for connections from now on.</summary>
    public bool Inline { get; set; } = true;

    /// <summary>The connections that the proxy made to the backend, in order.</summary>
    public List<SimulatedChannel> Upstreams { get; } = [];

    /// <summary>What went wrong inside the proxy: nothing a client or backend does may do that.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>A client connects.</summary>
    public SimulatedChannel Connect()
    {
        var client = new SimulatedChannel(Loop, Inline);
        transport.Connect(client);
        return client;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static GatewayConfiguration Configure(ForwardAction action, BackendProtocol protocol)
    {
        var match = new RouteMatch(HostPattern.Any, PathPattern.Any, [], new RoutePrecedence([]));
        var piece = new ConfigurationPiece("piece")
        {
            Listeners = [new Listener(Key, ListenerProtocol.Http, Origin)],
            Routes = [new Route("route", Origin, "simulation", 0, [new RouteBinding(Key, HostPattern.Any, [match])], [], action)],
            Backends = [new Backend("backend", new StaticEndpoints([new Endpoint("127.0.0.1", 9)])) { Protocol = protocol }],
        };
        return new GatewayConfiguration { Pieces = GatewayConfiguration.Empty.Pieces.Add(piece.Id, piece) };
    }
}
