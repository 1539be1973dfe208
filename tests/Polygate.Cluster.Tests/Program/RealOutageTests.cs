using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Polygate.Cluster.Tests.Contract;
using Polygate.Cluster.Tests.Servers;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

/// <summary>
/// A real kube-apiserver, killed, stalled and started again under load (<c>POLYGATE_OUTAGE_SECONDS</c>, three unless it says so). It has the server to
/// itself.
/// </summary>
[Collection(KubernetesCollection.Name)]
public sealed class RealOutageTests(KubernetesFixture server) : ContractTests(server)
{
    private readonly string kubeconfig = Path.GetTempFileName();
    private readonly KubernetesFixture kubernetes = server;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await File.WriteAllTextAsync(kubeconfig, Server.Kubeconfig(Server.AdminToken));
        (await Api.PostAsync("/apis/networking.k8s.io/v1/ingressclasses", ClusterObjects.IngressClass(Namespace))).Expect(201);
    }

    public override ValueTask DisposeAsync()
    {
        File.Delete(kubeconfig);
        GC.SuppressFinalize(this);
        return base.DisposeAsync();
    }

    [Fact]
    public async Task Killed_stalled_and_started_again()
    {
        await using var one = await BackendAsync("one");
        await using var two = await BackendAsync("two");
        (await Api.PostAsync(Services, ClusterObjects.Service(Namespace, "s", one))).Expect(201);
        (await Api.PostAsync(Ingresses, ClusterObjects.Ingress(Namespace, "a", Namespace, $"a.{Namespace}", "s"))).Expect(201);
        await using var gateway = await GatewayProcess.StartOnAsync(
            ["--kubeconfig", kubeconfig, "--watch-namespaces", Namespace], "--leader-election-namespace", Namespace);
        await gateway.UntilAsync(Url, answer => Says(answer, "one"));
        await using var load = ClientLoad.Start(gateway, Url);

        await kubernetes.KillServerAsync();
        await Task.Delay(OutageTests.Outage);
        await AssertReadyAsync(gateway);
        await kubernetes.StartServerAsync();
        await ChangeAsync(gateway, two, "two");

        kubernetes.Freeze(true);
        await Task.Delay(OutageTests.Outage);
        await AssertReadyAsync(gateway);
        kubernetes.Freeze(false);
        await ChangeAsync(gateway, one, "one");

        kubernetes.Freeze(true);
        await Task.Delay(OutageTests.Outage);
        await kubernetes.KillServerAsync();
        await kubernetes.StartServerAsync();
        await ChangeAsync(gateway, two, "two");

        await load.AssertNothingFailedAsync();
    }

    private string Url => $"http://a.{Namespace}:8080/";

    /// <summary>Changes where requests lead as soon as the server takes it, and waits for the traffic.</summary>
    private async Task ChangeAsync(GatewayProcess gateway, TestBackend backend, string name)
    {
        var clock = Stopwatch.StartNew();
        var manifest = ClusterObjects.Service(Namespace, "s", backend);
        (await Api.PatchAsync($"{Services}/s", Contract.ApiClient.MergePatch, new System.Text.Json.Nodes.JsonObject { ["spec"] = manifest["spec"]!.DeepClone() })).Expect(200);
        await gateway.UntilAsync(Url, answer => Says(answer, name));
        OutageTests.AssertCaughtUp(clock.Elapsed);
    }

    private static async Task AssertReadyAsync(GatewayProcess gateway)
    {
        using var ready = await gateway.GetAsync("http://admin:9901/readyz");
        Assert.True(ready.IsSuccessStatusCode, "a gateway is ready also while the API server is away");
    }

    private static bool Says(HttpResponseMessage answer, string name) => answer.IsSuccessStatusCode && answer.Headers.TryGetValues("x-backend", out var values) && values.Single() == name;

    private static Task<TestBackend> BackendAsync(string name) => TestBackend.StartAsync(context =>
    {
        context.Response.Headers["x-backend"] = name;
        return context.Response.WriteAsync(name);
    });
}

/// <summary>Clients that ask one after the other for as long as it lives, and what went wrong for them.</summary>
internal sealed class ClientLoad : IAsyncDisposable
{
    private const int Clients = 4;

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> failures = new();
    private readonly List<Task<int>> clients;

    private ClientLoad(GatewayProcess gateway, string url) => clients = [.. Enumerable.Range(0, Clients).Select(_ => RunAsync(gateway, url))];

    public static ClientLoad Start(GatewayProcess gateway, string url) => new(gateway, url);

    /// <summary>Ends it; returns how many requests were answered.</summary>
    public async Task<int> AssertNothingFailedAsync()
    {
        await stop.CancelAsync();
        var requests = (await Task.WhenAll(clients)).Sum();
        Assert.True(failures.IsEmpty, $"{failures.Count} of {requests} requests failed: {string.Join("; ", failures.Distinct().Take(3))}");
        Assert.True(requests > 0);
        return requests;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        stop.Dispose();
    }

    private async Task<int> RunAsync(GatewayProcess gateway, string url)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            try
            {
                using var answer = await gateway.GetAsync(url);
                if (!answer.IsSuccessStatusCode)
                {
                    failures.Enqueue($"{(int)answer.StatusCode}");
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                failures.Enqueue(exception.Message);
            }

            // Steady load, not as much as there can be: other tests run beside.
            await Task.Delay(2, CancellationToken.None);
        }

        return count;
    }
}
