using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Dialects.Tests.Ingress;

namespace Polygate.EndToEnd.Tests.IngressNginx;

/// <summary>auth-tls-…: handshakes succeed, and requests without the certificate that they need are refused.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly TestAuthority stranger = new();
    private readonly ConfigurationFolder folder = new();
    private readonly X509Certificate2 dismissed;
    private EchoServices? services;
    private GatewayProcess? gateway;

    public ClientCertificateTests() => dismissed = authority.Issue("CN=mallory, O=Staff");

    public async ValueTask InitializeAsync()
    {
        string[] hosts = ["need.test", "match.test", "optional.test", "any.test", "why.test", "broken.test", "listed.test", "unread.test", "lax.test"];
        services = await EchoServices.StartAsync("a");
        folder.Write("all.yaml", string.Join("---\n", [
            services.Manifests, TestCertificates.TlsSecret("tls", hosts), authority.Secret("clients"),
            authority.Secret("listed", ("ca.crl", authority.RevocationList(dismissed))), authority.Secret("unread", ("ca.crl", "no list")),
            Host("need.test", "auth-tls-secret: default/clients | auth-tls-pass-certificate-to-upstream: true"),
            Host("match.test", "auth-tls-secret: clients | auth-tls-match-cn: CN=(alice|carol)$"),
            Host("optional.test", "auth-tls-secret: clients | auth-tls-verify-client: optional"),
            Host("any.test", "auth-tls-secret: clients | auth-tls-verify-client: optional_no_ca"),
            Host("why.test", "auth-tls-secret: clients | auth-tls-error-page: https://in.test/why"),
            Host("broken.test", "auth-tls-secret: nowhere"),
            Host("listed.test", "auth-tls-secret: listed"),
            Host("unread.test", "auth-tls-secret: unread"),
            Host("lax.test", "auth-tls-secret: listed | auth-tls-verify-client: optional_no_ca"),
        ]));
        gateway = await GatewayProcess.StartAsync(folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await (gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (services?.DisposeAsync() ?? ValueTask.CompletedTask);
        folder.Dispose();
        authority.Dispose();
        stranger.Dispose();
        dismissed.Dispose();
    }

    [Fact]
    public async Task Who_has_the_right_certificate_passes_and_no_one_else()
    {
        using var alice = authority.Issue("CN=alice, O=Staff");
        using var bob = authority.Issue("CN=bob, O=Staff");
        using var forged = stranger.Issue("CN=alice, O=Staff");

        Assert.Equal(400, (await SendAsync("need.test", null)).Status);
        Assert.Equal(400, (await SendAsync("need.test", forged)).Status);
        Assert.Equal(200, (await SendAsync("need.test", bob)).Status);
        Assert.Equal(403, (await SendAsync("match.test", bob)).Status);
        Assert.Equal(400, (await SendAsync("match.test", forged)).Status);
        Assert.Equal(400, (await SendAsync("optional.test", forged)).Status);
        Assert.Equal(200, (await SendAsync("any.test", forged)).Status);
        Assert.Equal(403, (await SendAsync("broken.test", alice)).Status);
        var sent = await SendAsync("why.test", null);
        Assert.Equal((302, "https://in.test/why"), (sent.Status, sent["location"]));
    }

    [Fact]
    public async Task Whose_certificate_was_revoked_does_not_pass()
    {
        using var alice = authority.Issue("CN=alice, O=Staff");
        Assert.Equal(200, (await SendAsync("listed.test", alice)).Status);
        Assert.Equal(400, (await SendAsync("listed.test", dismissed)).Status);
        Assert.Equal(200, (await SendAsync("need.test", dismissed)).Status);
        Assert.Equal(400, (await SendAsync("lax.test", dismissed)).Status);
        Assert.Equal(400, (await SendAsync("unread.test", alice)).Status);
        Assert.Contains("revocation list", gateway!.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_backend_is_told_who_it_is()
    {
        using var alice = authority.Issue("CN=alice, O=Staff");
        var body = (await SendAsync("need.test", alice, "ssl-client-verify: FAILED:forged\r\nssl-client-subject-dn: CN=root\r\n")).Body;
        Assert.Contains("\nssl-client-verify: SUCCESS\n", body, StringComparison.Ordinal);
        Assert.Contains("\nssl-client-issuer-dn: CN=Clients\n", body, StringComparison.Ordinal);
        Assert.Contains("CN=alice", Line(body, "ssl-client-subject-dn"), StringComparison.Ordinal);
        Assert.Equal(alice.ExportCertificatePem(), Uri.UnescapeDataString(Line(body, "ssl-client-cert")).Trim());
        Assert.Contains("\nssl-client-verify: NONE\n", (await SendAsync("optional.test", null)).Body, StringComparison.Ordinal);
        Assert.Contains("ssl-client-verify: FAILED", (await SendAsync("any.test", stranger.Issue("CN=x"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cleartext_is_no_way_around()
    {
        var answer = await RawClient.SendAsync(gateway!.Address, 8080, "GET", "need.test", "/");
        Assert.Equal((308, "https://need.test"), (answer.Status, answer["location"]));
    }

    private static string Line(string body, string name) => body.Split('\n').Single(line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    private static string Host(string host, string annotations) =>
        IngressYaml.Nginx(host[..host.IndexOf('.', StringComparison.Ordinal)], $"{host} P /=a", annotations, spec: $"tls: [{{hosts: [{host}], secretName: tls}}]").ToString();

    private async Task<RawAnswer> SendAsync(string host, X509Certificate2? certificate, string headers = "")
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway!.Address, 8443);
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        });
        await tls.WriteAsync(Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"));
        return RawAnswer.Parse(await new StreamReader(tls, Encoding.Latin1).ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)));
    }
}
