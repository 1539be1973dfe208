using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>What tests do with an API server, in the words of the objects they make.</summary>
internal sealed class Cluster(TestApiServer server) : IDisposable
{
    public const string GatewayApi = "gateway.networking.k8s.io/v1";

    private readonly HttpClient client = server.CreateClient();

    /// <summary>The kinds of the Gateway API that the tests use, without schemas.</summary>
    public async Task InstallGatewayApiAsync()
    {
        await DefineAsync("gateway.networking.k8s.io", "GatewayClass", "gatewayclasses", "Cluster");
        await DefineAsync("gateway.networking.k8s.io", "Gateway", "gateways", "Namespaced");
        await DefineAsync("gateway.networking.k8s.io", "HTTPRoute", "httproutes", "Namespaced");
    }

    /// <summary>A class of this gateway and a Gateway with an HTTP listener for routes of all namespaces.</summary>
    public async Task AddGatewayAsync(string controller = "gateway.polygate.io/gateway-controller")
    {
        await CreateAsync($"apis/{GatewayApi}/gatewayclasses", $$$$"""
            {apiVersion: {{{{GatewayApi}}}}, kind: GatewayClass, metadata: {name: polygate}, spec: {controllerName: {{{{controller}}}}}}
            """);
        await CreateAsync($"apis/{GatewayApi}/namespaces/default/gateways", $$$$"""
            {apiVersion: {{{{GatewayApi}}}}, kind: Gateway, metadata: {name: gateway},
             spec: {gatewayClassName: polygate, listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]}}
            """);
    }

    /// <summary>A route that redirects <c>NAME.example.com</c> to another host.</summary>
    public Task<JsonObject> AddRouteAsync(string name, string target, string ns = "default", string parent = "gateway") =>
        CreateAsync($"apis/{GatewayApi}/namespaces/{ns}/httproutes", Route(name, target, ns, parent));

    /// <summary>Has the route redirect to another host.</summary>
    public Task<JsonObject> ChangeRouteAsync(string name, string target) =>
        PatchAsync($"apis/{GatewayApi}/namespaces/default/httproutes/{name}", $$$$"""{spec: {rules: {{{{Rules(target)}}}} }}""");

    /// <summary>Lets users do everything, each under a name of its own.</summary>
    public async Task AllowEverythingAsync(params string[] users)
    {
        foreach (var name in users)
        {
            await CreateAsync("apis/rbac.authorization.k8s.io/v1/clusterrolebindings", $$$$"""
                {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: {{{{name}}}}},
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all}, subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: {{{{name}}}}}]}
                """);
        }

        await CreateAsync("apis/rbac.authorization.k8s.io/v1/clusterroles", """
            {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: all}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}, {nonResourceURLs: ['*'], verbs: ['*']}]}
            """);
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        using var answer = await client.GetAsync(path, Token);
        return await ReadAsync(answer);
    }

    public Task<JsonObject> CreateAsync(string path, string yaml) => SendAsync(HttpMethod.Post, path, yaml, "application/json");

    public Task<JsonObject> PatchAsync(string path, string yaml) => SendAsync(HttpMethod.Patch, path, yaml, "application/merge-patch+json");

    public async Task DeleteAsync(string path)
    {
        using var answer = await client.DeleteAsync(path, Token);
        await ReadAsync(answer);
    }

    /// <summary>Asks until the object is as it should be.</summary>
    public async Task<JsonObject> UntilAsync(string path, Func<JsonObject, bool> holds)
    {
        JsonObject? last = null;
        for (var i = 0; i < 600; i++)
        {
            last = await GetAsync(path);
            if (holds(last))
            {
                return last;
            }

            await Task.Delay(50, Token);
        }

        throw new InvalidOperationException($"It did not come true within 30 s: {last}");
    }

    public void Dispose() => client.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Route(string name, string target, string ns, string parent) => $$$$"""
        {apiVersion: {{{{GatewayApi}}}}, kind: HTTPRoute, metadata: {name: {{{{name}}}}},
         spec: {parentRefs: [{name: {{{{parent}}}}, namespace: default}], hostnames: [{{{{name}}}}.example.com], rules: {{{{Rules(target)}}}} }}
        """;

    private static string Rules(string target) =>
        $$$$"""[{filters: [{type: RequestRedirect, requestRedirect: {hostname: {{{{target}}}}, statusCode: 302}}]}]""";

    public Task<JsonObject> DefineAsync(string group, string kind, string plural, string scope) =>
        CreateAsync("apis/apiextensions.k8s.io/v1/customresourcedefinitions", $$$$"""
            {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: {{{{plural}}}}.{{{{group}}}}},
             spec: {group: {{{{group}}}}, scope: {{{{scope}}}}, names: {kind: {{{{kind}}}}, plural: {{{{plural}}}}, singular: {{{{kind.ToLowerInvariant()}}}}, listKind: {{{{kind}}}}List},
              versions: [{name: v1, served: true, storage: true, subresources: {status: {} },
               schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}
            """);

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, string yaml, string mediaType)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = new StringContent(Manifests.Parse(yaml)[0].ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(mediaType)),
        };
        using var answer = await client.SendAsync(request, Token);
        return await ReadAsync(answer);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Token);
        return answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotFound
            ? (JsonObject)JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
    }
}
