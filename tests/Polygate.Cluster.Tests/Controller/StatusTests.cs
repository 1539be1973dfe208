using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>The cluster hears back what became of its objects.</summary>
public sealed class StatusTests : IAsyncLifetime
{
    private const string RouteA = $"apis/{Cluster.GatewayApi}/namespaces/default/httproutes/a";

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
    public async Task Conditions_tell_the_generation_they_are_about_and_when_they_last_turned()
    {
        await using var gateway = await RunningGateway.Start(server, "--publish-address", "192.0.2.7").ReadyAsync();

        var first = await cluster.UntilAsync(RouteA, route => Accepted(route)?["status"]?.GetValue<string>() == "True");
        var turned = Accepted(first)!["lastTransitionTime"]!.GetValue<string>();
        await cluster.UntilAsync(
            $"apis/{Cluster.GatewayApi}/namespaces/default/gateways/gateway", found => (string?)found["status"]?["addresses"]?[0]?["value"] == "192.0.2.7");

        await cluster.ChangeRouteAsync("a", "two.example.org");
        var second = await cluster.UntilAsync(RouteA, route => Accepted(route)?["observedGeneration"]?.GetValue<int>() == 2);
        Assert.Equal(turned, Accepted(second)!["lastTransitionTime"]!.GetValue<string>());
    }

    [Fact]
    public async Task Entries_of_other_controllers_stay_and_ones_own_goes_with_its_parent()
    {
        await cluster.PatchAsync(RouteA + "/status", """
            {status: {parents: [{controllerName: example.com/other, parentRef: {name: theirs}, conditions: []}]}}
            """);
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();
        var both = await cluster.UntilAsync(RouteA, route => Controllers(route).Length == 2);
        Assert.Equal("example.com/other", Controllers(both)[0]);

        await cluster.PatchAsync(RouteA, "{spec: {parentRefs: [{name: theirs}]}}");

        var one = await cluster.UntilAsync(RouteA, route => Controllers(route).Length == 1);
        Assert.Equal(["example.com/other"], Controllers(one));
    }

    [Fact]
    public async Task What_stands_there_already_is_not_written_again()
    {
        await using (await RunningGateway.Start(server).ReadyAsync())
        {
            await cluster.UntilAsync(RouteA, route => Accepted(route) is not null);
        }

        // The Lease was given back, so that the next one leads and looks at everything: nothing differs.
        var before = Patches();
        await using var again = await RunningGateway.Start(server).ReadyAsync();
        await cluster.AddRouteAsync("z", "one.example.org");
        await cluster.UntilAsync($"apis/{Cluster.GatewayApi}/namespaces/default/httproutes/z", route => Accepted(route) is not null);

        Assert.DoesNotContain(server.Calls.Skip(before), call => call.Method == "PATCH" && call.Target.Contains("/httproutes/a/", StringComparison.Ordinal));
        int Patches() => server.Calls.Count;
    }

    [Fact]
    public async Task What_a_user_must_act_on_becomes_an_Event_once()
    {
        await cluster.PatchAsync(RouteA, "{spec: {rules: [{backendRefs: [{name: nowhere, port: 80}]}]}}");
        for (var i = 0; i < 2; i++)
        {
            await using var gateway = await RunningGateway.Start(server).ReadyAsync();
            await cluster.UntilAsync(RouteA, route => Accepted(route) is not null);
            await cluster.UntilAsync("api/v1/namespaces/default/events", list => list["items"]!.AsArray().Count > 0);
        }

        var events = (await cluster.GetAsync("api/v1/namespaces/default/events"))["items"]!.AsArray();
        var told = Assert.Single(events, item => (string?)item!["involvedObject"]!["kind"] == "HTTPRoute")!;
        Assert.Equal(("Warning", "BackendNotFound", "a"), ((string?)told["type"], (string?)told["reason"], (string?)told["involvedObject"]!["name"]));
    }

