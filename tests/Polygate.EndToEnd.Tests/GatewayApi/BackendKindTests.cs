using System.Net;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>Backends that are no Services, and what policies say of backends.</summary>
public sealed class BackendKindTests
{
    [Fact]
    public async Task A_host_outside_of_the_cluster_answers()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.Body.WriteAsync("outside"u8.ToArray()).AsTask(), listenOn: "127.0.0.1");
        using var folder = new ConfigurationFolder();
        folder.Write("route.yaml", Gateway + $$"""
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: out }
            spec:
              parentRefs: [{ name: gw }]
              rules: [{ backendRefs: [{ group: gateway.networking.x-k8s.io, kind: XBackend, name: outside }] }]
            ---
            apiVersion: gateway.networking.x-k8s.io/v1alpha1
            kind: XBackend
            metadata: { name: outside }
            spec:
              type: ExternalHostname
              externalHostname: { hostname: localhost }
              port: { port: {{backend.Port}} }
            """);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        Assert.Equal("outside", await gateway.Client.GetStringAsync("http://any.localhost:9080/"));
    }

    [Fact]
    public async Task One_of_several_backends_redirects_its_share()
    {
        await using var services = await EchoServices.StartAsync("stays", "moved");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("route.yaml", Gateway + """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: shop }
            spec:
              parentRefs: [{ name: gw }]
              rules:
                - matches: [{ path: { value: /old } }]
                  backendRefs:
                    - { name: stays, port: 80 }
                    - name: moved
                      port: 80
                      filters: [{ type: RequestRedirect, requestRedirect: { hostname: new.example, statusCode: 301, path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } } }]
            """);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var seen = new HashSet<string>();
        for (var i = 0; i < 60; i++)
        {
            using var answer = await gateway.GetAsync("http://any.localhost:9080/old/page");
            seen.Add(answer.StatusCode == HttpStatusCode.OK ? (await answer.Content.ReadAsStringAsync()).Split('\n')[0] : $"{(int)answer.StatusCode} {answer.Headers.Location}");
        }

        Assert.Equal(["301 http://new.example:9080/new/page", "stays /old/page"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Retries_beyond_a_policys_budget_are_answered_503()
    {
        var asked = 0;
        await using var services = await EchoServices.StartAsync(
            (_, context) =>
            {
                Interlocked.Increment(ref asked);
                context.Response.StatusCode = 500;
                return Task.FromResult(true);
            },
            "shop");
        using var folder = new ConfigurationFolder();
        folder.Write("services.yaml", services.Manifests);
        folder.Write("route.yaml", Gateway + """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: shop }
            spec:
              parentRefs: [{ name: gw }]
              rules:
                - retry: { codes: [500], attempts: 1 }
                  backendRefs: [{ name: shop, port: 80 }]
            ---
            apiVersion: gateway.networking.x-k8s.io/v1alpha1
            kind: XBackendTrafficPolicy
            metadata: { name: careful }
            spec:
              targetRefs: [{ group: "", kind: Service, name: shop }]
              retryConstraint:
                budget: { percent: 0, interval: 1h }
                minRetryRate: { count: 3, interval: 1h }
            """);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
        {
            using var answer = await gateway.GetAsync("http://any.localhost:9080/");
            statuses.Add(answer.StatusCode);
        }

        // Three retries within the hour: their requests get the backend's second answer.
        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.InternalServerError, 3), .. Enumerable.Repeat(HttpStatusCode.ServiceUnavailable, 7)], statuses);
        Assert.Equal(13, asked);
    }

    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners: [{ name: http, port: 9080, protocol: HTTP }]

        """;
}
