using Microsoft.AspNetCore.Http;
using Polygate.Cluster.Tests.Servers;
using Polygate.EndToEnd.Tests;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Program;

/// <summary>
/// The API server away, in every way it can be, under load: no request fails, and what was missed is applied on return
/// (<see cref="Outage.Length"/>).
/// </summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const string Url = "http://a.example:8080/";

    private readonly string kubeconfig = Path.GetTempFileName();
    private TestApiServer? server;
    private TestBackend? before;
    private TestBackend? after;

    private TestApiServer Api => server!;

    public async ValueTask InitializeAsync()
    {
        RunReport.Count("in-process server");
        server = await TestApiServer.StartAsync();
        before = await BackendAsync("before");
        after = await BackendAsync("after");
        await File.WriteAllTextAsync(kubeconfig, Api.Kubeconfig());
        Api.Write(ClusterObjects.IngressClass("polygate"));
        Api.Write(ClusterObjects.Service("default", "a", before));
        Api.Write(ClusterObjects.Ingress("default", "a", "polygate", "a.example", "a"));
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await before!.DisposeAsync();
        await after!.DisposeAsync();
        File.Delete(kubeconfig);
    }

    [Fact]
    public Task Killed_and_started_again() => RideOutAsync(Api.StopAsync, Api.RestartAsync);

    [Fact]
    public Task Killed_and_started_again_without_its_history() => RideOutAsync(Api.StopAsync, () =>
    {
        Api.ExpireHistory();
        return Api.RestartAsync();
    });

    [Fact]
    public Task Hanging() => RideOutAsync(() => Do(Api.Faults.Hang), () => Do(Api.Faults.Clear));

    [Fact]
    public Task Half_open() => RideOutAsync(() => Do(Api.Faults.HalfOpen), () => Do(Api.Faults.Clear));

    [Theory]
    [InlineData(429, 1)]
    [InlineData(500, null)]
    [InlineData(503, 1)]
    public Task Answering_errors(int code, int? retryAfter) => RideOutAsync(
        () => Do(() =>
        {
            Api.Faults.Answer(code, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            Api.DropWatches();
        }),
        () => Do(Api.Faults.Clear));

    [Fact]
    public Task Answering_late() => RideOutAsync(
        () => Do(() =>
        {
            Api.Faults.Delay = TimeSpan.FromSeconds(3);
            Api.DropWatches();
        }),
        () => Do(Api.Faults.Clear));

    [Fact]
    public Task Refusing_its_token() => RideOutAsync(
        () => Do(() =>
        {
            Api.Faults.Answer(401);
            Api.DropWatches();
        }),
        () => Do(Api.Faults.Clear));

    [Fact]
    public Task Forgetting_its_history_and_dropping_watches() => RideOutAsync(
        () => Do(() => Api.Faults.Answer(500)),
        () => Do(() =>
        {
            Api.ExpireHistory();
            Api.DropWatches();
            Api.Faults.Clear();
        }));

    [Fact]
    public async Task A_gateway_serves_what_a_server_without_streaming_lists_has()
    {
        Api.Faults.NoStreamingLists = true;

        await using var gateway = await GatewayProcess.StartOnAsync(["--kubeconfig", kubeconfig]);

        await gateway.UntilAsync(Url, answer => answer.IsSuccessStatusCode);
    }

    private static Task<TestBackend> BackendAsync(string name) => TestBackend.StartAsync(context => context.Response.WriteAsync(name));

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    /// <summary>Load through an outage in which an object changes and one comes.</summary>
    private async Task RideOutAsync(Func<Task> begin, Func<Task> end)
    {
        await using var gateway = await GatewayProcess.StartOnAsync(["--kubeconfig", kubeconfig]);
        await gateway.UntilAsync(Url, answer => answer.IsSuccessStatusCode);

        await Outage.RideOutAsync(
            gateway,
            Url,
            async () =>
            {
                await begin();
                Api.Write(ClusterObjects.Service("default", "a", after!));
                Api.Write(ClusterObjects.Ingress("default", "b", "polygate", "b.example", "a"));
            },
            end,
            async () =>
            {
                await gateway.UntilAsync(Url, answer => answer.Content.ReadAsStringAsync().GetAwaiter().GetResult() == "after");
                await gateway.UntilAsync("http://b.example:8080/", answer => answer.IsSuccessStatusCode);
            });
    }
}