    [Fact]
    public async Task An_Ingress_tells_the_addresses_of_the_gateways_own_Service_and_no_other_class_is_touched()
    {
        await cluster.CreateAsync("api/v1/namespaces/default/services", "{apiVersion: v1, kind: Service, metadata: {name: edge}, spec: {type: LoadBalancer, ports: [{port: 80}]}}");
        foreach (var (name, controller) in new[] { ("polygate", "gateway.polygate.io/ingress-controller"), ("other", "example.com/other") })
        {
            await cluster.CreateAsync("apis/networking.k8s.io/v1/ingressclasses", $$$$"""
                {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: {{{{name}}}}}, spec: {controller: {{{{controller}}}}}}
                """);
            await cluster.CreateAsync("apis/networking.k8s.io/v1/namespaces/default/ingresses", $$$$"""
                {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: {{{{name}}}}}, spec: {ingressClassName: {{{{name}}}}, defaultBackend: {service: {name: edge, port: {number: 80} } } } }
                """);
        }

        await using var gateway = await RunningGateway.Start(server, "--publish-service", "default/edge").ReadyAsync();
        await cluster.PatchAsync("api/v1/namespaces/default/services/edge/status", "{status: {loadBalancer: {ingress: [{ip: 192.0.2.8}, {hostname: lb.example.com}]}}}");

        var ours = await cluster.UntilAsync("apis/networking.k8s.io/v1/namespaces/default/ingresses/polygate", ingress => Addresses(ingress) is { Count: 2 });
        Assert.Equal("192.0.2.8", (string?)Addresses(ours)![0]!["ip"]);
        Assert.Equal("lb.example.com", (string?)Addresses(ours)![1]!["hostname"]);
        Assert.Null(Addresses(await cluster.GetAsync("apis/networking.k8s.io/v1/namespaces/default/ingresses/other")));

        await cluster.PatchAsync("apis/networking.k8s.io/v1/namespaces/default/ingresses/polygate", "{spec: {ingressClassName: other}}");
        await cluster.UntilAsync("apis/networking.k8s.io/v1/namespaces/default/ingresses/polygate", ingress => Addresses(ingress) is null or { Count: 0 });
    }

    [Fact]
    public async Task One_of_two_replicas_writes_and_the_other_takes_over()
    {
        await cluster.AllowEverythingAsync("first", "second");
        var token = server.IssueToken("first");
        await using var first = await RunningGateway.StartAs(server, token).ReadyAsync();
        await cluster.UntilAsync(RouteA, route => Accepted(route) is not null);
        await using var second = await RunningGateway.StartAs(server, server.IssueToken("second")).ReadyAsync();
        Assert.DoesNotContain(server.Calls, call => call.User == "second" && call.Method == "PATCH");

        // The leader is cut off: it cannot renew, and the other waits for its term to pass.
        server.RevokeToken(token);
        await cluster.AddRouteAsync("b", "two.example.org");
        await cluster.UntilAsync($"apis/{Cluster.GatewayApi}/namespaces/default/httproutes/b", route => Accepted(route) is not null);

        Assert.Contains(server.Calls, call => call.User == "second" && call.Method == "PATCH" && call.Target.Contains("/httproutes/b/", StringComparison.Ordinal));
        await second.UntilRedirectAsync("b.example.com", "two.example.org");
        Assert.Equal("one.example.org", await first.RedirectAsync("a.example.com"));
    }

    private static JsonNode? Accepted(JsonObject route) =>
        route["status"]?["parents"]?.AsArray().SelectMany(parent => parent!["conditions"]!.AsArray()).FirstOrDefault(condition => (string?)condition!["type"] == "Accepted");

    private static string?[] Controllers(JsonObject route) =>
        [.. (route["status"]?["parents"]?.AsArray() ?? []).Select(parent => (string?)parent!["controllerName"])];

    private static JsonArray? Addresses(JsonObject ingress) => ingress["status"]?["loadBalancer"]?["ingress"]?.AsArray();
}
