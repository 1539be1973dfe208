using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Servers;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Contract;

/// <summary>
/// What holds for the in-process server and for a real kube-apiserver alike. A test has a namespace of its own; each class of
/// tests has a subclass for either server.
/// </summary>
public abstract class ContractTests : IAsyncLifetime
{
    private ApiClient? client;

    protected ContractTests(IServerUnderTest server)
    {
        Server = server;
    }

    protected IServerUnderTest Server { get; }

    internal ApiClient Api => client!;

    protected string Namespace { get; } = $"test-{Guid.NewGuid():N}"[..20];

    protected string Services => $"/api/v1/namespaces/{Namespace}/services";

    protected string Secrets => $"/api/v1/namespaces/{Namespace}/secrets";

    protected string ConfigMaps => $"/api/v1/namespaces/{Namespace}/configmaps";

    protected string Ingresses => $"/apis/networking.k8s.io/v1/namespaces/{Namespace}/ingresses";

    protected string Leases => $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases";

    protected string EndpointSlices => $"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices";

    public virtual async ValueTask InitializeAsync()
    {
        client = ClientFor(Server.AdminToken);
        RunReport.Count(Server.Description);
        (await Api.PostAsync("/api/v1/namespaces", Yaml($"{{ apiVersion: v1, kind: Namespace, metadata: {{ name: {Namespace} }} }}"))).Expect(201);
    }

    public virtual ValueTask DisposeAsync()
    {
        client?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal ApiClient ClientFor(string token) => new(Server.CreateClient(token));

    internal static JsonObject Yaml(string yaml) => Manifests.Parse(yaml).Single();

    internal static JsonObject ConfigMap(string name, string labels = "{}", string value = "1") =>
        Yaml($$"""{ apiVersion: v1, kind: ConfigMap, metadata: { name: {{name}}, labels: {{labels}} }, data: { value: "{{value}}" } }""");

    internal static JsonObject Ingress(string name, string path = "/") => Yaml($$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: {{name}} }
        spec: { rules: [{ host: a.example, http: { paths: [{ path: {{path}}, pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }
        """);

    internal static JsonObject Lease(string name, string holder = "a") => Yaml($$"""
        { apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: { name: {{name}} }, spec: { holderIdentity: {{holder}}, leaseDurationSeconds: 15 } }
        """);

    /// <summary>Asks again until the answer is as wanted; the real server does some things a moment later. Fails after half a minute.</summary>
    internal async Task<Answer> UntilAsync(string path, Func<Answer, bool> wanted)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var answer = await Api.GetAsync(path);
            if (wanted(answer))
            {
                return answer;
            }

            Assert.True(DateTime.UtcNow < deadline, $"{path} was never answered as wanted: {answer.Code} {answer.Text}");
            await Task.Delay(50);
        }
    }
}
