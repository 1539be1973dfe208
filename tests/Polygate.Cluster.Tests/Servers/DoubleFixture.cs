using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Servers;

/// <summary>The in-process server, one for all contract tests.</summary>
public sealed class DoubleFixture : IServerUnderTest, IAsyncLifetime
{
    private TestApiServer? server;

    public string Description => "in-process server";

    public string AdminToken => server!.AdminToken;

    public HttpClient CreateClient(string token) => server!.CreateClient(token);

    public string Kubeconfig(string token) => server!.Kubeconfig(token);

    public Task ExpireHistoryAsync()
    {
        server!.ExpireHistory();
        return Task.CompletedTask;
    }

    public async ValueTask InitializeAsync() => server = await TestApiServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }
}
