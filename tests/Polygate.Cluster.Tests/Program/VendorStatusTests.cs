using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Contract;
using Polygate.Cluster.Tests.Servers;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

public sealed class VendorStatusTestsOnTheDouble(DoubleFixture server) : VendorStatusTests(server), IClassFixture<DoubleFixture>
{
    protected override JsonObject Definition(string vendor, string group, string version, string kind, string plural, bool isNamespaced, bool hasStatus) =>
        Definitions.Open(group, version, kind, plural, isNamespaced, hasStatus);
}

/// <summary>With the vendors' own definitions, whose schemas refuse a status that is not theirs.</summary>
[Collection(KubernetesCollection.Name)]
public sealed class VendorStatusTestsOnKubernetes(KubernetesFixture server) : VendorStatusTests(server)
{
    protected override JsonObject Definition(string vendor, string group, string version, string kind, string plural, bool isNamespaced, bool hasStatus)
    {
        var definition = Definitions.OfVendor(vendor, version, plural);
        Assert.SkipWhen(definition is null, "the vendors' CustomResourceDefinitions are not here (../shared/crds)");
        return definition!;
    }
}

/// <summary>Objects of every dialect hear back in the form of their vendor, and what others wrote there stays.</summary>
public abstract class VendorStatusTests(IServerUnderTest server) : ContractTests(server)
{
    private const string AllDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Finalizer = "gateway-exists-finalizer.gateway.networking.k8s.io";

