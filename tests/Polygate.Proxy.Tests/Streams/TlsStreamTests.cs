using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Streams;

public sealed class TlsStreamTests
{
    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task TLS_is_passed_through_unopened_by_server_name(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var one = new TcpBackend();
        using var other = new TcpBackend();
        proxy.Apply(
            ListenerProtocol.Tls,
            [Passthrough("one", HostPattern.Exact("one.example"), "one"), Passthrough("other", HostPattern.Suffix("example"), "other")],
            [StreamProxy.Backend("one", one.EndPoint), StreamProxy.Backend("other", other.EndPoint)]);

        foreach (var (name, backend) in new[] { ("one.example", one), ("two.example", other), ("a.b.example", other) })
        {
            var dialing = proxy.DialTlsAsync(name);
            await using var server = await AnswerTlsAsync(backend, name);
            await using var client = await dialing;
            Assert.Equal($"CN={name}", client.RemoteCertificate!.Subject);
            await client.WriteAsync("ping"u8.ToArray());
            Assert.Equal("ping", await ReadAsync(server, 4));
            await server.WriteAsync("pong"u8.ToArray());
            Assert.Equal("pong", await ReadAsync(client, 4));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_ClientHello_in_any_number_of_pieces_is_understood(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tls, [Passthrough("r", HostPattern.Exact("one.example"), "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        var hello = await ClientHelloAsync("one.example");

        // Byte by byte, and in records of seven bytes.
        foreach (var bytes in (byte[][])[hello, SplitRecords(hello, 7)])
        {
            using var client = await proxy.DialAsync();
            foreach (var b in bytes)
            {
                await client.SendAsync(new[] { b });
            }

            using var server = await backend.AcceptedAsync();
            Assert.Equal(bytes, await server.ReadExactlyAsync(bytes.Length));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_unknown_name_and_none_at_all_are_closed_without_a_byte(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(
            ListenerProtocol.Tls,
            [Passthrough("r", HostPattern.Exact("one.example"), "b"), Passthrough("claimed", HostPattern.Suffix("closed.example"))],
            [StreamProxy.Backend("b", backend.EndPoint)]);

        foreach (var name in (string[])["two.example", "a.closed.example", ""])
        {
            using var client = await proxy.DialAsync();
            await client.SendAsync(await ClientHelloAsync(name));
            Assert.Equal(0, await ReadOrResetAsync(client));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_client_that_does_not_begin_with_a_ClientHello_is_dropped(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        proxy.Apply(ListenerProtocol.Tls, [Passthrough("r", HostPattern.Any, "b")], [StreamProxy.Backend("b", backend.EndPoint)]);
        using var client = await proxy.DialAsync();

        await client.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        Assert.Equal(0, await ReadOrResetAsync(client));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task TLS_is_terminated_for_a_backend_that_speaks_none(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var certificate = TestCertificates.Ecdsa("one", "one.example");
        var route = Passthrough("r", HostPattern.Exact("one.example"), "b") with { Tls = StreamTls.Terminate };
        proxy.Apply(ListenerProtocol.Tls, [route], [StreamProxy.Backend("b", backend.EndPoint)], Tls(certificate, "one.example"));

        // What ALPN offers is the business of whoever is behind.
        var offer = new SslClientAuthenticationOptions { ApplicationProtocols = [new SslApplicationProtocol("mqtt")] };
        await using var client = await proxy.DialTlsAsync("one.example", offer);
        using var server = await backend.AcceptedAsync();
        Assert.Equal("CN=one.example", client.RemoteCertificate!.Subject);
        await client.WriteAsync("ping"u8.ToArray());
        Assert.Equal("ping", Encoding.ASCII.GetString(await server.ReadExactlyAsync(4)));
        await client.ShutdownAsync();
        Assert.Equal(0, await server.ReadSomeAsync());
        await server.SendAsync("bye"u8.ToArray());
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye", await ReadAsync(client, 3));
        Assert.Equal(0, await client.ReadAsync(new byte[1]));
        Assert.Equal(("r", "tls", "one.example", ""), Head(await proxy.Log.NextAsync()));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task TLS_may_be_spoken_to_the_backend(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var certificate = TestCertificates.Ecdsa("b", "backend.example");
        var secured = StreamProxy.Backend("b", backend.EndPoint) with
        {
            Tls = new BackendTls { ServerName = "backend.example", TrustedCertificatesPem = certificate.CertificatePem },
        };
        proxy.Apply(ListenerProtocol.Tcp, [StreamProxy.Route("r", "b")], [secured]);
        using var client = await proxy.DialAsync();
        await client.SendAsync("ping"u8.ToArray());

        await using var server = await AnswerTlsAsync(backend, "backend.example", certificate);

        Assert.Equal("ping", await ReadAsync(server, 4));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task HTTPS_and_passthrough_share_a_listener_by_server_name(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var certificate = TestCertificates.Ecdsa("site", "site.example");
        var both = Tls(certificate, "site.example") with
        {
            Routes =
            [
                new Route(
                    "http", StreamProxy.Origin, "test", 0,
                    [new RouteBinding(StreamProxy.Key, HostPattern.Any, [new RouteMatch(HostPattern.Any, PathPattern.Any, [], new RoutePrecedence([]))])],
                    [], new DirectResponseAction(204)),
            ],
        };
        proxy.Apply(
            ListenerProtocol.Https, [Passthrough("r", HostPattern.SingleLabelSuffix("example"), "b")], [StreamProxy.Backend("b", backend.EndPoint)], both);

        // The exact name of the certificate beats the wildcard of the route.
        await using (var client = await proxy.DialTlsAsync("site.example"))
        {
            Assert.Equal("CN=site.example", client.RemoteCertificate!.Subject);
            await client.WriteAsync("GET / HTTP/1.1\r\nHost: site.example\r\n\r\n"u8.ToArray());
            Assert.Equal("HTTP/1.1 204", await ReadAsync(client, 12));
        }

        var dialing = proxy.DialTlsAsync("other.example");
        await using var server = await AnswerTlsAsync(backend, "other.example");
        await using var other = await dialing;
        Assert.Equal("CN=other.example", other.RemoteCertificate!.Subject);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Cleartext_beside_TLS_goes_to_the_route_that_wants_it(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var plain = new TcpBackend();
        using var secure = new TcpBackend();
        proxy.Apply(
            ListenerProtocol.Tls,
            [StreamProxy.Route("plain", "plain"), Passthrough("secure", HostPattern.Any, "secure")],
            [StreamProxy.Backend("plain", plain.EndPoint), StreamProxy.Backend("secure", secure.EndPoint)]);

        using var client = await proxy.DialAsync();
        await client.SendAsync("hello"u8.ToArray());
        using var server = await plain.AcceptedAsync();
        Assert.Equal("hello", Encoding.ASCII.GetString(await server.ReadExactlyAsync(5)));

        var dialing = proxy.DialTlsAsync("any.example");
        await using var tlsServer = await AnswerTlsAsync(secure, "any.example");
        await using var tlsClient = await dialing;
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task ALPN_chooses_where_a_route_asks_for_it(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var mqtt = new TcpBackend();
        using var rest = new TcpBackend();
        var byProtocol = Passthrough("mqtt", HostPattern.Any, "mqtt") with
        {
            Bindings =
            [
                new StreamBinding(StreamProxy.Key, HostPattern.Any,
                    [new StreamMatch(HostPattern.Any, [new ApplicationProtocolCondition(["mqtt"])], new RoutePrecedence([-1]))]),
            ],
        };
        proxy.Apply(
            ListenerProtocol.Tls, [Passthrough("rest", HostPattern.Any, "rest"), byProtocol],
            [StreamProxy.Backend("mqtt", mqtt.EndPoint), StreamProxy.Backend("rest", rest.EndPoint)]);

        foreach (var (protocol, backend) in new[] { ("mqtt", mqtt), ("h2", rest) })
        {
            var dialing = proxy.DialTlsAsync("any.example", new SslClientAuthenticationOptions { ApplicationProtocols = [new SslApplicationProtocol(protocol)] });
            await using var server = await AnswerTlsAsync(backend, "any.example");
            await using var client = await dialing;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_name_without_a_usable_certificate_gets_no_handshake(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var certificate = TestCertificates.Ecdsa("one", "one.example");
        var refused = Tls(certificate, "one.example");
        refused = refused with
        {
            TlsBindings = [.. refused.TlsBindings, new TlsBinding(StreamProxy.Key, HostPattern.Exact("lost.example"), [], StreamProxy.Origin) { IsRefused = true }],
        };
        proxy.Apply(ListenerProtocol.Https, [], [], refused);

        await Assert.ThrowsAnyAsync<Exception>(() => proxy.DialTlsAsync("lost.example"));
        await using var client = await proxy.DialTlsAsync("one.example");
    }

    internal static StreamRoute Passthrough(string id, HostPattern name, params string[] backends) =>
        StreamProxy.Route(id, backends) with { Tls = StreamTls.Passthrough, Bindings = [StreamProxy.Binding(name)] };

    internal static ConfigurationPiece Tls(Certificate certificate, string name) => new("piece")
    {
        Certificates = [certificate],
        TlsBindings = [new TlsBinding(StreamProxy.Key, HostPattern.Exact(name), [certificate.Id], StreamProxy.Origin)],
    };

    private static (string, string, string, string) Head((string Route, string Protocol, string ServerName, string Reason, long, long) entry) =>
        (entry.Route, entry.Protocol, entry.ServerName, entry.Reason);

    /// <summary>Takes a backend's connection and does the server's part of TLS.</summary>
    private static async Task<SslStream> AnswerTlsAsync(TcpBackend backend, string name, Certificate? certificate = null)
    {
        certificate ??= TestCertificates.Ecdsa("b", name);
        var stream = new SslStream(new NetworkStream(await backend.AcceptedAsync(), ownsSocket: true));
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(certificate.CertificatePem, certificate.PrivateKeyPem),
            ServerCertificateSelectionCallback = null,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        }).WaitAsync(TransportHost.Patience);
        return stream;
    }

    private static async Task<string> ReadAsync(SslStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(TransportHost.Patience);
        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task<int> ReadOrResetAsync(Socket client)
    {
        try
        {
            return await client.ReadSomeAsync();
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>What .NET's client says first.</summary>
    private static async Task<byte[]> ClientHelloAsync(string name)
    {
        using var backend = new TcpBackend();
        using var client = await TransportHost.DialAsync(backend.EndPoint);
        await using var stream = new SslStream(new NetworkStream(client));
        _ = stream.AuthenticateAsClientAsync(name).ContinueWith(static task => task.Exception, TaskScheduler.Default);
        using var server = await backend.AcceptedAsync();
        var header = await server.ReadExactlyAsync(5);
        return [.. header, .. await server.ReadExactlyAsync((header[3] << 8) | header[4])];
    }

    private static byte[] SplitRecords(byte[] record, int size) =>
        [.. record.Skip(5).Chunk(size).SelectMany(chunk => (byte[])[22, 3, 1, 0, (byte)chunk.Length, .. chunk])];
}
