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

    public string TokenOf(string replica) => server!.IssueToken(replica, "system:masters");

    public IReadOnlyList<AcceptedWrite> Writes() =>
        [.. server!.Calls.Where(call => call.Method is "PATCH" or "PUT" or "POST" && call.Status < 300).Select(call => new AcceptedWrite(call.User, call.Target, call.At))];

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
