using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Tests.Transport;
using Polygate.Proxy.Tests.Transport.Tls;

namespace Polygate.Proxy.Tests.Streams;

public sealed class ClientCertificateTests : IDisposable
{
    private readonly X509Certificate2 authority = Authority("CN=Good authority");
    private readonly X509Certificate2 stranger = Authority("CN=Other authority");

    public static TheoryData<TransportKind> Kinds => TransportHost.Kinds;

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }

    [Theory]
    [InlineData(ClientCertificateMode.RequireAndVerify, false, true, false)]
    [InlineData(ClientCertificateMode.VerifyIfGiven, true, true, false)]
    [InlineData(ClientCertificateMode.RequireAny, false, true, true)]
    [InlineData(ClientCertificateMode.Request, true, true, true)]
    public async Task The_mode_says_which_handshakes_pass(ClientCertificateMode mode, bool none, bool good, bool bad)
    {
        await using var proxy = new StreamProxy(TransportKind.Sockets);
        Serve(proxy, new ClientValidation("default/ca") { TrustedCertificatesPem = authority.ExportCertificatePem(), Mode = mode });

        Assert.Equal(none, await PassesAsync(proxy, null));
        Assert.Equal(good, await PassesAsync(proxy, Client(authority)));
        Assert.Equal(bad, await PassesAsync(proxy, Client(stranger)));
        Assert.Equal(bad, await PassesAsync(proxy, Client(authority, expired: true)));
        Assert.Equal(bad, await PassesAsync(proxy, Client(authority, forServers: true)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Without_any_authority_nobody_is_verified(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        Serve(proxy, new ClientValidation("default/none"));

        Assert.False(await PassesAsync(proxy, Client(authority)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_session_of_another_name_opens_no_door(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        Serve(proxy, new ClientValidation("default/ca") { TrustedCertificatesPem = authority.ExportCertificatePem() });

        // One set of options, and so one place where the client keeps its sessions, for both names.
        for (var i = 0; i < 3; i++)
        {
            await using var open = await proxy.DialTlsAsync("open.example");
            Assert.Equal("HTTP/1.1 204", await AskAsync(open, "open.example"));
            Assert.False(await PassesAsync(proxy, null));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_change_of_authorities_counts_from_the_next_handshake_on(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        var client = Client(authority);
        Serve(proxy, new ClientValidation("default/ca") { TrustedCertificatesPem = authority.ExportCertificatePem() });
        Assert.True(await PassesAsync(proxy, client));

        Serve(proxy, new ClientValidation("default/ca") { TrustedCertificatesPem = stranger.ExportCertificatePem() });

        Assert.False(await PassesAsync(proxy, client));
    }

    [Fact]
    public async Task A_chain_may_be_as_deep_as_is_said()
    {
        using var intermediate = Issue(authority, "CN=Intermediate", isAuthority: true);
        var client = Client(intermediate);
        await using var proxy = new StreamProxy(TransportKind.Sockets);
        var validation = new ClientValidation("default/ca")
        {
            TrustedCertificatesPem = authority.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem(),
        };

        Serve(proxy, validation with { VerifyDepth = 1 });
        Assert.False(await PassesAsync(proxy, client));
        Serve(proxy, validation with { VerifyDepth = 2 });
        Assert.True(await PassesAsync(proxy, client));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Routes_demand_certificates_and_tell_the_backend_of_them(TransportKind kind)
    {
        await using var proxy = new StreamProxy(kind);
        using var backend = new TcpBackend();
        var filter = new ClientCertificateFilter("default/ca")
        {
            Require = true,
            ResultHeader = "ssl-client-verify",
            SubjectHeader = "ssl-client-subject-dn",
            IssuerHeader = "ssl-client-issuer-dn",
            CertificateHeader = "ssl-client-cert",
        };
        Serve(
            proxy,
            new ClientValidation("default/ca") { TrustedCertificatesPem = authority.ExportCertificatePem(), Mode = ClientCertificateMode.Request },
            filter,
            StreamProxy.Backend("b", backend.EndPoint));

        await using (var none = await proxy.DialTlsAsync("mutual.example"))
        {
            Assert.Equal("HTTP/1.1 400", await AskAsync(none, "mutual.example"));
        }

        await using (var bad = await proxy.DialTlsAsync("mutual.example", With(Client(stranger))))
        {
            Assert.Equal("HTTP/1.1 400", await AskAsync(bad, "mutual.example"));
        }

        // A connection that was made for a name without demands.
        await using (var other = await proxy.DialTlsAsync("open.example"))
        {
            Assert.Equal("HTTP/1.1 421", await AskAsync(other, "mutual.example"));
        }

        var certificate = Client(authority);
        await using var good = await proxy.DialTlsAsync("mutual.example", With(certificate));
        await good.WriteAsync("GET / HTTP/1.1\r\nHost: mutual.example\r\nSSL-Client-Verify: FORGED\r\n\r\n"u8.ToArray());
        using var server = await backend.AcceptedAsync();
        var request = await ReadHeadAsync(server);
        Assert.Contains("ssl-client-verify: SUCCESS\r\n", request, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("FORGED", request, StringComparison.Ordinal);
        Assert.Contains("ssl-client-subject-dn: CN=client\\, the first,O=Acme\r\n", request, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("ssl-client-issuer-dn: CN=Good authority\r\n", request, StringComparison.OrdinalIgnoreCase);
        var escaped = Uri.EscapeDataString(certificate.ExportCertificatePem() + "\n");
        Assert.Contains($"ssl-client-cert: {escaped}\r\n", request, StringComparison.OrdinalIgnoreCase);
    }

    private static void Serve(StreamProxy proxy, ClientValidation validation, Filter? filter = null, Backend? backend = null)
    {
        var mutual = TestCertificates.Ecdsa("mutual", "mutual.example");
        var open = TestCertificates.Ecdsa("open", "open.example");
        proxy.Apply(ListenerProtocol.Https, [], backend is null ? [] : [backend], new ConfigurationPiece("piece")
        {
            Certificates = [mutual, open],
            TlsBindings =
            [
                new TlsBinding(StreamProxy.Key, HostPattern.Exact("mutual.example"), [mutual.Id], StreamProxy.Origin) { ClientValidation = validation },
                new TlsBinding(StreamProxy.Key, HostPattern.Exact("open.example"), [open.Id], StreamProxy.Origin),
            ],
            Routes =
            [
                new Route(
                    "http", StreamProxy.Origin, "test", 0,
                    [new RouteBinding(StreamProxy.Key, HostPattern.Any, [new RouteMatch(HostPattern.Any, PathPattern.Any, [], new RoutePrecedence([]))])],
                    filter is null ? [] : [filter],
                    backend is null ? new DirectResponseAction(204) : new ForwardAction([new WeightedBackend(backend.Id)])),
            ],
        });
    }

    private static async Task<bool> PassesAsync(StreamProxy proxy, X509Certificate2? certificate)
    {
        try
        {
            await using var client = await proxy.DialTlsAsync("mutual.example", With(certificate));

            // In TLS 1.3 a client learns of a refusal after its own part is done.
            return await AskAsync(client, "mutual.example") == "HTTP/1.1 204";
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static SslClientAuthenticationOptions With(X509Certificate2? certificate) => new()
    {
        ClientCertificates = certificate is null ? null : [certificate],
        ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
    };

    private static async Task<string> AskAsync(SslStream client, string host)
    {
        await client.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        var bytes = new byte[12];
        await client.ReadExactlyAsync(bytes).AsTask().WaitAsync(TransportHost.Patience);
        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task<string> ReadHeadAsync(System.Net.Sockets.Socket server)
    {
        var text = "";
        var buffer = new byte[16 * 1024];
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await server.ReceiveAsync(buffer).WaitAsync(TransportHost.Patience);
            Assert.NotEqual(0, count);
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }

        return text;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static X509Certificate2 Client(X509Certificate2 issuer, bool expired = false, bool forServers = false) =>
        Issue(issuer, "CN=\"client, the first\", O=Acme", isAuthority: false, expired, forServers);

    private static X509Certificate2 Issue(X509Certificate2 issuer, string name, bool isAuthority, bool expired = false, bool forServers = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(name), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (!isAuthority)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(forServers ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        }

        var until = DateTimeOffset.UtcNow.AddDays(expired ? -1 : 10);
        using var certificate = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(-10), until, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
