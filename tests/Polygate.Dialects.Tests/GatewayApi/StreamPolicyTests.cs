using Polygate.Model;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>RoutePolicies for routes that have no requests.</summary>
public sealed class StreamPolicyTests
{
    private readonly TranslatedObjects objects = new();

    public StreamPolicyTests() => objects.Set(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          listeners:
            - { name: one, port: 701, protocol: TCP }
            - { name: two, port: 702, protocol: TCP }
            - { name: names, port: 703, protocol: UDP }
        """,
        """
        apiVersion: v1
        kind: Service
        metadata: { name: app }
        spec: { ports: [{ port: 80 }] }
        """,
        Route("TCPRoute"), Route("UDPRoute"));

    [Fact]
    public void Networks_become_those_of_the_route()
    {
        objects.Set(Policy("TCPRoute", "it", "addresses: { allow: [10.0.0.0/8], deny: [10.9.0.0/16] }"));

        Assert.Equal("True Accepted", Accepted());
        var route = Assert.Single(Streams("TCPRoute"));
        Assert.Equal(["10.0.0.0/8"], route.AllowClients);
        Assert.Equal(["10.9.0.0/16"], route.DenyClients);
        Assert.Empty(Assert.Single(Streams("UDPRoute")).AllowClients);
    }

    [Fact]
    public void Listeners_with_different_policies_are_different_routes()
    {
        objects.Set(Policy("Gateway", "gw", "addresses: { deny: [10.0.0.0/8] }", "two"));

        var routes = Streams("TCPRoute").OrderBy(route => route.Bindings[0].Listener.Port).ToList();
        Assert.Equal([0, 1], routes.Select(route => route.DenyClients.Count));
        Assert.Equal(2, routes.Select(route => route.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("authentication: { basic: { secretRef: { name: passwords } } }")]
    [InlineData("rateLimit: { requests: 1, interval: 1s }")]
    [InlineData("adresses: { deny: [10.0.0.0/8] }")]
    [InlineData("addresses: { deny: [everyone] }")]
    public void What_cannot_be_checked_lets_nobody_in(string group)
    {
        objects.Set(Policy("UDPRoute", "it", group));

        Assert.Equal("False Invalid", Accepted());
        Assert.Empty(Assert.Single(Streams("UDPRoute")).Backends);
        Assert.NotEmpty(Assert.Single(Streams("TCPRoute")).Backends);
    }

    [Theory]
    [InlineData("limits: { bodyBytes: 1 }")]
    [InlineData("compression: { codings: [gzip] }")]
    public void What_is_about_the_form_of_requests_has_no_effect(string group)
    {
        objects.Set(Policy("TCPRoute", "it", group));

        Assert.Equal("True Accepted", Accepted());
        Assert.NotEmpty(Assert.Single(Streams("TCPRoute")).Backends);
    }

    private IEnumerable<StreamRoute> Streams(string kind) =>
        objects.Configuration.Pieces.Values.SelectMany(piece => piece.StreamRoutes).Where(route => route.Origin.Kind == kind);

    private string? Accepted() => TranslatedObjects.Condition(objects.Status("RoutePolicy", "policy")["ancestors"]![0]!.AsObject(), "Accepted");

    private static string Route(string kind) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{kind}}
        metadata: { name: it }
        spec: { parentRefs: [{ name: gw }], rules: [{ backendRefs: [{ name: app, port: 80 }] }] }
        """;

    private static string Policy(string kind, string target, string group, string? section = null) => $$"""
        apiVersion: gateway.polygate.io/v1alpha1
        kind: RoutePolicy
        metadata: { name: policy }
        spec:
          targetRefs: [{ group: gateway.networking.k8s.io, kind: {{kind}}, name: {{target}}{{(section is null ? "" : $", sectionName: {section}")}} }]
          {{group}}
        """;
}