    private readonly string kubeconfig = Path.GetTempFileName();
    private readonly List<string> installed = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await File.WriteAllTextAsync(kubeconfig, Server.Kubeconfig(Server.AdminToken));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var name in installed)
        {
            await Api.DeleteAsync($"{AllDefinitions}/{name}");
            await UntilAsync($"{AllDefinitions}/{name}", answer => answer.Code == 404);
        }

        File.Delete(kubeconfig);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Objects_of_Gloo_Edge()
    {
        await InstallAsync("gloo", "gateway.solo.io", "v1", "VirtualService", "virtualservices", hasStatus: false);
        await InstallAsync("gloo", "gloo.solo.io", "v1", "Upstream", "upstreams", hasStatus: false);
        var services = $"/apis/gateway.solo.io/v1/namespaces/{Namespace}/virtualservices";
        var service = Yaml($$"""
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: { name: a }
            spec:
              virtualHost:
                domains: [a.{{Namespace}}]
                routes: [{ matchers: [{ prefix: / }], routeAction: { single: { upstream: { name: missing, namespace: {{Namespace}} } } } }]
            status: { statuses: { elsewhere: { state: Accepted, reportedBy: gateway } } }
            """);
        (await Api.PostAsync(services, service)).Expect(201);
        await using var gateway = await StartAsync();

        await UntilAsync($"{services}/a", answer => Entry(answer) is { } entry && (string?)entry["state"] is "Warning" or "Rejected");
        (await Api.PostAsync($"/apis/gloo.solo.io/v1/namespaces/{Namespace}/upstreams", Yaml($$"""
            { apiVersion: gloo.solo.io/v1, kind: Upstream, metadata: { name: missing }, spec: { static: { hosts: [{ addr: 192.0.2.1, port: 80 }] } } }
            """))).Expect(201);
        var found = await UntilAsync($"{services}/a", answer => (string?)Entry(answer)?["state"] == "Accepted");

        Assert.Equal("gateway", (string?)found.Json!["status"]!["statuses"]!["elsewhere"]!["reportedBy"]);
        await UntilAsync($"/apis/gloo.solo.io/v1/namespaces/{Namespace}/upstreams/missing", answer => (string?)Entry(answer)?["state"] == "Accepted");

        static JsonNode? Entry(Answer answer) =>
            answer.Json?["status"]?["statuses"]?.AsObject().Select(pair => pair.Value).SingleOrDefault(entry => (string?)entry?["reportedBy"] == "polygate");
    }

    [Fact]
    public async Task Objects_of_Ambassador()
    {
        foreach (var (kind, plural) in new[] { ("Listener", "listeners"), ("Host", "hosts"), ("Mapping", "mappings") })
        {
            await InstallAsync("emissary", "getambassador.io", "v3alpha1", kind, plural);
        }

        var collection = $"/apis/getambassador.io/v3alpha1/namespaces/{Namespace}";
        (await Api.PostAsync($"{collection}/mappings", Yaml($$"""
            { apiVersion: getambassador.io/v3alpha1, kind: Mapping, metadata: { name: a }, spec: { hostname: a.{{Namespace}}, prefix: /, service: "192.0.2.1:80" } }
            """))).Expect(201);
        await using var gateway = await StartAsync();
        await UntilAsync($"{collection}/mappings/a", answer => (string?)answer.Json?["status"]?["state"] == "Inactive");

        (await Api.PostAsync($"{collection}/listeners", Yaml("""
            { apiVersion: getambassador.io/v3alpha1, kind: Listener, metadata: { name: a },
              spec: { port: 8080, protocol: HTTP, securityModel: XFP, hostBinding: { namespace: { from: ALL } } } }
            """))).Expect(201);
        (await Api.PostAsync($"{collection}/hosts", Yaml($$"""
            { apiVersion: getambassador.io/v3alpha1, kind: Host, metadata: { name: a }, spec: { hostname: a.{{Namespace}}, requestPolicy: { insecure: { action: Route } } } }
            """))).Expect(201);

        var running = await UntilAsync($"{collection}/mappings/a", answer => (string?)answer.Json?["status"]?["state"] == "Running");
        Assert.Null(running.Json!["status"]!["reason"]);
        await UntilAsync($"{collection}/hosts/a", answer => (string?)answer.Json?["status"]?["state"] == "Ready");
    }

    [Fact]
    public async Task Objects_of_Kong()
    {
        await InstallAsync("kong", "configuration.konghq.com", "v1", "KongPlugin", "kongplugins");
        var plugins = $"/apis/configuration.konghq.com/v1/namespaces/{Namespace}/kongplugins";
        (await Api.PostAsync(plugins, Plugin("good", "cors"))).Expect(201);
        (await Api.PostAsync(plugins, Plugin("bad", "no-such-plugin"))).Expect(201);
        (await Api.PatchAsync($"{plugins}/good/status", Contract.ApiClient.MergePatch, Yaml("""
            { status: { conditions: [{ type: Audited, status: "True", reason: Seen, message: "", lastTransitionTime: "2026-01-01T00:00:00Z" }] } }
            """))).Expect(200);

        await using var gateway = await StartAsync("--claim", "kong");

        var good = await UntilAsync($"{plugins}/good", answer => (string?)Condition(answer, "Programmed")?["status"] == "True");
        Assert.Equal("Seen", (string?)Condition(good, "Audited")!["reason"]);
        Assert.Equal(1, (int?)Condition(good, "Programmed")!["observedGeneration"]);
        await UntilAsync($"{plugins}/bad", answer => (string?)Condition(answer, "Programmed")?["status"] == "False");

        static JsonNode? Condition(Answer answer, string type) => answer.Json?["status"]?["conditions"]?.AsArray().SingleOrDefault(item => (string?)item!["type"] == type);
    }

    [Fact]
    public async Task A_GatewayClass_stays_as_long_as_it_has_Gateways()
    {
        await InstallAsync("gateway-api/standard", "gateway.networking.k8s.io", "v1", "GatewayClass", "gatewayclasses", isNamespaced: false);
        await InstallAsync("gateway-api/standard", "gateway.networking.k8s.io", "v1", "Gateway", "gateways");
        const string Classes = "/apis/gateway.networking.k8s.io/v1/gatewayclasses";
        var gateways = $"/apis/gateway.networking.k8s.io/v1/namespaces/{Namespace}/gateways";
        (await Api.PostAsync(Classes, Yaml($$"""
            { apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: {{Namespace}}, finalizers: [example.com/other] },
              spec: { controllerName: gateway.polygate.io/gateway-controller } }
            """))).Expect(201);
        await using var gateway = await StartAsync();
        var before = await UntilAsync($"{Classes}/{Namespace}", answer => answer.Json?["status"]?["conditions"]?.AsArray()
            .Any(item => (string?)item!["type"] == "Accepted" && (string?)item["status"] == "True") == true);
        Assert.Equal(["example.com/other"], Finalizers(before));

        (await Api.PostAsync(gateways, Yaml($$"""
            { apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: { name: a },
              spec: { gatewayClassName: {{Namespace}}, listeners: [{ name: http, port: 80, protocol: HTTP }] } }
            """))).Expect(201);
        await UntilAsync($"{Classes}/{Namespace}", answer => Finalizers(answer).Contains(Finalizer));

        (await Api.PatchAsync($"{Classes}/{Namespace}", Contract.ApiClient.MergePatch, Yaml($$"""{ metadata: { finalizers: [{{Finalizer}}] } }"""))).Expect(200);
        (await Api.DeleteAsync($"{Classes}/{Namespace}")).Expect(200);
        Assert.NotNull((await Api.GetAsync($"{Classes}/{Namespace}")).Expect(200).Metadata["deletionTimestamp"]);

        (await Api.DeleteAsync($"{gateways}/a")).Expect(200);
        await UntilAsync($"{Classes}/{Namespace}", answer => answer.Code == 404);

        static string[] Finalizers(Answer answer) => [.. (answer.Json?["metadata"]?["finalizers"]?.AsArray() ?? []).Select(item => (string)item!)];
    }

    [Fact]
    public async Task What_was_made_for_a_Gateway_goes_when_its_class_went_while_no_replica_ran()
    {
        await InstallAsync("gateway-api/standard", "gateway.networking.k8s.io", "v1", "GatewayClass", "gatewayclasses", isNamespaced: false);
        await InstallAsync("gateway-api/standard", "gateway.networking.k8s.io", "v1", "Gateway", "gateways");
        const string Classes = "/apis/gateway.networking.k8s.io/v1/gatewayclasses";
        string[] options = ["--gateway-services", "--publish-address", "192.0.2.7"];
        await using (var first = await StartAsync(options))
        {
            (await Api.PostAsync(Classes, Yaml($$"""
                { apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: {{Namespace}} }, spec: { controllerName: gateway.polygate.io/gateway-controller } }
                """))).Expect(201);
            (await Api.PostAsync($"/apis/gateway.networking.k8s.io/v1/namespaces/{Namespace}/gateways", Yaml($$"""
                { apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: { name: a },
                  spec: { gatewayClassName: {{Namespace}}, listeners: [{ name: http, port: 80, protocol: HTTP }] } }
                """))).Expect(201);
            await UntilAsync($"{EndpointSlices}/a-{Namespace}-ipv4", answer => answer.Code == 200);
            await UntilAsync($"{Classes}/{Namespace}", answer => answer.Json!["metadata"]!["finalizers"] is not null);
            first.Terminate();
            Assert.Equal(0, await first.ExitCodeAsync());
        }

        (await Api.PatchAsync($"{Classes}/{Namespace}", Contract.ApiClient.MergePatch, Yaml("{ metadata: { finalizers: null } }"))).Expect(200);
        (await Api.DeleteAsync($"{Classes}/{Namespace}")).Expect(200);
        (await Api.GetAsync($"{Services}/a-{Namespace}")).Expect(200);

        await using var second = await StartAsync(options);
        await UntilAsync($"{Services}/a-{Namespace}", answer => answer.Code == 404);
        await UntilAsync($"{EndpointSlices}/a-{Namespace}-ipv4", answer => answer.Code == 404);
    }

    protected abstract JsonObject Definition(string vendor, string group, string version, string kind, string plural, bool isNamespaced, bool hasStatus);

    private static JsonObject Plugin(string name, string plugin) => Yaml($$"""
        { apiVersion: configuration.konghq.com/v1, kind: KongPlugin, metadata: { name: {{name}} }, plugin: {{plugin}} }
        """);

    private async Task InstallAsync(string vendor, string group, string version, string kind, string plural, bool isNamespaced = true, bool hasStatus = true)
    {
        (await Api.PostAsync(AllDefinitions, Definition(vendor, group, version, kind, plural, isNamespaced, hasStatus))).Expect(201);
        installed.Add($"{plural}.{group}");
        await UntilAsync($"/apis/{group}/{version}/{plural}", answer => answer.Code == 200);
    }

    private Task<GatewayProcess> StartAsync(params string[] options) => GatewayProcess.StartOnAsync(
        ["--kubeconfig", kubeconfig, "--watch-namespaces", Namespace], [.. options, "--leader-election-namespace", Namespace]);
}
