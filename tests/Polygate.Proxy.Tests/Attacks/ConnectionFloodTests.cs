using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Attacks;

public sealed class ConnectionFloodsOverTheNativeTransport() : ConnectionFloodTests(TransportKind.Native);

public sealed class ConnectionFloodsOverDotNetSockets() : ConnectionFloodTests(TransportKind.Sockets);

/// <summary>More connections than there may be, connections that never finish their handshake, and clients that send without reading.</summary>
public abstract class ConnectionFloodTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const int Maximum = 20;

    [Fact]
    public async Task Clients_beyond_the_limit_wait_until_there_is_room()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var options = new ProxyOptions { MaximumConnections = Maximum, Limits = new HttpLimits { HeaderTimeout = TimeSpan.FromSeconds(1) } };
        await using var proxy = To(backend, options: options);
        var silent = new List<TestConnection>();
        for (var i = 0; i < 3 * Maximum; i++)
            silent.Add(await proxy.ConnectAsync());

        using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        var most = 0L;
        var answer = client.ReadResponseAsync();
        while (!answer.IsCompleted)
        {
            most = Math.Max(most, proxy.Server.ReadMetrics().ActiveConnections);
            await Task.WhenAny(answer, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Equal("ok", (await answer).Body);

        // Two loops look for themselves.
        Assert.InRange(most, 1, Maximum + 2);
        silent.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task Handshakes_that_never_end_are_given_up_while_others_are_served()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = StartSecure(backend);
        var attackers = new List<TestConnection>();
        for (var i = 0; i < 100; i++)
        {
            attackers.Add(await proxy.ConnectAsync());

            // The beginning of a ClientHello; or a whole one with nothing behind it that could end the handshake.
            await attackers[i].SendAsync(i % 2 == 0 ? "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" : "");
        }

        Assert.Equal("ok", await GetSecurelyAsync(proxy.Port));
        foreach (var attacker in attackers)
            Assert.Equal("", (await attacker.ReadToEndAsync()).Text);

        Assert.Equal("ok", await GetSecurelyAsync(proxy.Port));
        attackers.ForEach(attacker => attacker.Dispose());
    }

    [Fact]
    public async Task A_client_that_pipelines_without_reading_is_stopped_and_starves_nobody()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + new string('x', 1000));
        await using var proxy = To(backend);
        using var attacker = await proxy.ConnectAsync();
        attacker.Socket.Blocking = false;
        attacker.Socket.ReceiveBufferSize = 4096;
        var burst = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Get, 2000)));
        var sent = 0L;
        using var other = await proxy.ConnectAsync();
        while (sent < 256L * 1024 * 1024)
        {
            // Writable again within a second means that the proxy goes on reading.
            if (!attacker.Socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite))
                break;

            sent += attacker.Socket.Send(burst, SocketFlags.None, out var error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock);
            await other.SendAsync(Get);
            Assert.Equal(200, (await other.ReadResponseAsync()).Status);
        }

        Assert.InRange(sent, 1, 64L * 1024 * 1024);
        await other.SendAsync(Get);
        Assert.Equal(200, (await other.ReadResponseAsync()).Status);
    }

    private TestProxy StartSecure(TestBackend backend)
    {
        var key = new ListenerKey(443);
        var plain = TestProxy.Configuration([TestProxy.Backend("backend", backend.Port)], new ForwardAction([new WeightedBackend("backend")]));
        var piece = plain.Pieces.Values.Single();
        return Start(
            TestCertificates.Configuration(piece with
            {
                Listeners = [new Listener(key, ListenerProtocol.Https, TestCertificates.Origin)],
                Routes = piece.Routes.Select(route => route with { Bindings = route.Bindings.Select(binding => binding with { Listener = key }).ToValueList() }).ToValueList(),
            }),
            new ProxyOptions { Listeners = new ListenerOptions { HandshakeTimeout = TimeSpan.FromSeconds(2) } });
    }

    private static async Task<string> GetSecurelyAsync(int port)
    {
        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        handler.ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri("https://shop.example/"));
    }
}
