using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Tests.Golden;
using Polygate.Model;
using Polygate.Testing;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>The examples of <c>docs/policies.md</c> do what they say.</summary>
public sealed class PolicyDocumentationTests
{
    public static TheoryData<string> Examples =>
        [.. File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "policies.md")).ReplaceLineEndings("\n").Split("```yaml\n").Skip(1).Select(part => part.Split("```")[0])];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_accepted_and_changes_what_is_served(string policy)
    {
        var (plain, _) = GoldenFile.Translate(Surroundings, new GatewayApiDialect());
        var (translator, problems) = GoldenFile.Translate(Surroundings + "---\n" + policy, new GatewayApiDialect());

        Assert.Empty(problems);
        Assert.Empty(translator.Diagnostics);
        var status = translator.Statuses.Single(status => status.Resource.Kind is "RoutePolicy" or "BackendPolicy" or "ClientPolicy").Status;
        Assert.Equal("True", (string)status["ancestors"]![0]!["conditions"]![0]!["status"]!);
        Assert.DoesNotContain(translator.Configuration.Routes, route => route.Filters.Any(filter => filter is RefuseFilter));
        Assert.NotEqual(
            Served(plain.Configuration).ToHashSet(),
            [.. Served(translator.Configuration)]);

        static IEnumerable<object> Served(GatewayConfiguration configuration) => configuration.Pieces.Values.SelectMany(piece =>
            piece.Routes.Cast<object>().Concat(piece.StreamRoutes).Concat(piece.Backends).Concat(piece.Listeners.Select(listener => (object)listener)));
    }

    private const string Surroundings = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners: [{ name: http, port: 80, protocol: HTTP }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: shop }
        spec:
          parentRefs: [{ name: gw }]
          hostnames: [shop.example]
          rules: [{ name: admin, backendRefs: [{ name: app, port: 80 }] }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: { name: calls }
        spec:
          parentRefs: [{ name: gw }]
          hostnames: [calls.example]
          rules: [{ backendRefs: [{ name: app, port: 80 }] }]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: app }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: login }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: passwords }
        stringData: { auth: "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }
        ---
        apiVersion: v1
        kind: Secret
        metadata: { name: partner-keys }
        stringData: { acme: s3cret }

        """;
}
