namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Gateways that share an address and disagree about what is spoken on a port.</summary>
public sealed class PortConflictTests
{
    [Fact]
    public void A_route_is_served_where_its_listener_lost_the_port_once_the_winner_is_gone()
    {
        var objects = new TranslatedObjects();
        var winner = Gateway("winner", 2001, "HTTPS, tls: { certificateRefs: [{ name: none }] }");
        objects.Set(winner, Gateway("loser", 2002, "HTTP"), Route("loser"));

        Assert.Equal("False PortUnavailable", objects.Condition("Gateway", "loser", "it", "Accepted"));
        Assert.DoesNotContain(objects.Configuration.Routes, route => route.Origin.Name == "loser");

        objects.Remove(winner);
        Assert.Equal("True Accepted", objects.Condition("Gateway", "loser", "it", "Accepted"));
        Assert.Contains(objects.Configuration.Routes, route => route.Origin.Name == "loser");
    }

    [Fact]
    public void A_Gateway_that_lost_the_port_itself_takes_it_from_nobody()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("first", 2001, "HTTP"), Gateway("second", 2002, "TCP"), Gateway("third", 2003, "HTTP"));

        Assert.Equal("False PortUnavailable", objects.Condition("Gateway", "second", "it", "Accepted"));
        Assert.Equal("True Accepted", objects.Condition("Gateway", "third", "it", "Accepted"));
    }

    [Fact]
    public void A_ListenerSet_loses_a_port_that_an_older_Gateway_has()
    {
        var objects = new TranslatedObjects();
        objects.Set(Gateway("winner", 2001, "TCP"), Gateway("loser", 2002, "UDP"), """
            apiVersion: gateway.networking.k8s.io/v1
            kind: ListenerSet
            metadata: { name: set }
            spec:
              parentRef: { name: loser }
              listeners: [{ name: it, port: 700, protocol: HTTP }]
            """);

        Assert.Equal("False PortUnavailable", objects.Condition("ListenerSet", "set", "it", "Accepted"));
        Assert.Equal("False ListenersNotValid", objects.Condition("ListenerSet", "set", "Accepted"));
        Assert.Equal("0", objects.Status("Gateway", "loser")["attachedListenerSets"]!.ToString());

        // UDP ports are numbered apart.
        Assert.Equal("True Accepted", objects.Condition("Gateway", "loser", "it", "Accepted"));
    }

    private static string Gateway(string name, int year, string protocol) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: {{name}}, creationTimestamp: "{{year}}-01-01T00:00:00Z" }
        spec:
          gatewayClassName: any
          allowedListeners: { namespaces: { from: Same } }
          listeners: [{ name: it, port: 700, protocol: {{protocol}} }]
        """;

    private static string Route(string gateway) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{gateway}} }
        spec:
          parentRefs: [{ name: {{gateway}} }]
        """;
}
