using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Sources;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>With thousands of ListenerSets on one Gateway, a change is the work of what it concerns, not of all of them.</summary>
public sealed class ListenerSetChangeTests
{
    private const int Sets = 30;
    private const int RoutesOfASet = 4;

    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners: [{ name: http, port: 80, protocol: HTTP, hostname: gateway.example }]
          allowedListeners: { namespaces: { from: All } }
        """;

    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { ports: [{ port: 80 }] }
        """;

    private readonly GatewayApiDialect dialect = new();
    private readonly Translator translator;

    public ListenerSetChangeTests()
    {
        translator = new Translator([dialect]);
        Set([Gateway, Service, .. Enumerable.Range(0, Sets).Select(number => ListenerSet(number)), .. Enumerable.Range(0, Sets * RoutesOfASet).Select(number => Route(number))]);
        Assert.Equal(1 + Sets + (Sets * RoutesOfASet), translator.Configuration.Pieces.Count);
    }

    [Fact]
    public void An_edited_route_is_translated_again_alone()
    {
        Set([Route(6, "/new")]);

        Assert.Equal(["HTTPRoute default/r6"], Translated());
    }

    [Fact]
    public void A_route_that_comes_or_goes_concerns_its_own_ListenerSet()
    {
        Set([Route(Sets * RoutesOfASet, set: 3)]);
        Assert.Equal([$"HTTPRoute default/r{Sets * RoutesOfASet}", "ListenerSet default/t3"], Translated());

        Remove(Route(6));
        Assert.Equal(["HTTPRoute default/r6", "ListenerSet default/t1"], Translated());
    }

    [Fact]
    public void A_ListenerSet_that_comes_concerns_the_Gateway_that_counts_it()
    {
        Set([ListenerSet(Sets)]);

        Assert.Equal(["Gateway default/gw", $"ListenerSet default/t{Sets}"], Translated());
    }

    [Fact]
    public void A_ListenerSet_whose_listener_changes_concerns_its_own_routes()
    {
        Set([ListenerSet(2, "other")]);

        Assert.Equal(["Gateway default/gw", .. Enumerable.Range(2 * RoutesOfASet, RoutesOfASet).Select(number => $"HTTPRoute default/r{number}").Order(StringComparer.Ordinal), "ListenerSet default/t2"], Translated());
    }

    private List<string> Translated() => [.. translator.Changes.Select(change => $"{change.Root.Kind} {change.Root.Namespace}/{change.Root.Name}").Order(StringComparer.Ordinal)];

    private void Set(IEnumerable<string> documents) => translator.Apply(new ManifestReader(dialect.ResourceTypes).Read("in.yaml", string.Join("\n---\n", documents)).Resources, []);

    private void Remove(string document) => translator.Apply([], new ManifestReader(dialect.ResourceTypes).Read("in.yaml", document).Resources);

    private static string ListenerSet(int number, string name = "team") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: { name: t{{number}} }
        spec:
          parentRef: { name: gw }
          listeners: [{ name: http, port: 80, protocol: HTTP, hostname: "*.{{name}}-{{number}}.example" }]
        """;

    private static string Route(int number, string path = "/", int? set = null) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: r{{number}} }
        spec:
          parentRefs: [{ kind: ListenerSet, name: t{{set ?? (number / RoutesOfASet)}} }]
          rules: [{ matches: [{ path: { value: {{path}} } }], backendRefs: [{ name: web, port: 80 }] }]
        """;
}
