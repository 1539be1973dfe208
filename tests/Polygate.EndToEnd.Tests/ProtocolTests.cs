using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Polygate.EndToEnd.Tests;

/// <summary>What clients speak, through the whole executable.</summary>
public sealed class ProtocolTests
{
    private const string Ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: demo }
        spec:
          tls: [{ hosts: [demo.localhost], secretName: demo }]
          rules:
            - host: demo.localhost
              http:
                paths: [{ path: /, pathType: Prefix, backend: { service: { name: app, port: { number: 80 } } } }]
        """;

    [Fact]
    public async Task The_certificate_of_the_secret_is_served_by_server_name()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("secure"));
        using var folder = new ConfigurationFolder();
        folder.Write("ingress.yaml", Ingress);
        folder.Write("service.yaml", backend.Service("app"));
        using var certificate = WriteCertificate(folder, "demo.localhost");
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        Assert.Equal(certificate.Thumbprint, await ServedThumbprintAsync(gateway, "demo.localhost"));
        Assert.NotEqual(certificate.Thumbprint, await ServedThumbprintAsync(gateway, "other.localhost"));
        Assert.Equal("secure", await gateway.Client.GetStringAsync("https://demo.localhost:8443/"));

        using var renewed = WriteCertificate(folder, "demo.localhost");
        for (var attempt = 0; await ServedThumbprintAsync(gateway, "demo.localhost") != renewed.Thumbprint; attempt++)
        {
            Assert.True(attempt < 500, "The renewed certificate was never served.");
            await Task.Delay(20);
        }
    }

    [Theory]
    [InlineData("https://demo.localhost:8443/")]
    [InlineData("http://demo.localhost:8080/")]
    public async Task Http2_is_spoken_in_front_over_tls_and_with_prior_knowledge(string url)
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Host} {body.Length}");
        });
        using var folder = new ConfigurationFolder();
        folder.Write("ingress.yaml", Ingress);
        folder.Write("service.yaml", backend.Service("app"));
        using var certificate = WriteCertificate(folder, "demo.localhost");
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        for (var size = 0; size < 300_000; size += 99_999)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent(new string('x', size)),
            };
            using var answer = await gateway.Client.SendAsync(request);
            Assert.Equal(HttpVersion.Version20, answer.Version);
            Assert.Equal($"POST demo.localhost:{new Uri(url).Port} {size}", await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Http2_reaches_a_backend_that_speaks_it_with_trailers()
    {
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Response.WriteAsync(context.Request.Protocol);
                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        using var folder = new ConfigurationFolder();
        folder.Write("ingress.yaml", Ingress);
        folder.Write("service.yaml", backend.Service("app", "kubernetes.io/h2c"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://demo.localhost:8080/shop.Cart/Add")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        using var answer = await gateway.Client.SendAsync(request);
        Assert.Equal("HTTP/2", await answer.Content.ReadAsStringAsync());
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_WebSocket_is_tunnelled_both_ways()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[65536];
            for (var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
                received.MessageType != WebSocketMessageType.Close;
                received = await socket.ReceiveAsync(buffer, CancellationToken.None))
            {
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        using var folder = new ConfigurationFolder();
        folder.Write("ingress.yaml", Ingress);
        folder.Write("service.yaml", backend.Service("app"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var client = new ClientWebSocket();
        using var invoker = new HttpMessageInvoker(gateway.MakeHandler());
        await client.ConnectAsync(new Uri("ws://demo.localhost:8080/socket"), invoker, CancellationToken.None);
        var answer = new byte[65536];
        foreach (var size in new[] { 1, 1000, 60_000 })
        {
            var message = RandomNumberGenerator.GetBytes(size);
            await client.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None);
            var received = 0;
            while (received < size)
            {
                received += (await client.ReceiveAsync(answer.AsMemory(received), CancellationToken.None)).Count;
            }

            Assert.Equal(message, answer[..size]);
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, client.State);
    }

    [Fact]
    public async Task Termination_finishes_what_is_under_way_and_then_ends()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await release.Task;
            await context.Response.WriteAsync("finished");
        });
        using var folder = new ConfigurationFolder();
        folder.Write("ingress.yaml", Ingress);
        folder.Write("service.yaml", backend.Service("app"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var underWay = gateway.Client.GetStringAsync("http://demo.localhost:8080/slow");
        await arrived.Task;
        gateway.Terminate();

        // New connections are refused once draining has begun; only then may the answer come.
        while (await CanConnectAsync(gateway))
        {
            await Task.Delay(20);
        }

        release.SetResult();
        Assert.Equal("finished", await underWay);
        Assert.Equal(0, await gateway.ExitCodeAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: demo.localhost\r\nContent-Length: +1\r\n\r\na", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: demo.localhost\r\nX-A: 1\r\n folded\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: demo.localhost\r\nX-A : 1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\nHost: demo.localhost\n\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: demo.localhost\r\nX-A: a\rb\r\n\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: demo.localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a.localhost\r\nHost: b.localhost\r\n\r\n", 400)]
    [InlineData("GET http://demo.localhost/ HTTP/1.1\r\nHost: other.localhost\r\nConnection: close\r\n\r\n", 200)]
    public async Task Ambiguous_requests_are_refused_and_the_connection_closed(string request, int status)
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("served");
        });
        using var folder = new ConfigurationFolder();
        folder.Write("ingress.yaml", Ingress);
        folder.Write("service.yaml", backend.Service("app"));
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Address, 8080);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        // Read to the end: a refusal closes the connection by itself.
        var answer = await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    private static async Task<bool> CanConnectAsync(GatewayProcess gateway)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(gateway.Address, 8080);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<string> ServedThumbprintAsync(GatewayProcess gateway, string serverName)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Address, 8443);
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = serverName });
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }

    private static X509Certificate2 WriteCertificate(ConfigurationFolder folder, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var chain = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var secret = Convert.ToBase64String(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        folder.Replace("secret.yaml", $$"""
            apiVersion: v1
            kind: Secret
            metadata: { name: demo }
            type: kubernetes.io/tls
            data: { tls.crt: {{chain}}, tls.key: {{secret}} }
            """);
        return certificate;
    }
}
