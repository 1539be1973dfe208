using System.Net;
using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>Where ingress-nginx silently takes a default, the default holds and the Ingress has an Event that says so.</summary>
public sealed class IngressNginxEventTests : IAsyncLifetime
{
    private const string Ingresses = "apis/networking.k8s.io/v1/namespaces/default/ingresses";
    private const string Events = "api/v1/namespaces/default/events";
    private const string Annotation = "nginx.ingress.kubernetes.io/permanent-redirect-code";

    private TestApiServer server = null!;
    private Cluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        server = await TestApiServer.StartAsync();
        cluster = new Cluster(server);
        await cluster.AllowEverythingAsync("first", "second");
        await cluster.CreateAsync("apis/networking.k8s.io/v1/ingressclasses", "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}");
        await cluster.CreateAsync("api/v1/namespaces/default/services", "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}");
        await cluster.CreateAsync(Ingresses, Moved("moved", "'808'"));
    }

    public async ValueTask DisposeAsync()
    {
        cluster.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task The_default_holds_and_the_leader_tells_of_it_once()
    {
        await using var first = await StartAsync("first");
        var told = await ToldAsync();
        await using var second = await StartAsync("second");

        foreach (var gateway in new[] { first, second })
        {
            using var answer = await gateway.Client.GetAsync("http://moved.test:8080/", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MovedPermanently, answer.StatusCode);
        }

        Assert.Equal(
            ("Warning", "InvalidAnnotation", "Ingress", "moved", $"metadata.annotations[{Annotation}]", "808 is not between 300 and 308. It is ignored."),
            ((string?)told["type"], (string?)told["reason"], (string?)told["involvedObject"]!["kind"], (string?)told["involvedObject"]!["name"], (string?)told["involvedObject"]!["fieldPath"], (string?)told["message"]));
        Assert.NotNull(told["involvedObject"]!["uid"]);

        // Another object's Event shows that those of this one have been told.
        await cluster.PatchAsync($"{Ingresses}/moved", "{metadata: {labels: {touched: again}}}");
        await cluster.CreateAsync(Ingresses, Moved("other", "'809'"));
        await cluster.UntilAsync(Events, list => About(list, "other").Count == 1);
        Assert.Single(About(await cluster.GetAsync(Events), "moved"));
        Assert.All(server.Calls.Where(call => call.Method == "POST" && call.Target.Contains("/events", StringComparison.Ordinal)), call => Assert.Equal("first", call.User));
    }

    [Fact]
    public async Task A_new_leader_says_nothing_twice_and_what_is_mended_is_told_no_more()
    {
        await using (await StartAsync("first"))
        {
            await ToldAsync();
        }

        await using var second = await StartAsync("second");
        await cluster.CreateAsync(Ingresses, Moved("other", "'809'"));
        await cluster.UntilAsync(Events, list => About(list, "other").Count == 1);
        Assert.Single(About(await cluster.GetAsync(Events), "moved"));

        await cluster.PatchAsync($"{Ingresses}/moved", $"{{metadata: {{annotations: {{{Annotation}: '308'}}}}}}");
        await second.UntilAsync(async () =>
        {
            using var answer = await second.Client.GetAsync("http://moved.test:8080/", TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.PermanentRedirect;
        });
        Assert.Single(About(await cluster.GetAsync(Events), "moved"));
    }

    private static string Moved(string name, string code) => $$$$"""
        {apiVersion: networking.k8s.io/v1, kind: Ingress,
         metadata: {name: {{{{name}}}}, annotations: {nginx.ingress.kubernetes.io/permanent-redirect: 'https://new.test/', {{{{Annotation}}}}: {{{{code}}}}}},
         spec: {ingressClassName: nginx, rules: [{host: {{{{name}}}}.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80} } } }] } }] } }
        """;

    /// <summary>What is told of an object's value; that the default holds by a quirk is told as well, in an Event of its own.</summary>
    private static List<JsonNode> About(JsonObject list, string name) =>
        [.. list["items"]!.AsArray().OfType<JsonNode>().Where(item => (string?)item["involvedObject"]!["name"] == name && (string?)item["reason"] == "InvalidAnnotation")];

    private Task<RunningGateway> StartAsync(string user) => RunningGateway.StartAs(server, server.IssueToken(user), "--claim", "ingress-nginx").ReadyAsync();

    private async Task<JsonNode> ToldAsync() => About(await cluster.UntilAsync(Events, list => About(list, "moved").Count > 0), "moved")[0];
}
