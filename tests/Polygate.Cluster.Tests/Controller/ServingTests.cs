using System.Net;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>What a cluster says becomes traffic.</summary>
public sealed class ServingTests : IAsyncLifetime
{
    private TestApiServer server = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        server = await TestApiServer.StartAsync();
        cluster = new Cluster(server);
    }

    public async ValueTask DisposeAsync()
    {
        cluster.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_serves_what_is_there_and_follows_every_change(bool streamsLists)
    {
        server.Faults.NoStreamingLists = !streamsLists;
        await cluster.InstallGatewayApiAsync();
        await cluster.AddGatewayAsync();
        await cluster.AddRouteAsync("a", "one.example.org");
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();

        Assert.Equal("one.example.org", await gateway.RedirectAsync("a.example.com"));

        await cluster.ChangeRouteAsync("a", "two.example.org");
        await gateway.UntilRedirectAsync("a.example.com", "two.example.org");
        await cluster.AddRouteAsync("b", "three.example.org");
        await gateway.UntilRedirectAsync("b.example.com", "three.example.org");
        await cluster.DeleteAsync($"apis/{Cluster.GatewayApi}/namespaces/default/httproutes/a");
        await gateway.UntilRedirectAsync("a.example.com", null);
        Assert.Equal("three.example.org", await gateway.RedirectAsync("b.example.com"));
    }

    [Theory]
    [InlineData("allow", HttpStatusCode.OK)]
    [InlineData("auto", HttpStatusCode.ServiceUnavailable)]
    public async Task Nobody_who_may_write_a_route_reaches_the_admin_port_with_it(string localBackends, HttpStatusCode expected)
    {
        await cluster.InstallGatewayApiAsync();
        await cluster.AddGatewayAsync();
        await using var gateway = await RunningGateway.Start(server, "--local-backends", localBackends).ReadyAsync();
        await cluster.CreateAsync("api/v1/namespaces/default/services", $$$"""
            {apiVersion: v1, kind: Service, metadata: {name: admin}, spec: {type: ExternalName, externalName: {{{gateway.Address}}}, ports: [{port: 9901}]}}
            """);
        await cluster.CreateAsync($"apis/{Cluster.GatewayApi}/namespaces/default/httproutes", """
            {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: attack},
             spec: {parentRefs: [{name: gateway}], hostnames: [attack.example.com], rules: [{backendRefs: [{name: admin, port: 9901}]}]}}
            """);

        HttpResponseMessage? answer = null;
        await gateway.UntilAsync(async () =>
        {
            answer?.Dispose();
            answer = await gateway.Client.GetAsync("http://attack.example.com:8080/metrics", TestContext.Current.CancellationToken);
            return answer.StatusCode != HttpStatusCode.NotFound;
        });
        Assert.Equal(expected, answer!.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("polygate_", StringComparison.Ordinal));
        answer.Dispose();
    }

    [Fact]
    public async Task A_kind_is_served_soon_after_its_definition_is_installed_and_no_longer_after_that_is_gone()
    {
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();

        await cluster.InstallGatewayApiAsync();
        await cluster.AddGatewayAsync();
        await cluster.AddRouteAsync("a", "one.example.org");
        await gateway.UntilRedirectAsync("a.example.com", "one.example.org");

        await cluster.DeleteAsync("apis/apiextensions.k8s.io/v1/customresourcedefinitions/httproutes.gateway.networking.k8s.io");
        await gateway.UntilRedirectAsync("a.example.com", null);
    }

    [Fact]
    public async Task Objects_of_other_namespaces_are_not_read_where_some_are_named()
    {
        await cluster.InstallGatewayApiAsync();
        await cluster.CreateAsync("api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: other}}");
        await cluster.AddGatewayAsync();
        await cluster.AddRouteAsync("a", "one.example.org");
        await cluster.AddRouteAsync("b", "two.example.org", "other");
        await using var gateway = await RunningGateway.Start(server, "--watch-namespaces", "default").ReadyAsync();

        Assert.Equal("one.example.org", await gateway.RedirectAsync("a.example.com"));
        Assert.Null(await gateway.RedirectAsync("b.example.com"));
    }

    [Fact]
    public async Task Namespaces_join_and_leave_by_their_labels()
    {
        await cluster.InstallGatewayApiAsync();
        await cluster.PatchAsync("api/v1/namespaces/default", "{metadata: {labels: {team: shop}}}");
        await cluster.CreateAsync("api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: other}}");
        await cluster.AddGatewayAsync();
        await cluster.AddRouteAsync("a", "one.example.org");
        await cluster.AddRouteAsync("b", "two.example.org", "other");
        await using var gateway = await RunningGateway.Start(server, "--watch-namespace-selector", "team=shop").ReadyAsync();
        Assert.Equal("one.example.org", await gateway.RedirectAsync("a.example.com"));
        Assert.Null(await gateway.RedirectAsync("b.example.com"));

        await cluster.PatchAsync("api/v1/namespaces/other", "{metadata: {labels: {team: shop}}}");
        await gateway.UntilRedirectAsync("b.example.com", "two.example.org");
        await cluster.PatchAsync("api/v1/namespaces/other", "{metadata: {labels: {team: null}}}");
        await gateway.UntilRedirectAsync("b.example.com", null);
    }

    [Fact]
    public async Task Gateways_and_Ingresses_of_other_controllers_are_left_to_them()
    {
        await cluster.InstallGatewayApiAsync();
        await cluster.AddGatewayAsync("example.com/another");
        await cluster.AddRouteAsync("a", "one.example.org");
        await AddIngressAsync("nginx", "k8s.io/ingress-nginx");
        await using (var gateway = await RunningGateway.Start(server).ReadyAsync())
        {
            Assert.DoesNotContain("Listening on http://127", gateway.Log.Replace("Admin port", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        await using var claiming = await RunningGateway.Start(server, "--claim", "ingress-nginx").ReadyAsync();
        using var answer = await claiming.Client.GetAsync("http://shop.example.com:8080/", TestContext.Current.CancellationToken);
        // As ingress-nginx has it: the host has TLS.
        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
    }

    [Fact]
    public async Task Only_Secrets_that_something_refers_to_are_asked_for()
    {
        await cluster.CreateAsync("apis/networking.k8s.io/v1/ingressclasses", """
            {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: polygate}, spec: {controller: gateway.polygate.io/ingress-controller}}
            """);
        await using var gateway = await RunningGateway.Start(server).ReadyAsync();
        await cluster.CreateAsync("api/v1/namespaces/default/secrets", "{apiVersion: v1, kind: Secret, metadata: {name: unused}, data: {a: YQ==}}");
        await AddIngressAsync("polygate", null);

        await gateway.UntilAsync(() => Task.FromResult(server.Calls.Any(call => call.Target.EndsWith("/secrets/used", StringComparison.Ordinal))));
        Assert.DoesNotContain(server.Calls, call => call.Target.EndsWith("/secrets/unused", StringComparison.Ordinal));
    }

    private async Task AddIngressAsync(string ingressClass, string? controller)
    {
        if (controller is not null)
        {
            await cluster.CreateAsync("apis/networking.k8s.io/v1/ingressclasses", $$$$"""
                {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: {{{{ingressClass}}}}}, spec: {controller: {{{{controller}}}}}}
                """);
        }

        await cluster.CreateAsync("apis/networking.k8s.io/v1/namespaces/default/ingresses", $$$$"""
            {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: shop}, spec: {ingressClassName: {{{{ingressClass}}}}, tls: [{hosts: [shop.example.com], secretName: used}],
             rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80} } } }]} }]} }
            """);
    }
}
