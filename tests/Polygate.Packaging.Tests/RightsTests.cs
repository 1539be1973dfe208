using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Contract;
using Polygate.EndToEnd.Tests;
using Polygate.Testing.ApiServer;

namespace Polygate.Packaging.Tests;

/// <summary>The program with the token of its service account and no right but those that are generated.</summary>
[Collection(KubernetesCollection.Name)]
public sealed class RightsTests(KubernetesCluster cluster) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("polygate-rights-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_manifests_give_every_right_that_is_needed_and_none_that_is_not()
    {
        foreach (var document in DeployFolder.Manifests("deploy/manifests"))
        {
            AssertApplied(await cluster.ApplyAsync(document));
        }

        foreach (var document in Objects("shop").Where(json => (string)json["kind"]! is "GatewayClass"))
        {
            AssertApplied(await cluster.ApplyAsync(document.ToJsonString()));
        }

        await PublishAsync("polygate-system", "polygate");
        await using (var gateway = await RunAsync(DeployFolder.ArgumentsOf(DeployFolder.Manifests("deploy/manifests")), "polygate", "--claim=kong"))
        {
            await AssertServedAsync(gateway, "polygate", "shop", Objects("shop"));
            var gatewayClass = await cluster.UntilAsync("/apis/gateway.networking.k8s.io/v1/gatewayclasses/polygate", answer => answer.Json!["metadata"]!["finalizers"] is not null, () => gateway.Log);
            Assert.Equal("gateway-exists-finalizer.gateway.networking.k8s.io", (string?)gatewayClass.Json!["metadata"]!["finalizers"]![0]);
            AssertNothingForbidden(gateway, "polygate");
        }

        var rules = (await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles/polygate")).Json!["rules"]!.AsArray()
            .Concat((await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/polygate-system/roles/polygate")).Json!["rules"]!.AsArray());
        var used = cluster.RequestsOf("polygate-system", "polygate").Select(request => $"{request.Verb} {request.Resource}.{request.Group}").ToHashSet();
        Assert.Equal("", string.Join('\n', RightsOf(rules!).Except(used).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Roles_in_some_namespaces_are_enough_without_any_right_in_the_cluster()
    {
        await InstallAsync("roles", "--watch-namespaces", "blog", "--namespaced-only");
        await PublishAsync("polygate-system", "roles");
        await using var gateway = await RunAsync(
            ["run", "--watch-namespaces=blog", "--namespaced-only", "--ingress-class=polygate", "--ingress-class=kong=kong", "--gateway-class=polygate", "--publish-service=polygate-system/roles", "--leader-election-id=roles"],
            "roles", "--claim=kong");

        await AssertServedAsync(gateway, "roles", "blog", Objects("blog").Where(json => (string)json["kind"]! is not ("GatewayClass" or "KongClusterPlugin" or "KongVault")));
        AssertNothingForbidden(gateway, "roles");
        Assert.DoesNotContain(cluster.RequestsOf("polygate-system", "roles"), request => request.Namespace.Length == 0 && request.Resource.Length > 0);
    }

    [Fact]
    public async Task Roles_in_some_namespaces_with_rights_to_what_has_no_namespace_serve_the_classes_of_the_cluster()
    {
        await InstallAsync("mixed", "--watch-namespaces", "blog", "--dialects", "ingress", "--dialects", "gateway-api");
        AssertApplied(await cluster.ApplyAsync("{ apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: mixed }, spec: { controller: gateway.polygate.io/ingress-controller } }"));
        await PublishAsync("polygate-system", "mixed");
        await using var gateway = await RunAsync(
            ["run", "--watch-namespaces=blog", "--dialects=ingress", "--dialects=gateway-api", "--publish-service=polygate-system/mixed", "--leader-election-id=mixed"], "mixed");

        await AssertServedAsync(gateway, "mixed", "blog", Manifests.Parse("""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: mixed, namespace: blog }
            spec: { ingressClassName: mixed, rules: [{ host: mixed.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] } }] }
            """));
        AssertNothingForbidden(gateway, "mixed");
    }

    /// <summary>The rights of <c>polygate rbac</c> for a service account that is made with them.</summary>
    private async Task InstallAsync(string account, params string[] options)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await Commands.CommandTree.InvokeAsync(
            ["rbac", "--name", account, "--service-account", $"polygate-system/{account}", .. options], output, output, TestContext.Current.CancellationToken));
        foreach (var document in Manifests.Parse(output.ToString()).Append(DeployFolder.Json($"{{ apiVersion: v1, kind: ServiceAccount, metadata: {{ name: {account}, namespace: polygate-system }} }}")))
        {
            AssertApplied(await cluster.ApplyAsync(document.ToJsonString()));
        }
    }

    /// <summary>A Service of the gateway with the address of a load balancer.</summary>
    private async Task PublishAsync(string ns, string name)
    {
        var path = $"/api/v1/namespaces/{ns}/services/{name}";
        AssertApplied(await cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Service
            metadata: { name: {{name}}, namespace: {{ns}} }
            spec: { type: LoadBalancer, ports: [{ name: http, port: 80 }] }
            """));
        (await cluster.Api.PatchAsync(path + "/status", ApiClient.MergePatch, DeployFolder.Json("{ status: { loadBalancer: { ingress: [{ ip: 192.0.2.7 }] } } }"))).Expect(200);
    }

    /// <summary>Runs the program as its pod would.</summary>
    private async Task<GatewayProcess> RunAsync(IEnumerable<string> arguments, string account, params string[] more)
    {
        string[] ofPods = ["run", "--probes=:9902", "--snapshot=/var/lib/polygate/snapshot", "--access-log=json", "--log-format=json"];
        return await GatewayProcess.StartOnAsync(
            ["--kubeconfig", await cluster.KubeconfigAsync("polygate-system", account), .. arguments.Except(ofPods)],
            ["--snapshot", Path.Combine(folder, "snapshot"), "--probes", $"{Loopback.NextAddress()}:9902", .. more]);
    }

    /// <summary>Makes objects while the program runs, and waits until each has a status, what is wrong an Event, and the leader has renewed its Lease.</summary>
    private async Task AssertServedAsync(GatewayProcess gateway, string leaseName, string ns, IEnumerable<JsonObject> objects)
    {
        var all = objects.ToList();
        foreach (var json in all)
        {
            AssertApplied(await cluster.ApplyAsync(json.ToJsonString()));
        }

        foreach (var json in all.Where(json => (string?)json["metadata"]!["labels"]?["status"] != "none"))
        {
            await cluster.UntilAsync(await cluster.PathAsync(json), answer => answer.Json?["status"] is JsonObject status && status.ToJsonString() is not ("{}" or """{"loadBalancer":{}}"""), () => gateway.Log);
        }

        var ingress = all.First(json => (string?)json["kind"] == "Ingress");
        Assert.Equal("192.0.2.7", (string?)(await cluster.Api.GetAsync(await cluster.PathAsync(ingress))).Json!["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        await cluster.UntilAsync($"/api/v1/namespaces/{ns}/events", answer => answer.Json!["items"]!.AsArray().Count > 0, () => gateway.Log);
        await cluster.UntilAsync(
            $"/apis/coordination.k8s.io/v1/namespaces/polygate-system/leases/{leaseName}",
            answer => answer.Json!["spec"] is { } lease && (string?)lease["renewTime"] != (string?)lease["acquireTime"],
            () => gateway.Log);
    }

    private void AssertNothingForbidden(GatewayProcess gateway, string account)
    {
        Assert.DoesNotContain("forbidden", gateway.Log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("cannot be read", gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(cluster.RequestsOf("polygate-system", account), request => request.Code is 401 or 403);
    }

    private static void AssertApplied(Answer answer) => Assert.True(answer.Code is 200 or 201, answer.Text);

    private static IEnumerable<string> RightsOf(IEnumerable<JsonNode> rules) =>
        from rule in rules
        from verb in rule["verbs"]!.AsArray()
        from resource in rule["resources"]!.AsArray()
        from grp in rule["apiGroups"]!.AsArray()
        select $"{verb} {resource}.{grp}";

    /// <summary>An object of every kind whose status is written, and what they refer to.</summary>
    private static IReadOnlyList<JsonObject> Objects(string ns) => Manifests.Parse($$"""
        { apiVersion: v1, kind: Service, metadata: { name: cart, namespace: {{ns}}, labels: { status: none } }, spec: { ports: [{ name: http, port: 80 }] } }
        ---
        { apiVersion: v1, kind: ConfigMap, metadata: { name: authority, namespace: {{ns}}, labels: { status: none } }, data: { ca.crt: none } }
        ---
        { apiVersion: v1, kind: Secret, metadata: { name: key, namespace: {{ns}}, labels: { status: none } }, data: { a: Yg== } }
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: shop, namespace: {{ns}} }
        spec:
          ingressClassName: polygate
          tls: [{ hosts: [{{ns}}.example], secretName: key }]
          rules: [{ host: {{ns}}.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] } }]
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: { name: polygate }, spec: { controllerName: gateway.polygate.io/gateway-controller } }
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: web, namespace: {{ns}} }
        spec:
          gatewayClassName: polygate
          allowedListeners: { namespaces: { from: Same } }
          listeners:
          - { name: http, port: 8080, protocol: HTTP }
          - { name: tls, port: 8443, protocol: TLS, tls: { mode: Passthrough } }
          - { name: tcp, port: 5000, protocol: TCP }
          - { name: udp, port: 5000, protocol: UDP }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: { name: more, namespace: {{ns}} }, spec: { parentRef: { name: web }, listeners: [{ name: a, port: 8081, protocol: HTTP }] } }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: { name: a, namespace: {{ns}} }, spec: { parentRefs: [{ name: web }], hostnames: [a.example], rules: [{ backendRefs: [{ name: cart, port: 80 }] }] } }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: { name: b, namespace: {{ns}} }, spec: { parentRefs: [{ name: web }], hostnames: [b.example], rules: [{ backendRefs: [{ name: absent, port: 80 }] }] } }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: { name: c, namespace: {{ns}} }, spec: { parentRefs: [{ name: web }], hostnames: [c.example], rules: [{ backendRefs: [{ name: cart, port: 80 }] }] } }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: TCPRoute, metadata: { name: d, namespace: {{ns}} }, spec: { parentRefs: [{ name: web }], rules: [{ backendRefs: [{ name: cart, port: 80 }] }] } }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: UDPRoute, metadata: { name: e, namespace: {{ns}} }, spec: { parentRefs: [{ name: web }], rules: [{ backendRefs: [{ name: cart, port: 80 }] }] } }
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: { name: f, namespace: {{ns}} }
        spec: { targetRefs: [{ group: "", kind: Service, name: cart }], validation: { hostname: cart.example, caCertificateRefs: [{ group: "", kind: ConfigMap, name: authority }] } }
        ---
        { apiVersion: gateway.networking.x-k8s.io/v1alpha1, kind: XBackend, metadata: { name: g, namespace: {{ns}} }, spec: { type: ExternalHostname, externalHostname: { hostname: cart.invalid }, port: { port: 80 } } }
        ---
        { apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: { name: g, namespace: {{ns}} }, spec: { parentRefs: [{ name: web }], hostnames: [g.example], rules: [{ backendRefs: [{ group: gateway.networking.x-k8s.io, kind: XBackend, name: g }] }] } }
        ---
        { apiVersion: gateway.networking.x-k8s.io/v1alpha1, kind: XBackendTrafficPolicy, metadata: { name: h, namespace: {{ns}} }, spec: { targetRefs: [{ group: "", kind: Service, name: cart }], retryConstraint: { budget: { percent: 20, interval: 10s } } } }
        ---
        { apiVersion: gateway.polygate.io/v1alpha1, kind: RoutePolicy, metadata: { name: i, namespace: {{ns}} }, spec: { targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: a }], addresses: { allow: [10.0.0.0/8] } } }
        ---
        { apiVersion: gateway.polygate.io/v1alpha1, kind: BackendPolicy, metadata: { name: j, namespace: {{ns}} }, spec: { targetRefs: [{ group: "", kind: Service, name: cart }], circuitBreaker: { maxRequests: 1000 } } }
        ---
        { apiVersion: gateway.polygate.io/v1alpha1, kind: ClientPolicy, metadata: { name: k, namespace: {{ns}} }, spec: { targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: web, sectionName: http }], timeouts: { idle: 5m } } }
        ---
        { apiVersion: getambassador.io/v3alpha1, kind: Listener, metadata: { name: http, namespace: {{ns}}, labels: { status: none } }, spec: { port: 8082, protocol: HTTP, securityModel: XFP, hostBinding: { namespace: { from: ALL } } } }
        ---
        { apiVersion: getambassador.io/v3alpha1, kind: Host, metadata: { name: a, namespace: {{ns}} }, spec: { hostname: {{ns}}.ambassador, requestPolicy: { insecure: { action: Route } } } }
        ---
        { apiVersion: getambassador.io/v3alpha1, kind: Mapping, metadata: { name: a, namespace: {{ns}} }, spec: { hostname: {{ns}}.ambassador, prefix: /, service: cart } }
        ---
        { apiVersion: configuration.konghq.com/v1, kind: KongPlugin, metadata: { name: a, namespace: {{ns}} }, plugin: cors }
        ---
        { apiVersion: configuration.konghq.com/v1, kind: KongClusterPlugin, metadata: { name: a, annotations: { kubernetes.io/ingress.class: kong } }, plugin: cors }
        ---
        { apiVersion: configuration.konghq.com/v1, kind: KongConsumer, metadata: { name: a, namespace: {{ns}}, annotations: { kubernetes.io/ingress.class: kong } }, username: a }
        ---
        { apiVersion: configuration.konghq.com/v1beta1, kind: KongConsumerGroup, metadata: { name: a, namespace: {{ns}}, annotations: { kubernetes.io/ingress.class: kong } } }
        ---
        { apiVersion: configuration.konghq.com/v1alpha1, kind: KongVault, metadata: { name: a, annotations: { kubernetes.io/ingress.class: kong } }, spec: { backend: env, prefix: a } }
        ---
        { apiVersion: configuration.konghq.com/v1alpha1, kind: KongCustomEntity, metadata: { name: a, namespace: {{ns}} }, spec: { type: a, controllerName: kong, fields: {} } }
        ---
        { apiVersion: gateway.solo.io/v1, kind: Gateway, metadata: { name: a, namespace: {{ns}} }, spec: { bindPort: 8083, httpGateway: {} } }
        ---
        { apiVersion: gateway.solo.io/v1, kind: MatchableHttpGateway, metadata: { name: a, namespace: {{ns}} }, spec: { httpGateway: {} } }
        ---
        { apiVersion: gateway.solo.io/v1, kind: RouteOption, metadata: { name: a, namespace: {{ns}} }, spec: { options: {} } }
        ---
        { apiVersion: gateway.solo.io/v1, kind: VirtualHostOption, metadata: { name: a, namespace: {{ns}} }, spec: { options: {} } }
        ---
        { apiVersion: gateway.solo.io/v1, kind: RouteTable, metadata: { name: a, namespace: {{ns}} }, spec: { routes: [{ matchers: [{ prefix: / }], directResponseAction: { status: 200 } }] } }
        ---
        { apiVersion: gateway.solo.io/v1, kind: VirtualService, metadata: { name: a, namespace: {{ns}} }, spec: { virtualHost: { domains: [{{ns}}.gloo], routes: [{ matchers: [{ prefix: / }], directResponseAction: { status: 200 } }] } } }
        ---
        { apiVersion: gloo.solo.io/v1, kind: Settings, metadata: { name: default, namespace: {{ns}} }, spec: {} }
        ---
        { apiVersion: gloo.solo.io/v1, kind: Upstream, metadata: { name: a, namespace: {{ns}} }, spec: { static: { hosts: [{ addr: 192.0.2.1, port: 80 }] } } }
        ---
        { apiVersion: gloo.solo.io/v1, kind: UpstreamGroup, metadata: { name: a, namespace: {{ns}} }, spec: { destinations: [{ destination: { upstream: { name: a, namespace: {{ns}} } } }] } }
        """);
}
