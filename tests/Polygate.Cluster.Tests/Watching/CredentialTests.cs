using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Watching;

/// <summary>As whom the API server is spoken to, and by whom it may be signed.</summary>
public sealed class CredentialTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("polygate-credentials-").FullName;
    private readonly ManualClock clock = new();
    private TestApiServer server = null!;

    public async ValueTask InitializeAsync() => server = await TestApiServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_service_accounts_token_may_change_on_disk_while_the_old_one_expires()
    {
        using var api = await ServiceAccountAsync(server.AuthorityPem);
        await AskAsync(api);

        for (var round = 0; round < 3; round++)
        {
            var old = await File.ReadAllTextAsync(Token, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Token + ".new", server.IssueToken("admin", "system:masters"), TestContext.Current.CancellationToken);
            File.Move(Token + ".new", Token, overwrite: true);
            clock.Advance(TimeSpan.FromSeconds(1));
            server.RevokeToken(old);
            await AskAsync(api);
        }
    }

    [Fact]
    public async Task A_kubeconfigs_token_file_may_change_too()
    {
        await File.WriteAllTextAsync(Token, server.AdminToken, TestContext.Current.CancellationToken);
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig, server.Kubeconfig().Replace($"token: {server.AdminToken}", "tokenFile: token", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var settings = new ClusterSettings(kubeconfig);
        using var api = await ApiClient.CreateAsync(settings, () => ApiConfiguration.ReadAsync(settings, clock));
        await AskAsync(api);

        await File.WriteAllTextAsync(Token, server.IssueToken("other", "system:masters"), TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(1));
        server.RevokeToken(server.AdminToken);
        await AskAsync(api);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_authorities_of_a_bundle_are_trusted(bool isLast)
    {
        using var api = await ServiceAccountAsync(isLast ? Stranger() + server.AuthorityPem : server.AuthorityPem + "\n" + Stranger());
        await AskAsync(api);
    }

    [Fact]
    public async Task All_authorities_of_a_kubeconfig_are_trusted()
    {
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(Stranger() + server.AuthorityPem));
        var one = Convert.ToBase64String(Encoding.UTF8.GetBytes(server.AuthorityPem));
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig().Replace(one, data, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        using var api = await ApiClient.CreateAsync(new ClusterSettings(kubeconfig));
        await AskAsync(api);

        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), Stranger() + server.AuthorityPem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            kubeconfig, server.Kubeconfig().Replace($"certificate-authority-data: {one}", "certificate-authority: ca.pem", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        using var fromFile = await ApiClient.CreateAsync(new ClusterSettings(kubeconfig));
        await AskAsync(fromFile);
    }

    [Fact]
    public async Task A_server_signed_by_nobody_in_the_bundle_is_refused()
    {
        using var api = await ServiceAccountAsync(Stranger());
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(api));
    }

    private string Token => Path.Combine(folder, "token");

    private async Task<ApiClient> ServiceAccountAsync(string authorities)
    {
        await File.WriteAllTextAsync(Token, server.IssueToken("admin", "system:masters"));
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), authorities);
        await File.WriteAllTextAsync(Path.Combine(folder, "namespace"), "here\n");
        var api = await ApiClient.CreateAsync(new ClusterSettings(), () => Task.FromResult(
            ApiConfiguration.OfServiceAccount(folder, server.Address.Host, $"{server.Address.Port}", clock)));
        Assert.Equal("here", api.Namespace);
        return api;
    }

    private static async Task AskAsync(ApiClient api) =>
        Assert.False((await api.ReadAsync(HttpMethod.Get, "api/v1/namespaces", null, TestContext.Current.CancellationToken)).IsEmpty);

    private static string Stranger()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return authority.ExportCertificatePem() + "\n";
    }
}
