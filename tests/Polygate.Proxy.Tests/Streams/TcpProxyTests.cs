using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Tests.Transport;

namespace Polygate.Proxy.Tests.Streams;

public sealed class TcpProxyTests
{
    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task Bytes_go_both_ways_and_either_end_is_passed_on(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = await proxy.DialAsync();
        using var server = await backend.AcceptedAsync();

        await client.SendAsync("question"u8.ToArray());
        Assert.Equal("question", Encoding.ASCII.GetString(await server.ReadExactlyAsync(8)));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await server.ReadSomeAsync());

        // The client has finished; the answer still comes.
        await server.SendAsync("answer"u8.ToArray());
        Assert.Equal("answer", Encoding.ASCII.GetString(await client.ReadExactlyAsync(6)));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReadSomeAsync());

        var entry = await proxy.Log.NextAsync();
        Assert.Equal(("r", "tcp", "", "", 8L, 6L), (entry.Route, entry.Protocol, entry.ServerName, entry.Reason, entry.Received, entry.Sent));
        var counts = proxy.Server.ReadMetrics().Streams["r"];
        Assert.Equal((1L, 0L, 0L, 8L, 6L), (counts.Opened, counts.Active, counts.Refused, counts.BytesReceived, counts.BytesSent));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_server_may_speak_first(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = await proxy.DialAsync();
        using var server = await backend.AcceptedAsync();

        await server.SendAsync("220 ready"u8.ToArray());

        Assert.Equal("220 ready", Encoding.ASCII.GetString(await client.ReadExactlyAsync(9)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_reset_of_either_side_resets_the_other(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var first = await proxy.DialAsync();
        using var firstServer = await backend.AcceptedAsync();
        await ExchangeAsync(first, firstServer);
        firstServer.LingerState = new LingerOption(true, 0);
        firstServer.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => first.ReadSomeAsync());
        Assert.Equal("backend-reset", (await proxy.Log.NextAsync()).Reason);

        using var second = await proxy.DialAsync();
        using var secondServer = await backend.AcceptedAsync();
        await ExchangeAsync(second, secondServer);
        second.LingerState = new LingerOption(true, 0);
        second.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => secondServer.ReadSomeAsync());
        Assert.Equal("client-reset", (await proxy.Log.NextAsync()).Reason);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_a_slow_reader_does_not_take_is_not_read_from_the_sender(TransportKind kind)
    {
        const int Limit = 64 * 1024 * 1024;
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = await proxy.DialAsync();
        using var server = await backend.AcceptedAsync();
        var block = new byte[256 * 1024];
        Random.Shared.NextBytes(block);

        // The sender stalls when the buffers of two connections are full, long before the limit.
        server.Blocking = false;
        var sent = 0;
        while (sent < Limit && server.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectWrite))
        {
            sent += server.Send(block.AsSpan(sent % block.Length), SocketFlags.None, out _);
        }

        Assert.InRange(sent, 1, Limit - 1);
        server.Shutdown(SocketShutdown.Send);
        var received = await TransportHost.ReadToEndAsync(client);
        Assert.Equal(sent, received.Length);
        for (var i = 0; i < sent; i++)
        {
            if (received[i] != block[i % block.Length])
            {
                Assert.Fail($"Byte {i} is not the one that was sent.");
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Another_endpoint_is_tried_where_one_cannot_be_connected_to(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", DeadEndPoint(), backend.EndPoint)]);

        for (var i = 0; i < 4; i++)
        {
            using var client = await proxy.DialAsync();
            using var server = await backend.AcceptedAsync();
            await server.SendAsync("x"u8.ToArray());
            await client.ReadExactlyAsync(1);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Without_a_backend_the_connection_is_closed(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("none")], []);
        using (var client = await proxy.DialAsync())
        {
            await AssertClosedAsync(client);
            Assert.Equal("no-backend", (await proxy.Log.NextAsync()).Reason);
        }

        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("dead", "b")], [StreamProxy.Backend("b", DeadEndPoint())]);
        using (var client = await proxy.DialAsync())
        {
            await AssertClosedAsync(client);
            Assert.Equal("connect-failed", (await proxy.Log.NextAsync()).Reason);
        }

        Assert.Equal(1, proxy.Server.ReadMetrics().Streams["dead"].Refused);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Backends_get_their_shares_and_an_invalid_one_closes_its_share(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var route = StreamProxy.Route("r") with { Backends = [new WeightedBackend("b", 1), new WeightedBackend(null, 1), new WeightedBackend("zero", 0)] };
        proxy.Apply(ListenerProtocol.Tcp, [route], [StreamProxy.Backend("b", backend.EndPoint)]);

        var greeting = GreetAsync(backend);
        var closed = 0;
        for (var i = 0; i < 200; i++)
        {
            using var client = await proxy.DialAsync();
            closed += await IsGreetedAsync(client) ? 0 : 1;
        }

        backend.Dispose();
        await greeting;

        Assert.InRange(closed, 50, 150);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_change_leaves_established_connections_alone(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var before = new TcpBackend();
        using var after = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", before.EndPoint)]);
        using var old = await proxy.DialAsync();
        using var oldServer = await before.AcceptedAsync();

        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [StreamProxy.Backend("b", after.EndPoint)]);

        using var young = await proxy.DialAsync();
        using var youngServer = await after.AcceptedAsync();
        await old.SendAsync("still here"u8.ToArray());
        Assert.Equal("still here", Encoding.ASCII.GetString(await oldServer.ReadExactlyAsync(10)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Silence_ends_a_connection_and_so_does_a_side_that_never_finishes(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var idle = StreamProxy.Route("r", "b") with { IdleTimeout = TimeSpan.FromMilliseconds(300) };
        proxy.Apply(ListenerProtocol.Tcp, [idle], [StreamProxy.Backend("b", backend.EndPoint)]);
        using (var client = await proxy.DialAsync())
        {
            Assert.Equal(0, await client.ReadSomeAsync());
            Assert.Equal("idle-timeout", (await proxy.Log.NextAsync()).Reason);
        }

        var half = StreamProxy.Route("r", "b") with { HalfCloseTimeout = TimeSpan.FromMilliseconds(300) };
        proxy.Apply(ListenerProtocol.Tcp, [half], [StreamProxy.Backend("b", backend.EndPoint)]);
        using (var client = await proxy.DialAsync())
        {
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await client.ReadSomeAsync());
            Assert.Equal("idle-timeout", (await proxy.Log.NextAsync()).Reason);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Clients_are_admitted_by_address_and_number(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var backends = new[] { StreamProxy.Backend("b", backend.EndPoint) };
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b") with { AllowClients = ["10.0.0.0/8"] }], backends);
        using (var client = await proxy.DialAsync())
        {
            await AssertClosedAsync(client);
            Assert.Equal("not-admitted", (await proxy.Log.NextAsync()).Reason);
        }

        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b") with { AllowClients = ["127.0.0.0/8"], MaxConnectionsPerClient = 1 }], backends);
        using (var first = await proxy.DialAsync())
        {
            using var server = await backend.AcceptedAsync();
            using var second = await proxy.DialAsync();
            await AssertClosedAsync(second);
            Assert.Equal("too-many-connections", (await proxy.Log.NextAsync()).Reason);
        }

        await proxy.Log.NextAsync();
        using var third = await proxy.DialAsync();
        (await backend.AcceptedAsync()).Dispose();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_restriction_that_cannot_be_read_lets_nobody_in(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var piece = new ConfigurationPiece("piece")
        {
            Listeners = [new Listener(StreamProxy.Key, ListenerProtocol.Tcp, StreamProxy.Origin)],
            StreamRoutes = [StreamProxy.Route("r", "b") with { DenyClients = ["10.0.0.0/99"] }],
            Backends = [StreamProxy.Backend("b", backend.EndPoint)],
        };

        var diagnostic = Assert.Single(proxy.Server.Apply(Transport.Tls.TestCertificates.Configuration(piece)));

        Assert.Equal("unusable-value", diagnostic.Code);
        using var client = await proxy.DialAsync();
        await AssertClosedAsync(client);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_most_specific_scope_and_the_first_match_win(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var first = new TcpBackend();
        using var second = new TcpBackend();
        var everyone = StreamProxy.Route("everyone", "second");
        var local = StreamProxy.Route("local", "first") with
        {
            Bindings =
            [
                new StreamBinding(StreamProxy.Key, HostPattern.Any,
                    [new StreamMatch(HostPattern.Any, [new ClientAddressCondition(["127.0.0.1"])], new RoutePrecedence([-1]))]),
            ],
        };
        var backends = new[] { StreamProxy.Backend("first", first.EndPoint), StreamProxy.Backend("second", second.EndPoint) };
        proxy.Apply(ListenerProtocol.Tcp, [everyone, local], backends);
        using (await proxy.DialAsync())
        using (await first.AcceptedAsync())
        {
        }

        proxy.Apply(ListenerProtocol.Tcp, [everyone], backends);
        using var client = await proxy.DialAsync();
        using var server = await second.AcceptedAsync();
    }

    [Theory]
    [InlineData(TransportKind.Epoll, ProxyProtocolVersion.V1)]
    [InlineData(TransportKind.Epoll, ProxyProtocolVersion.V2)]
    [InlineData(TransportKind.Sockets, ProxyProtocolVersion.V1)]
    [InlineData(TransportKind.Sockets, ProxyProtocolVersion.V2)]
    public async Task The_PROXY_protocol_tells_the_backend_what_it_told_us(TransportKind kind, ProxyProtocolVersion version)
    {
        await using var behind = new StreamProxy(kind, usesProxyProtocol: true);
        using var backend = new TcpBackend();
        var last = StreamProxy.Route("last", "b") with { Bindings = [StreamProxy.Binding(HostPattern.Any, new ClientAddressCondition(["127.7.7.7"]))] };
        behind.Apply(ListenerProtocol.Tcp, [last], [StreamProxy.Backend("b", backend.EndPoint)]);
        await using var front = new StreamProxy(kind, usesProxyProtocol: true);
        front.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("first", "behind")], [StreamProxy.Backend("behind", behind.EndPoint) with { ProxyProtocol = version }]);

        using var client = await front.DialAsync();
        await client.SendAsync("PROXY TCP4 127.7.7.7 127.0.0.1 999 80\r\nhello"u8.ToArray());

        using var server = await backend.AcceptedAsync();
        Assert.Equal("hello", Encoding.ASCII.GetString(await server.ReadExactlyAsync(5)));
    }

    private static async Task ExchangeAsync(Socket client, Socket server)
    {
        await client.SendAsync("x"u8.ToArray());
        await server.ReadExactlyAsync(1);
    }

    /// <summary>Sends every connection one byte, until the backend stops.</summary>
    private static async Task GreetAsync(TcpBackend backend)
    {
        try
        {
            while (true)
            {
                using var server = await backend.AcceptedAsync();
                await server.SendAsync("x"u8.ToArray());
            }
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
        }
    }

    private static async Task<bool> IsGreetedAsync(Socket client)
    {
        try
        {
            return await client.ReadSomeAsync() > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task AssertClosedAsync(Socket client)
    {
        try
        {
            Assert.Equal(0, await client.ReadSomeAsync());
        }
        catch (SocketException)
        {
            // Reset: closed just as well.
        }
    }

    /// <summary>An address where nobody listens.</summary>
    private static IPEndPoint DeadEndPoint()
    {
        using var backend = new TcpBackend();
        return backend.EndPoint;
    }
}
