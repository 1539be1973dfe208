using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polygate.Cluster.Tests.Contract;
using Polygate.Cluster.Tests.Servers;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

/// <summary>
/// A real kube-apiserver away under load, in ways that it can be: no request fails, and a change upon its return is soon in effect. Each
/// has the server to itself (<see cref="Outage.Length"/>).
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
    public Task Killed_and_started_again() => RideOutAsync(kubernetes.KillServerAsync, kubernetes.StartServerAsync);

    [Fact]
    public Task Stalled() => RideOutAsync(() => FreezeAsync(true), () => FreezeAsync(false));

    [Fact]
    public Task Stalled_then_killed_and_started_again() => RideOutAsync(() => FreezeAsync(true), async () =>
    {
        await kubernetes.KillServerAsync();
        await kubernetes.StartServerAsync();
    });

    private string Url => $"http://a.{Namespace}:8080/";

    private Task FreezeAsync(bool isFrozen)
    {
        kubernetes.Freeze(isFrozen);
        return Task.CompletedTask;
    }

    /// <summary>An outage, and a change as soon as the server takes it again.</summary>
    private async Task RideOutAsync(Func<Task> begin, Func<Task> end)
    {
        await using var one = await BackendAsync("one");
        await using var two = await BackendAsync("two");
        (await Api.PostAsync(Services, ClusterObjects.Service(Namespace, "s", one))).Expect(201);
        (await Api.PostAsync(Ingresses, ClusterObjects.Ingress(Namespace, "a", Namespace, $"a.{Namespace}", "s"))).Expect(201);
        await using var gateway = await GatewayProcess.StartOnAsync(
            ["--kubeconfig", kubeconfig, "--watch-namespaces", Namespace], "--leader-election-namespace", Namespace);
        await gateway.UntilAsync(Url, answer => Says(answer, "one"));

        await Outage.RideOutAsync(gateway, Url, begin, end, async () =>
        {
            var manifest = ClusterObjects.Service(Namespace, "s", two);
            (await Api.PatchAsync($"{Services}/s", Contract.ApiClient.MergePatch, new JsonObject { ["spec"] = manifest["spec"]!.DeepClone() })).Expect(200);
            await gateway.UntilAsync(Url, answer => Says(answer, "two"));
        });
    }

    private static bool Says(HttpResponseMessage answer, string name) => answer.IsSuccessStatusCode && answer.Headers.TryGetValues("x-backend", out var values) && values.Single() == name;

    private static Task<TestBackend> BackendAsync(string name) => TestBackend.StartAsync(context =>
    {
        context.Response.Headers["x-backend"] = name;
        return context.Response.WriteAsync(name);
    });
}
