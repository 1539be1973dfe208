namespace Polygate.Cluster.Tests.Servers;

/// <summary>
/// A real kube-apiserver where <c>KUBEBUILDER_ASSETS</c> names a folder with <c>kube-apiserver</c> and <c>etcd</c> (the convention
/// of controller-runtime's envtest), started once for all contract tests. Without it, asking for it skips the test.
/// </summary>
public sealed class KubernetesFixture : IServerUnderTest, IAsyncLifetime
{
    private RealApiServer? server;

    public string Description => server is null ? "kube-apiserver" : $"kube-apiserver {server.Version}";

    public string AdminToken => Started.AdminToken;

    private RealApiServer Started
    {
        get
        {
            Assert.SkipWhen(server is null, "KUBEBUILDER_ASSETS does not name a folder with kube-apiserver and etcd");
            return server!;
        }
    }

    public HttpClient CreateClient(string token) => Started.CreateClient(token);

    public string Kubeconfig(string token) => Started.Kubeconfig(token);

    public string TokenOf(string replica) => Started.TokenOf(replica);

    public IReadOnlyList<AcceptedWrite> Writes() => Started.Writes();

    /// <summary>Kills the API server; its objects stay.</summary>
    public Task KillServerAsync() => Started.KillServerAsync();

    /// <summary>Starts it again, until it is ready.</summary>
    public Task StartServerAsync() => Started.StartServerAsync();

    /// <summary>Stops the process where it is (true), or lets it go on.</summary>
    public void Freeze(bool isFrozen) => Started.Freeze(isFrozen);

    /// <summary>A server that was restarted keeps no history from before.</summary>
    public async Task ExpireHistoryAsync()
    {
        await Started.KillServerAsync();
        await Started.StartServerAsync();
    }

    public async ValueTask InitializeAsync()
    {
        if (RealApiServer.Assets is { } assets)
        {
            server = await RealApiServer.StartAsync(assets);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }
}
