using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Streams;

public sealed class UdpProxyTests
{
    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task Datagrams_go_to_a_backend_and_answers_come_back_from_the_address_written_to(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new UdpBackend("b");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var first = new UdpTestClient(proxy.EndPoint);
        using var second = new UdpTestClient(proxy.EndPoint);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"b:one {i}", await first.AskAsync($"one {i}"));
            Assert.Equal($"b:two {i}", await second.AskAsync($"two {i}"));
        }

        // One session each, however many datagrams.
        Assert.Equal(2, backend.Clients);
        var counts = proxy.Server.ReadMetrics().Streams["r"];
        Assert.Equal((2L, 2L, 0L), (counts.Opened, counts.Active, counts.Dropped));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_large_and_an_empty_datagram_arrive_as_they_are(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new UdpBackend("");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = new UdpTestClient(proxy.EndPoint);

        Assert.Equal(":", await client.AskAsync(""));
        var large = new string('x', 60_000);
        Assert.Equal(":" + large, await client.AskAsync(large));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_silent_session_is_forgotten(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new UdpBackend("b");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b") with { IdleTimeout = TimeSpan.FromMilliseconds(200) }], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = new UdpTestClient(proxy.EndPoint);

        await client.AskAsync("one");

        var entry = await proxy.Log.NextAsync();
        Assert.Equal(("r", "udp", "", 3L, 5L), (entry.Route, entry.Protocol, entry.Reason, entry.Received, entry.Sent));
        Assert.Equal("b:two", await client.AskAsync("two"));
        Assert.Equal(2, backend.Clients);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_session_ends_with_the_answers_that_were_expected(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new UdpBackend("b");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b") with { ExpectedReplies = 1 }], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = new UdpTestClient(proxy.EndPoint);

        await client.AskAsync("one");
        await proxy.Log.NextAsync();
        await client.AskAsync("two");

        Assert.Equal(2, backend.Clients);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Where_nobody_listens_the_next_datagram_finds_another_endpoint(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new UdpBackend("b");
        IPEndPoint dead;
        using (var gone = new UdpBackend("gone"))
        {
            dead = gone.EndPoint;
        }

        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b")], [StreamProxy.Backend("b", dead, backend.EndPoint)]);
        using var client = new UdpTestClient(proxy.EndPoint);

        Assert.Equal("b:hello", await client.InsistAsync("hello"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Weights_are_drawn_once_a_client_and_an_invalid_backend_gets_its_share(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var one = new UdpBackend("one");
        using var two = new UdpBackend("two");
        var route = Route("r") with { Backends = [new WeightedBackend("one", 2), new WeightedBackend("two", 1), new WeightedBackend(null, 1), new WeightedBackend("two", 0)] };
        proxy.Apply(ListenerProtocol.Udp, [route], [StreamProxy.Backend("one", one.EndPoint), StreamProxy.Backend("two", two.EndPoint)]);

        var clients = Enumerable.Range(0, 200).Select(_ => new UdpTestClient(proxy.EndPoint)).ToList();
        foreach (var client in clients)
        {
            client.Send("x");
        }

        // Those of the invalid backend are dropped, and counted.
        while (proxy.Server.ReadMetrics().Streams.GetValueOrDefault("r") is not { Opened: 200 })
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        while (one.Clients + two.Clients + proxy.Server.ReadMetrics().Streams["r"].Dropped < 200)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.InRange(one.Clients, 60, 140);
        Assert.InRange(two.Clients, 20, 90);
        clients.ForEach(client => client.Dispose());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_number_of_sessions_is_bounded(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind, streams: new StreamOptions { MaximumSessions = 4 });
        using var backend = new UdpBackend("b");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b")], [StreamProxy.Backend("b", backend.EndPoint)]);

        var clients = Enumerable.Range(0, 100).Select(_ => new UdpTestClient(proxy.EndPoint)).ToList();
        clients.ForEach(client => client.Send("x"));
        while (proxy.Server.ReadMetrics().Streams.GetValueOrDefault("r") is not { } counts || counts.Opened + counts.Dropped < 100)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        // Four for each loop that has the socket.
        Assert.InRange(proxy.Server.ReadMetrics().Streams["r"].Active, 4, 8);
        clients.ForEach(client => client.Dispose());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Clients_are_admitted_by_address(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new UdpBackend("b");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b") with { DenyClients = ["127.0.0.0/8"] }], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = new UdpTestClient(proxy.EndPoint);
        client.Send("x");
        while (proxy.Server.ReadMetrics().Streams.GetValueOrDefault("r") is not { Dropped: 1 })
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, backend.Clients);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_change_leaves_sessions_alone_until_their_listener_goes(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var before = new UdpBackend("before");
        using var after = new UdpBackend("after");
        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b")], [StreamProxy.Backend("b", before.EndPoint)]);
        using var old = new UdpTestClient(proxy.EndPoint);
        await old.AskAsync("x");

        proxy.Apply(ListenerProtocol.Udp, [Route("r", "b")], [StreamProxy.Backend("b", after.EndPoint)]);

        using var young = new UdpTestClient(proxy.EndPoint);
        Assert.Equal("after:x", await young.AskAsync("x"));
        Assert.Equal("before:x", await old.AskAsync("x"));

        proxy.Server.Apply(GatewayConfiguration.Empty);
        Assert.Equal("listener-closed", (await proxy.Log.NextAsync()).Reason);
        Assert.Equal("listener-closed", (await proxy.Log.NextAsync()).Reason);
        Assert.Equal(0, proxy.Server.ReadMetrics().Streams["r"].Active);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task TCP_and_UDP_share_a_port_number(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var stream = new TcpBackend();
        using var datagrams = new UdpBackend("b");
        var piece = new ConfigurationPiece("piece")
        {
            Listeners =
            [
                new Listener(StreamProxy.Key, ListenerProtocol.Tcp, StreamProxy.Origin),
                new Listener(StreamProxy.Key with { IsUdp = true }, ListenerProtocol.Udp, StreamProxy.Origin),
            ],
            StreamRoutes = [StreamProxy.Route("tcp", "tcp"), Route("udp", "udp")],
            Backends = [StreamProxy.Backend("tcp", stream.EndPoint), StreamProxy.Backend("udp", datagrams.EndPoint)],
        };

        Assert.Empty(proxy.Server.Apply(TestCertificates.Configuration(piece)));

        using var client = new UdpTestClient(EndPointOf(ListenerProtocol.Udp));
        Assert.Equal("b:x", await client.AskAsync("x"));
        using var connection = await TransportHost.DialAsync(EndPointOf(ListenerProtocol.Tcp));
        using var server = await stream.AcceptedAsync();

        IPEndPoint EndPointOf(ListenerProtocol protocol) => proxy.Server.Listeners.Single(listener => listener.Protocol == protocol).EndPoint!;
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.3")]
    [InlineData("::", "127.0.0.4")]
    public async Task On_every_address_the_answer_comes_from_the_one_written_to(string bound, string used)
    {
        Assert.SkipUnless(EpollTransport.IsSupported, "This machine has no epoll.");
        Assert.SkipUnless(bound != "::" || Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var server = new ProxyServer(new ProxyOptions
        {
            Loops = 2,
            Listeners = new ListenerOptions { MapEndPoint = _ => new IPEndPoint(IPAddress.Parse(bound), 0) },
        });
        using var backend = new UdpBackend("b");
        var piece = new ConfigurationPiece("piece")
        {
            Listeners = [new Listener(StreamProxy.Key with { IsUdp = true }, ListenerProtocol.Udp, StreamProxy.Origin)],
            StreamRoutes = [Route("r", "b")],
            Backends = [StreamProxy.Backend("b", backend.EndPoint)],
        };
        Assert.Empty(server.Apply(TestCertificates.Configuration(piece)));

        // A connected client hears only the address it wrote to.
        using var client = new UdpTestClient(new IPEndPoint(IPAddress.Parse(used), server.Listeners[0].EndPoint!.Port));
        Assert.Equal("b:x", await client.AskAsync("x"));
    }

    private static StreamRoute Route(string id, params string[] backends) => StreamProxy.Route(id, backends) with
    {
        Bindings =
        [
            new StreamBinding(
                StreamProxy.Key with { IsUdp = true }, HostPattern.Any, [new StreamMatch(HostPattern.Any, [], new RoutePrecedence([]))]),
        ],
    };

    /// <summary>Answers each datagram with its own name and the text, and counts who wrote.</summary>
    private sealed class UdpBackend : IDisposable
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly HashSet<string> clients = [];

        internal UdpBackend(string name)
        {
            socket.Bind(TransportHost.AnyPort);
            EndPoint = (IPEndPoint)socket.LocalEndPoint!;
            _ = AnswerAsync(name);
        }

        internal IPEndPoint EndPoint { get; }

        internal int Clients
        {
            get
            {
                lock (clients)
                {
                    return clients.Count;
                }
            }
        }

        public void Dispose() => socket.Dispose();

        private async Task AnswerAsync(string name)
        {
            var buffer = new byte[65_535];
            try
            {
                while (true)
                {
                    var result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                    lock (clients)
                    {
                        clients.Add(result.RemoteEndPoint.ToString()!);
                    }

                    await socket.SendToAsync(Encoding.ASCII.GetBytes($"{name}:{Encoding.ASCII.GetString(buffer.AsSpan(0, result.ReceivedBytes))}"), result.RemoteEndPoint);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
            }
        }
    }

    private sealed class UdpTestClient : IDisposable
    {
        private readonly Socket socket;

        internal UdpTestClient(IPEndPoint server)
        {
            socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server);
        }

        public void Dispose() => socket.Dispose();

        internal void Send(string text) => socket.Send(Encoding.ASCII.GetBytes(text));

        internal async Task<string> AskAsync(string text)
        {
            Send(text);
            return await ReceiveAsync(TransportHost.Patience);
        }

        /// <summary>Asks until there is an answer.</summary>
        internal async Task<string> InsistAsync(string text)
        {
            for (var i = 0; i < 100; i++)
            {
                try
                {
                    Send(text);
                    return await ReceiveAsync(TimeSpan.FromMilliseconds(200));
                }
                catch (TimeoutException)
                {
                    // Once more.
                }
            }

            throw new TimeoutException("No answer.");
        }

        private async Task<string> ReceiveAsync(TimeSpan patience)
        {
            using var limit = new CancellationTokenSource(patience);
            try
            {
                var buffer = new byte[65_535];
                return Encoding.ASCII.GetString(buffer.AsSpan(0, await socket.ReceiveAsync(buffer, limit.Token)));
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException("No answer.");
            }
        }
    }
}
