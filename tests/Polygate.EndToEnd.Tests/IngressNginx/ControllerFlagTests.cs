using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>What ingress-nginx's flags and ConfigMaps open besides HTTP of Ingresses: passed-through TLS, TCP and UDP ports, and what nobody serves.</summary>
public sealed class ControllerFlagTests : IAsyncLifetime
{
    private readonly ConfigurationFolder folder = new();
    private readonly CancellationTokenSource stop = new();
    private readonly X509Certificate2 ofBackend = TestCertificates.SelfSigned("pass.test");
    private readonly List<Task> servers = [];
    private TcpListener? tlsBackend;
    private TcpListener? tcpBackend;
    private UdpClient? udpBackend;
    private EchoServices? services;
    private GatewayProcess? gateway;

    public async ValueTask InitializeAsync()
    {
        services = await EchoServices.StartAsync("a", "fallback");
        var address = IPAddress.Parse(Loopback.NextAddress());
        tlsBackend = Listen(address, ServeTlsAsync);
        tcpBackend = Listen(address, ServeTcpAsync);
        udpBackend = new UdpClient(new IPEndPoint(address, 0));
        servers.Add(ServeUdpAsync(udpBackend));
        folder.Write("all.yaml", string.Join("---\n", [
            services.Manifests,
            Service("secure", tlsBackend.LocalEndpoint), Service("lines", tcpBackend.LocalEndpoint), Service("datagrams", udpBackend.Client.LocalEndPoint!, "UDP"),
            TestCertificates.TlsSecret("standard", "standard.test"), TestCertificates.TlsSecret("own", "own.test"),
            IngressYaml.Nginx("pass", "pass.test P /=secure", "ssl-passthrough: true").ToString(),
            IngressYaml.Nginx("own", "own.test P /shop=a", "", spec: "tls: [{hosts: [own.test], secretName: own}]").ToString(),
            IngressYaml.Nginx("bare", "bare.test P /shop=a", "", spec: "tls: [{hosts: [bare.test]}]").ToString(),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: tcp, namespace: ports }\ndata: { \"9100\": \"default/lines:80\", \"9102\": \"default/lines:80::PROXY\" }\n",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: udp, namespace: ports }\ndata: { \"9101\": \"default/datagrams:80\" }\n",
        ]));
        gateway = await GatewayProcess.StartAsync(
            folder.Path, "--enable-ssl-passthrough", "--default-backend-service", "default/fallback", "--default-ssl-certificate", "default/standard",
            "--tcp-services-configmap", "ports/tcp", "--udp-services-configmap", "ports/udp");
    }

    public async ValueTask DisposeAsync()
    {
        await (gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
        await stop.CancelAsync();
        tlsBackend?.Dispose();
        tcpBackend?.Dispose();
        udpBackend?.Dispose();
        await Task.WhenAll(servers);
        await (services?.DisposeAsync() ?? ValueTask.CompletedTask);
        folder.Dispose();
        ofBackend.Dispose();
        stop.Dispose();
    }

    [Fact]
    public async Task Tls_reaches_the_backend_unopened()
    {
        var (text, certificate) = await TalkTlsAsync("pass.test", "hello\n");
        Assert.Equal("HELLO\n", text);
        Assert.Equal(ofBackend.Thumbprint, certificate.Thumbprint);
    }

    [Theory]
    [InlineData("own.test", "own.test")]
    [InlineData("bare.test", "standard.test")]
    [InlineData("unknown.test", "standard.test")]
    public async Task Names_without_a_certificate_have_the_default_one(string host, string expected)
    {
        var (_, certificate) = await TalkTlsAsync(host, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.True(certificate.MatchesHostname(expected));
    }

    [Theory]
    [InlineData("unknown.test", "/x", "fallback /x")]
    [InlineData("pass.test.other", "/", "fallback /")]
    public async Task What_nobody_serves_goes_to_the_default_backend(string host, string target, string expected)
    {
        var answer = await RawClient.SendAsync(gateway!.Address, 8080, "GET", host, target);
        Assert.Equal((200, expected), (answer.Status, answer.Body.Split('\n')[0]));
    }

    [Fact]
    public async Task Paths_that_a_host_does_not_serve_go_there_too()
    {
        var (text, _) = await TalkTlsAsync("own.test", "GET /other HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n");
        Assert.Contains("fallback /other\n", text, StringComparison.Ordinal);
        (text, _) = await TalkTlsAsync("own.test", "GET /shop HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n");
        Assert.Contains("a /shop\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9100, "HELLO\n")]
    [InlineData(9102, "PROXY TCP4 127.0.0.1 ")]
    public async Task A_tcp_port_leads_to_its_service(int port, string expected)
    {
        using var client = new TcpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await client.ConnectAsync(gateway!.Address, port);
        var stream = client.GetStream();
        await stream.WriteAsync("hello\n"u8.ToArray());
        client.Client.Shutdown(SocketShutdown.Send);
        var text = await new StreamReader(stream).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith(expected, text, StringComparison.Ordinal);
        Assert.EndsWith("HELLO\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_udp_port_leads_to_its_service()
    {
        using var client = new UdpClient();
        client.Connect(IPAddress.Parse(gateway!.Address), 9101);
        await client.SendAsync("hello"u8.ToArray());
        var answer = await client.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("HELLO", Encoding.ASCII.GetString(answer.Buffer));
    }

    private static string Service(string name, EndPoint endPoint, string protocol = "TCP")
    {
        var at = (IPEndPoint)endPoint;
        return $"apiVersion: v1\nkind: Service\nmetadata: {{ name: {name} }}\nspec: {{ ports: [{{ name: main, port: 80, protocol: {protocol} }}] }}\n"
            + $"---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{ name: {name}, labels: {{ kubernetes.io/service-name: {name} }} }}\naddressType: IPv4\n"
            + $"ports: [{{ name: main, port: {at.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}, protocol: {protocol} }}]\nendpoints: [{{ addresses: [\"{at.Address}\"] }}]\n";
    }

    private async Task<(string Text, X509Certificate2 Certificate)> TalkTlsAsync(string host, string text)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway!.Address, 8443);
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(host);
        await tls.WriteAsync(Encoding.Latin1.GetBytes(text));
        var answer = await new StreamReader(tls, Encoding.Latin1).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (answer, X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData()));
    }

    private TcpListener Listen(IPAddress address, Func<NetworkStream, Task> serve)
    {
        var listener = new TcpListener(address, 0);
        listener.Start();
        servers.Add(AcceptAsync());
        return listener;

        async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(stop.Token);
                    await serve(client.GetStream());
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
            }
        }
    }

    private async Task ServeTlsAsync(NetworkStream stream)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(ofBackend);
        var line = await new StreamReader(tls).ReadLineAsync(stop.Token);
        await tls.WriteAsync(Encoding.ASCII.GetBytes(line!.ToUpperInvariant() + "\n"), stop.Token);
        await tls.ShutdownAsync();
    }

    /// <summary>Says everything again: a PROXY header as it came, the rest in capitals.</summary>
    private async Task ServeTcpAsync(NetworkStream stream)
    {
        var text = await new StreamReader(stream).ReadToEndAsync(stop.Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(text.Split('\n').Where(line => line.Length > 0).Select(line => (line.StartsWith("PROXY", StringComparison.Ordinal) ? line : line.ToUpperInvariant()) + "\n"))), stop.Token);
    }

    private async Task ServeUdpAsync(UdpClient socket)
    {
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(stop.Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(received.Buffer).ToUpperInvariant()), received.RemoteEndPoint, stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }
}
