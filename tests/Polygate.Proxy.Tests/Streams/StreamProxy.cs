using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Streams;

/// <summary>A proxy whose listeners get free ports, and clients for it.</summary>
internal sealed class StreamProxy : IAsyncDisposable
{
    internal static readonly ListenerKey Key = new(9000);
    internal static readonly Origin Origin = TestCertificates.Origin;

    internal StreamProxy(TransportKind kind, bool usesProxyProtocol = false, StreamOptions? streams = null)
    {
        Assert.SkipUnless(kind == TransportKind.Sockets || EpollTransport.IsSupported, "This machine has no epoll.");
        Server = new ProxyServer(new ProxyOptions
        {
            Loops = 2,
            Transport = options => kind == TransportKind.Epoll ? new EpollTransport(options) : new SocketsTransport(options),
            Listeners = new ListenerOptions { MapEndPoint = _ => TransportHost.AnyPort, UsesProxyProtocol = _ => usesProxyProtocol },
            Streams = streams ?? new StreamOptions(),
            AccessLog = Log,
            Report = (message, exception) => Reports.Enqueue($"{message} {exception}"),
        });
    }

    internal ProxyServer Server { get; }

    internal RecordedStreams Log { get; } = new();

    internal ConcurrentQueue<string> Reports { get; } = new();

    internal IPEndPoint EndPoint => Server.Listeners.Single().EndPoint!;

    internal static StreamRoute Route(string id, params string[] backends) =>
        new(id, Origin, "test", 0, [Binding(HostPattern.Any)], [.. backends.Select(backend => new WeightedBackend(backend))]);

    internal static StreamBinding Binding(HostPattern name, params MatchCondition[] conditions) =>
        new(Key, name, [new StreamMatch(name, conditions.ToValueList(), new RoutePrecedence([]))]);

    internal static Backend Backend(string id, params IPEndPoint[] endpoints) =>
        new(id, new StaticEndpoints([.. endpoints.Select(endpoint => new Endpoint(endpoint.Address.ToString(), endpoint.Port))]));

    /// <summary>Serves routes and backends on one listener.</summary>
    internal void Apply(ListenerProtocol protocol, IEnumerable<StreamRoute> routes, IEnumerable<Backend> backends, ConfigurationPiece? rest = null)
    {
        var piece = (rest ?? new ConfigurationPiece("piece")) with
        {
            Listeners = [new Listener(Key with { IsUdp = protocol == ListenerProtocol.Udp }, protocol, Origin)],
            StreamRoutes = routes.ToValueList(),
            Backends = backends.ToValueList(),
        };
        Assert.Empty(Server.Apply(TestCertificates.Configuration(piece)));
    }

    internal Task<Socket> DialAsync() => TransportHost.DialAsync(EndPoint);

    /// <summary>A TLS client; whatever is presented is accepted, and looked at by the test.</summary>
    internal async Task<SslStream> DialTlsAsync(string name, SslClientAuthenticationOptions? options = null)
    {
        var stream = new SslStream(new NetworkStream(await DialAsync(), ownsSocket: true));
        options ??= new SslClientAuthenticationOptions();
        options.TargetHost = name;
#pragma warning disable CA5359 // What is presented is looked at by the test.
        options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        try
        {
            await stream.AuthenticateAsClientAsync(options).WaitAsync(TransportHost.Patience);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Assert.Empty(Reports);
    }

    /// <summary>Remembers what ended.</summary>
    internal sealed class RecordedStreams : IAccessLog
    {
        private readonly System.Threading.Channels.Channel<(string Route, string Protocol, string ServerName, string Reason, long Received, long Sent)> entries =
            System.Threading.Channels.Channel.CreateUnbounded<(string, string, string, string, long, long)>();

        public bool IsEnabled => true;

        public void Log(in AccessLogEntry entry)
        {
        }

        public void Log(in StreamLogEntry entry) =>
            entries.Writer.TryWrite((entry.Route.Route.Id, entry.Protocol, entry.ServerName, entry.Reason, entry.BytesReceived, entry.BytesSent));

        internal Task<(string Route, string Protocol, string ServerName, string Reason, long Received, long Sent)> NextAsync() =>
            entries.Reader.ReadAsync().AsTask().WaitAsync(TransportHost.Patience);
    }
}
