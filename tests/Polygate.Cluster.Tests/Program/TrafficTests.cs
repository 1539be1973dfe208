using Microsoft.AspNetCore.Http;
using Polygate.Cluster.Tests.Contract;
using Polygate.Cluster.Tests.Servers;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

public sealed class TrafficTestsOnTheDouble(DoubleFixture server) : TrafficTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class TrafficTestsOnKubernetes(KubernetesFixture server) : TrafficTests(server);

/// <summary>The whole program on an API server: objects become traffic, and hear back.</summary>
public abstract class TrafficTests(IServerUnderTest server) : ContractTests(server)
{
    private const string Classes = "/apis/networking.k8s.io/v1/ingressclasses";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly string kubeconfig = Path.GetTempFileName();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await File.WriteAllTextAsync(kubeconfig, Server.Kubeconfig(Server.AdminToken));
        (await Api.PostAsync(Classes, ClusterObjects.IngressClass(Namespace))).Expect(201);
    }

    public override async ValueTask DisposeAsync()
    {
        File.Delete(kubeconfig);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Traffic_follows_the_objects()
    {
        await using var one = await BackendAsync("one");
        await using var two = await BackendAsync("two");
        await PutIngressAsync("a", one);
        await using var gateway = await StartAsync();
        await gateway.UntilAsync(Url("a"), answer => Says(answer, "one"));

        (await Api.PatchAsync($"{Services}/a", ApiClient.MergePatch, Patch(ClusterObjects.Service(Namespace, "a", two)))).Expect(200);
        await gateway.UntilAsync(Url("a"), answer => Says(answer, "two"));

        await PutIngressAsync("b", one);
        await gateway.UntilAsync(Url("b"), answer => Says(answer, "one"));

        (await Api.DeleteAsync($"{Ingresses}/a")).Expect(200);
        await gateway.UntilAsync(Url("a"), answer => (int)answer.StatusCode == 404);
        await gateway.UntilAsync(Url("b"), answer => Says(answer, "one"));
    }

    [Fact]
    public async Task Ingresses_of_another_class_are_left_alone()
    {
        await using var backend = await BackendAsync("one");
        (await Api.PostAsync(Services, ClusterObjects.Service(Namespace, "a", backend))).Expect(201);
        (await Api.PostAsync(Ingresses, ClusterObjects.Ingress(Namespace, "other", $"{Namespace}-other", $"other.{Namespace}", "a"))).Expect(201);
        (await Api.PostAsync(Ingresses, ClusterObjects.Ingress(Namespace, "own", Namespace, $"own.{Namespace}", "a"))).Expect(201);

        await using var gateway = await StartAsync("--publish-address", "192.0.2.9");

        await gateway.UntilAsync(Url("own"), answer => Says(answer, "one"));
        using var refused = await gateway.GetAsync(Url("other"));
        Assert.Equal(404, (int)refused.StatusCode);
        await UntilPublishedAsync("own", "192.0.2.9");
        Assert.Null((await Api.GetAsync($"{Ingresses}/other")).Json!["status"]!["loadBalancer"]!["ingress"]);
    }

    [Fact]
    public async Task Kinds_that_are_installed_later_are_served_without_a_restart()
    {
        await using var backend = await BackendAsync("two");
        await using var gateway = await StartAsync();
        foreach (var kind in new[] { "Listener", "Host", "Mapping" })
        {
            (await Api.PostAsync(Definitions, Definition(kind))).Expect(201);
        }

        try
        {
            foreach (var kind in new[] { "Listener", "Host", "Mapping" })
            {
                await UntilAsync(Ambassador(kind), answer => answer.Code == 200);
            }

            (await Api.PostAsync(Ambassador("Listener"), Yaml("""
                apiVersion: getambassador.io/v3alpha1
                kind: Listener
                metadata: { name: http }
                spec: { port: 8080, protocol: HTTP, securityModel: XFP, hostBinding: { namespace: { from: ALL } } }
                """))).Expect(201);
            (await Api.PostAsync(Ambassador("Host"), Yaml($$"""
                apiVersion: getambassador.io/v3alpha1
                kind: Host
                metadata: { name: late }
                spec: { hostname: late.{{Namespace}}, requestPolicy: { insecure: { action: Route } } }
                """))).Expect(201);
            (await Api.PostAsync(Ambassador("Mapping"), Yaml($$"""
                apiVersion: getambassador.io/v3alpha1
                kind: Mapping
                metadata: { name: late }
                spec: { hostname: late.{{Namespace}}, prefix: /, service: "{{backend.Address}}:{{backend.Port}}" }
                """))).Expect(201);

            await gateway.UntilAsync(Url("late"), answer => Says(answer, "two"));
        }
        finally
        {
            foreach (var kind in new[] { "Listener", "Host", "Mapping" })
            {
                (await Api.DeleteAsync($"{Definitions}/{kind.ToLowerInvariant()}s.getambassador.io")).Expect(200);
            }
        }

        // Nothing is left that opens the port; a connection that is kept alive hears 503.
        await gateway.UntilAsync(Url("late"), answer => !answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task When_the_leader_is_killed_another_replica_writes_statuses()
    {
        await using var backend = await BackendAsync("one");
        await PutIngressAsync("a", backend);
        var first = await StartAsync("--publish-address", "192.0.2.9", "--leader-election-namespace", Namespace);
        await using (first)
        {
            await UntilPublishedAsync("a", "192.0.2.9");
            await using var second = await StartAsync("--publish-address", "192.0.2.10", "--leader-election-namespace", Namespace);
            await second.UntilAsync(Url("a"), answer => Says(answer, "one"));
            await PutIngressAsync("b", backend);
            // The follower has the object too, and would write its own address.
            await second.UntilAsync(Url("b"), answer => Says(answer, "one"));
            await UntilPublishedAsync("b", "192.0.2.9");

            await first.KillAsync();

            await UntilPublishedAsync("a", "192.0.2.10");
            await UntilPublishedAsync("b", "192.0.2.10");
        }
    }

    private static System.Text.Json.Nodes.JsonObject Definition(string kind) => Yaml($$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: {{kind.ToLowerInvariant()}}s.getambassador.io }
        spec:
          group: getambassador.io
          scope: Namespaced
          names: { plural: {{kind.ToLowerInvariant()}}s, kind: {{kind}} }
          versions:
          - name: v3alpha1
            served: true
            storage: true
            schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
        """);

    private static bool Says(HttpResponseMessage answer, string name) =>
        answer.IsSuccessStatusCode && answer.Headers.TryGetValues("x-backend", out var values) && values.Single() == name;

    private static Task<TestBackend> BackendAsync(string name) => TestBackend.StartAsync(context =>
    {
        context.Response.Headers["x-backend"] = name;
        return context.Response.WriteAsync(name);
    });

    /// <summary>What of a manifest a merge patch may carry.</summary>
    private static System.Text.Json.Nodes.JsonObject Patch(System.Text.Json.Nodes.JsonObject manifest) => new() { ["spec"] = manifest["spec"]!.DeepClone() };

    private string Ambassador(string kind) => $"/apis/getambassador.io/v3alpha1/namespaces/{Namespace}/{kind.ToLowerInvariant()}s";

    private string Url(string name) => $"http://{name}.{Namespace}:8080/";

    private Task<GatewayProcess> StartAsync(params string[] options) =>
        GatewayProcess.StartOnAsync(["--kubeconfig", kubeconfig, "--watch-namespaces", Namespace], options);

    private async Task PutIngressAsync(string name, TestBackend backend)
    {
        (await Api.PostAsync(Services, ClusterObjects.Service(Namespace, name, backend))).Expect(201);
        (await Api.PostAsync(Ingresses, ClusterObjects.Ingress(Namespace, name, Namespace, $"{name}.{Namespace}", name))).Expect(201);
    }

    private Task<Answer> UntilPublishedAsync(string name, string address) => UntilAsync(
        $"{Ingresses}/{name}", answer => (string?)answer.Json?["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"] == address);
}
