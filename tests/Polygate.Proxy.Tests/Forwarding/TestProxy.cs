using System.Net;
using Polygate.Model;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>A proxy on a free port whose routes all lead to one backend, unless a test says otherwise.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private static readonly ListenerKey Key = new(8080);
    private static readonly Origin Origin = new("test", "Test", "default", "test");

    private TestProxy(ProxyServer server) => Server = server;

    public ProxyServer Server { get; }

    public int Port => Server.Listeners[0].EndPoint!.Port;

    public static TestProxy Start(GatewayConfiguration configuration, ProxyOptions options)
    {
        var server = new ProxyServer(options with
        {
            Loops = 2,
            Listeners = options.Listeners with { MapEndPoint = _ => new IPEndPoint(IPAddress.Loopback, 0) },
            Report = (message, exception) => TestContext.Current.SendDiagnosticMessage($"{message} {exception}"),
        });
        Assert.Empty(server.Apply(configuration));
        return new TestProxy(server);
    }

    public static Backend Backend(string id, params int[] ports) =>
        new(id, new StaticEndpoints([.. ports.Select(port => new Endpoint("127.0.0.1", port))]));

    public static GatewayConfiguration Configuration(Backend[] backends, RouteAction action, params Filter[] filters)
    {
        var match = new RouteMatch(HostPattern.Any, PathPattern.Any, [], new RoutePrecedence([]));
        var route = new Route("route", Origin, "test", 0, [new RouteBinding(Key, HostPattern.Any, [match])], [.. filters], action);
        var piece = new ConfigurationPiece("piece")
        {
            Listeners = [new Listener(Key, ListenerProtocol.Http, Origin)],
            Routes = [route],
            Backends = [.. backends],
        };
        return new GatewayConfiguration { Pieces = GatewayConfiguration.Empty.Pieces.Add(piece.Id, piece) };
    }

    public Task<TestConnection> ConnectAsync() => TestConnection.ConnectAsync(Port);

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}
