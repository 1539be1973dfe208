namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Routes that leave it to the cluster which Gateways serve them.</summary>
public sealed class DefaultGatewayTests
{
    [Fact]
    public void A_route_is_attached_to_every_default_Gateway_and_to_no_other()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("one", "All"), Gateway("two", "All"), Gateway("third", "None"), Route("HTTPRoute", "shop"));

        Assert.Equal(["one", "two"], Parents(objects, "shop"));
        Assert.Equal((1, 1, 0), (Attached(objects, "one"), Attached(objects, "two"), Attached(objects, "third")));
        Assert.Equal(2, objects.Configuration.Routes.Count());
    }

    [Fact]
    public void Default_Gateways_come_and_go()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("one", "All"), Route("HTTPRoute", "shop"));
        objects.Set(Gateway("two", "All"));
        Assert.Equal(["one", "two"], Parents(objects, "shop"));

        objects.Set(Gateway("one", "None"));
        Assert.Equal(["two"], Parents(objects, "shop"));
        Assert.Equal((0, 1), (Attached(objects, "one"), Attached(objects, "two")));
    }

    [Fact]
    public void A_Gateway_that_the_route_names_is_its_parent_once()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("one", "All"), Route("HTTPRoute", "shop", "parentRefs: [{ name: one, sectionName: web }]"));

        Assert.Equal(["one"], Parents(objects, "shop"));
        Assert.Equal(1, Attached(objects, "one"));
    }

    [Fact]
    public void An_older_GRPCRoute_keeps_its_host_name_on_a_default_Gateway()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("one", "All"), Route("GRPCRoute", "calls", created: 2001), Route("HTTPRoute", "shop", created: 2002));

        Assert.Equal("False HostnameConflict", ParentCondition(objects, "HTTPRoute", "shop"));
        Assert.Equal("True Accepted", ParentCondition(objects, "GRPCRoute", "calls"));
        Assert.Equal(1, Attached(objects, "one"));
    }

    [Fact]
    public void A_route_of_another_namespace_is_admitted_by_the_usual_rules()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("one", "All"), Route("HTTPRoute", "shop").Replace("name: shop", "name: shop, namespace: other", StringComparison.Ordinal));

        Assert.Equal("False NotAllowedByListeners", ParentCondition(objects, "HTTPRoute", "other/shop"));
    }

    private static IEnumerable<string> Parents(TranslatedObjects objects, string route) =>
        objects.Status("HTTPRoute", route)["parents"]!.AsArray().Select(parent => (string)parent!["parentRef"]!["name"]!);

    private static int Attached(TranslatedObjects objects, string gateway) => (int)objects.Status("Gateway", gateway)["listeners"]![0]!["attachedRoutes"]!;

    private static string ParentCondition(TranslatedObjects objects, string kind, string route)
    {
        var accepted = objects.Status(kind, route)["parents"]![0]!["conditions"]![0]!;
        return $"{(string)accepted["status"]!} {(string)accepted["reason"]!}";
    }

    private static string Gateway(string name, string scope) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: {{name}} }
        spec:
          gatewayClassName: any
          defaultScope: {{scope}}
          listeners: [{ name: web, port: 80, protocol: HTTP }]
        """;

    private static string Route(string kind, string name, string parents = "parentRefs: []", int created = 2001) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{kind}}
        metadata: { name: {{name}}, creationTimestamp: "{{created}}-01-01T00:00:00Z" }
        spec:
          useDefaultGateways: All
          {{parents}}
          rules: [{}]
        """;
}
