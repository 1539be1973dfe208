using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>Traffic does not depend on the API server, and nothing that happened while it was away is missed.</summary>
public sealed class AvailabilityTests : IAsyncLifetime
{
    private TestApiServer server = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        server = await TestApiServer.StartAsync();
        cluster = new Cluster(server);
        await cluster.InstallGatewayApiAsync();
        await cluster.AddGatewayAsync();
        await cluster.AddRouteAsync("a", "one.example.org");
    }

    public async ValueTask DisposeAsync()
    {
        cluster.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_stopped_server_changes_nothing_and_what_it_tells_on_return_is_applied()
    {
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();
        await server.StopAsync();
        await gateway.UntilAsync(() => Task.FromResult(gateway.Log.Contains("what is served stays", StringComparison.Ordinal)));

        Assert.Equal("one.example.org", await gateway.RedirectAsync("a.example.com"));
        Assert.Equal("ok\n", await gateway.Client.GetStringAsync("http://admin:9901/readyz", TestContext.Current.CancellationToken));

        await server.RestartAsync();
        await cluster.ChangeRouteAsync("a", "two.example.org");
        await gateway.UntilRedirectAsync("a.example.com", "two.example.org");
        Assert.Contains("answers again", gateway.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task Errors_are_outlived(int code)
    {
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();
        server.Faults.Answer(code, TimeSpan.FromSeconds(1));
        server.Faults.Only = (method, path) => method == "GET";
        server.DropWatches();
        await gateway.UntilAsync(() => Task.FromResult(server.Calls.Any(call => call.Status == code)));

        Assert.Equal("one.example.org", await gateway.RedirectAsync("a.example.com"));
        await cluster.ChangeRouteAsync("a", "two.example.org");
        server.Faults.Clear();
        await gateway.UntilRedirectAsync("a.example.com", "two.example.org");
    }

    [Fact]
    public async Task An_expired_history_is_listed_again_and_what_went_meanwhile_is_gone()
    {
        await cluster.AddRouteAsync("b", "three.example.org");
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();
        server.Faults.Answer(503);
        server.Faults.Only = (_, path) => path.Contains("httproutes?watch", StringComparison.Ordinal) || path.EndsWith("/httproutes", StringComparison.Ordinal);
        server.DropWatches();
        await cluster.DeleteAsync($"apis/{Cluster.GatewayApi}/namespaces/default/httproutes/b");
        await cluster.ChangeRouteAsync("a", "two.example.org");
        server.ExpireHistory();
        server.Faults.Clear();

        await gateway.UntilRedirectAsync("a.example.com", "two.example.org");
        await gateway.UntilRedirectAsync("b.example.com", null);
    }

    [Fact]
    public async Task A_restarted_gateway_serves_from_its_snapshot_while_the_server_is_away()
    {
        var snapshot = Path.Combine(Directory.CreateTempSubdirectory("polygate-snapshot-").FullName, "snapshot");
        await using (await RunningGateway.Start(server, "--snapshot", snapshot).ReadyAsync())
        {
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(snapshot));
        }

        await server.StopAsync();
        await using (var gateway = await RunningGateway.Start(server, "--snapshot", snapshot).ReadyAsync())
        {
            Assert.Equal("one.example.org", await gateway.RedirectAsync("a.example.com"));

            await server.RestartAsync();
            await cluster.ChangeRouteAsync("a", "two.example.org");
            await gateway.UntilRedirectAsync("a.example.com", "two.example.org");
        }

        Directory.Delete(Path.GetDirectoryName(snapshot)!, recursive: true);
    }

    [Fact]
    public async Task Requests_never_fail_while_the_server_hangs_breaks_and_returns()
    {
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();
        using var done = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            var served = 0;
            while (!done.IsCancellationRequested)
            {
                Assert.EndsWith(".example.org", await gateway.RedirectAsync("a.example.com"), StringComparison.Ordinal);
                served++;
            }

            return served;
        });

        for (var round = 0; round < 3; round++)
        {
            server.Faults.Hang();
            server.DropWatches();
            await gateway.UntilAsync(() => Task.FromResult(true));
            server.Faults.Clear();
            await cluster.ChangeRouteAsync("a", $"hang{round}.example.org");
            await gateway.UntilRedirectAsync("a.example.com", $"hang{round}.example.org");

            await server.StopAsync();
            await server.RestartAsync();
            await cluster.ChangeRouteAsync("a", $"stop{round}.example.org");
            await gateway.UntilRedirectAsync("a.example.com", $"stop{round}.example.org");
        }

        await done.CancelAsync();
        Assert.True(await load > 0);
    }
}
