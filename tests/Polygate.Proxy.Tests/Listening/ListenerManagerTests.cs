using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Polygate.Model;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Listening;

public sealed class ListenerManagerTests
{
    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task Connections_come_with_their_listener(TransportKind kind)
    {
        await using var setup = new Setup(kind);

        Assert.Empty(setup.Apply(Http(80)));
        using var client = await setup.DialAsync(80);

        var connection = await setup.AcceptedAsync();
        Assert.Equal([new ListenerKey(80)], connection.Listener.Keys);
        Assert.Null(connection.Tls);
        Assert.Equal(client.LocalEndPoint, connection.Client);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Https_is_done_with_the_handshake_and_certificates_may_change_meanwhile(TransportKind kind)
    {
        await using var setup = new Setup(kind);
        foreach (var id in (string[])["first", "second"])
        {
            var piece = new ConfigurationPiece("one")
            {
                Listeners = [new Listener(new ListenerKey(443), ListenerProtocol.Https, TestCertificates.Origin)],
                Certificates = [TestCertificates.Ecdsa(id, id)],
                TlsBindings = [new TlsBinding(new ListenerKey(443), HostPattern.Any, [id], TestCertificates.Origin)],
            };
            Assert.Empty(setup.Manager.Apply(TestCertificates.Configuration(piece)));

            await using var client = new SslStream(new NetworkStream(await setup.DialAsync(443), ownsSocket: true));
            await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "a.example",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
#pragma warning disable CA5359 // What is presented is looked at below.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            });

            Assert.Equal($"CN={id}", client.RemoteCertificate!.Subject);
            var connection = await setup.AcceptedAsync();
            Assert.Equal(("a.example", true), (connection.Tls!.ServerName, connection.Tls.IsHttp2));
        }
    }

    /// <summary>There may be thousands of listeners: what a route's change does not concern is not looked at again, and still holds.</summary>
    [Fact]
    public async Task A_change_of_routes_alone_leaves_sockets_certificates_and_problems_as_they_are()
    {
        await using var setup = new Setup(TransportKind.Sockets);
        var piece = new ConfigurationPiece("listeners")
        {
            Listeners = [Http(80), new Listener(new ListenerKey(80), ListenerProtocol.Tcp, TestCertificates.Origin)],
            Certificates = [TestCertificates.Ecdsa("one", "one")],
        };
        var before = setup.Manager.Apply(TestCertificates.Configuration(piece));
        var (certificates, listeners) = (setup.Manager.Certificates, setup.Manager.Listeners);
        Assert.Single(before);

        var after = setup.Manager.Apply(TestCertificates.Configuration(piece, new ConfigurationPiece("route")));

        Assert.Equal(before, after);
        Assert.Same(certificates, setup.Manager.Certificates);
        Assert.Equal(listeners, setup.Manager.Listeners);

        Assert.Empty(setup.Manager.Apply(TestCertificates.Configuration(new ConfigurationPiece("route"))));
        Assert.Empty(setup.Manager.Listeners);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_change_touches_only_what_changed(TransportKind kind)
    {
        await using var setup = new Setup(kind);
        setup.Apply(Http(80), Http(81));
        var kept = setup.Manager.Listeners[0];
        using var client = await setup.DialAsync(80);
        var connection = await setup.AcceptedAsync();
        var goneAddress = setup.EndPointOf(81);

        setup.Apply(Http(80), Http(82));

        Assert.Same(kept, setup.Manager.Listeners[0]);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                (await TransportHost.DialAsync(goneAddress)).Dispose();
            }
        }).WaitAsync(TransportHost.Patience);
        using var other = await setup.DialAsync(82);
        await setup.Host.On(connection.Channel, async () => await connection.Channel.SendAsync(new byte[] { 7 }));
        var received = new byte[1];
        Assert.Equal(1, await client.ReceiveAsync(received));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Listeners_that_share_an_address_share_a_socket(TransportKind kind)
    {
        await using var setup = new Setup(kind, sharedPort: true);

        Assert.Empty(setup.Apply(Http(80), Http(8080)));

        var listener = Assert.Single(setup.Manager.Listeners);
        Assert.Equal([new ListenerKey(80), new ListenerKey(8080)], listener.Keys);
        setup.Apply(Http(8080));
        Assert.Same(listener, Assert.Single(setup.Manager.Listeners));
        Assert.Equal([new ListenerKey(8080)], listener.Keys);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Of_two_protocols_on_one_address_the_first_object_wins(TransportKind kind)
    {
        await using var setup = new Setup(kind, sharedPort: true);

        var diagnostics = setup.Apply(
            new Listener(new ListenerKey(443), ListenerProtocol.Https, TestCertificates.Origin with { Name = "b" }),
            new Listener(new ListenerKey(80), ListenerProtocol.Http, TestCertificates.Origin with { Name = "a" }));

        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal(("conflicting-listener", "b"), (diagnostic.Code, diagnostic.Origin.Name));
        Assert.Equal(ListenerProtocol.Http, Assert.Single(setup.Manager.Listeners).Protocol);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_address_in_use_is_reported_and_had_when_it_is_free(TransportKind kind)
    {
        var blocker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        blocker.Bind(TransportHost.AnyPort);
        blocker.Listen();
        await using var setup = new Setup(kind, port: ((IPEndPoint)blocker.LocalEndPoint!).Port);

        Assert.Empty(setup.Apply(Http(80)));
        Assert.Equal("listener-not-bound", (await setup.Reported.ReadAsync()).Code);
        Assert.NotNull(setup.Manager.Listeners[0].Failure);
        blocker.Dispose();

        Assert.Equal("listener-bound", (await setup.Reported.ReadAsync()).Code);
        Assert.Null(setup.Manager.Listeners[0].Failure);
        using var client = await setup.DialAsync(80);
        await setup.AcceptedAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Where_the_PROXY_protocol_is_spoken_it_tells_the_client(TransportKind kind)
    {
        await using var setup = new Setup(kind, usesProxyProtocol: true);
        setup.Apply(Http(80));
        using var client = await setup.DialAsync(80);

        await client.SendAsync("PROXY TCP4 127.9.9.9 127.0.0.1 999 80\r\n"u8.ToArray());

        Assert.Equal(new IPEndPoint(IPAddress.Parse("127.9.9.9"), 999), (await setup.AcceptedAsync()).Client);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_client_that_never_finishes_the_handshake_is_dropped(TransportKind kind)
    {
        await using var setup = new Setup(kind);
        setup.Apply(new Listener(new ListenerKey(443), ListenerProtocol.Https, TestCertificates.Origin));
        using var client = await setup.DialAsync(443);

        await client.SendAsync(new byte[] { 22, 3, 1 });

        await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1]).WaitAsync(TransportHost.Patience));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_listener_is_bound_on_each_of_its_addresses(TransportKind kind)
    {
        await using var host = new TransportHost(kind);
        using var manager = new ListenerManager(
            host.Transport, new ListenerOptions { MapEndPoint = key => new IPEndPoint(IPAddress.Parse(key.Address), 0) }, connection => connection.Channel.Dispose());
        var key = new ListenerKey(80, "default/web");
        var listener = new Listener(key, ListenerProtocol.Http, TestCertificates.Origin) { Addresses = ["127.0.0.2", "127.0.0.3"] };

        Assert.Empty(manager.Apply(TestCertificates.Configuration(new ConfigurationPiece("one") { Listeners = [listener] })));

        Assert.Equal(["127.0.0.2", "127.0.0.3"], manager.Listeners.Select(bound => bound.EndPoint!.Address.ToString()));
        Assert.All(manager.Listeners, bound => Assert.Equal([key], bound.Keys));
    }

    private static Listener Http(int port) =>
        new(new ListenerKey(port), ListenerProtocol.Http, TestCertificates.Origin with { Name = $"{port:D5}" });

    /// <summary>A manager whose listeners are bound to free ports.</summary>
    private sealed class Setup : IAsyncDisposable
    {
        private readonly Channel<AcceptedConnection> accepted = System.Threading.Channels.Channel.CreateUnbounded<AcceptedConnection>();
        private readonly Channel<Diagnostic> reported = System.Threading.Channels.Channel.CreateUnbounded<Diagnostic>();
        private readonly ConcurrentDictionary<int, IPAddress> addresses = new();

        internal Setup(TransportKind kind, bool sharedPort = false, bool usesProxyProtocol = false, int port = 0)
        {
            Host = new TransportHost(kind);
            Manager = new ListenerManager(
                Host.Transport,
                new ListenerOptions
                {
                    // Equal addresses are one socket: every listener gets its own in 127.0.0.0/8, unless they share.
                    MapEndPoint = key => new IPEndPoint(sharedPort || port != 0 ? IPAddress.Loopback : AddressOf(key.Port), port),
                    UsesProxyProtocol = _ => usesProxyProtocol,
                    HandshakeTimeout = TimeSpan.FromSeconds(2),
                    RetryDelay = TimeSpan.FromMilliseconds(50),
                    Report = diagnostic => reported.Writer.TryWrite(diagnostic),
                },
                connection => accepted.Writer.TryWrite(connection));
        }

        internal TransportHost Host { get; }

        internal ListenerManager Manager { get; }

        internal ChannelReader<Diagnostic> Reported => reported.Reader;

        public async ValueTask DisposeAsync()
        {
            Manager.Dispose();
            await Host.DisposeAsync();
        }

        internal IReadOnlyList<Diagnostic> Apply(params Listener[] listeners) =>
            Manager.Apply(TestCertificates.Configuration(new ConfigurationPiece("one") { Listeners = listeners.ToValueList() }));

        internal IPEndPoint EndPointOf(int port) =>
            Manager.Listeners.Single(listener => listener.Keys.Contains(new ListenerKey(port))).EndPoint!;

        internal Task<Socket> DialAsync(int port) => TransportHost.DialAsync(EndPointOf(port));

        internal Task<AcceptedConnection> AcceptedAsync() => accepted.Reader.ReadAsync().AsTask().WaitAsync(TransportHost.Patience);

        private IPAddress AddressOf(int port) => addresses.GetOrAdd(port, static port => new IPAddress([127, 0, (byte)(port >> 8), (byte)port]));
    }
}
