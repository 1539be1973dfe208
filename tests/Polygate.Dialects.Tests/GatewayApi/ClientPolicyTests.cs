using Polygate.Model;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Which ClientPolicy is in force on a port, and what its status says.</summary>
public sealed class ClientPolicyTests
{
    private const string Gateway = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: gw }
        spec:
          gatewayClassName: any
          allowedListeners: { namespaces: { from: Same } }
          listeners:
            - { name: a, port: 80, protocol: HTTP, hostname: a.example }
            - { name: b, port: 80, protocol: HTTP, hostname: b.example }
            - { name: c, port: 81, protocol: HTTP }
            - { name: bytes, port: 82, protocol: TCP }
        """;

    private readonly TranslatedObjects objects = new();

    public ClientPolicyTests() => objects.Set(Gateway);

    [Fact]
    public void A_policy_of_a_listener_holds_for_its_port_and_comes_before_the_Gateways_group_by_group()
    {
        objects.Set(
            Policy("all", 2001, "timeouts: { header: 5s, idle: 1m }", "limits: { headerCount: 10 }"),
            Policy("one", 2002, "timeouts: { body: 2s }", section: "b"));

        var (first, third) = (Settings(80), Settings(81));
        Assert.Equal((null, TimeSpan.FromSeconds(2), 10), (first!.HeaderTimeout, first.BodyTimeout, first.HeaderCount));
        Assert.Equal((TimeSpan.FromSeconds(5), null, 10), (third!.HeaderTimeout, third.BodyTimeout, third.HeaderCount));
        Assert.Null(Settings(82));
        Assert.Equal(("True Accepted", "True Accepted"), (Accepted("all"), Accepted("one")));
        Assert.Null(Condition("all", "Conflicted"));
    }

    [Fact]
    public void Of_two_policies_for_listeners_of_one_port_the_older_is_in_force()
    {
        objects.Set(
            Policy("older", 2001, "limits: { headerCount: 10 }", section: "a"),
            Policy("younger", 2002, "limits: { headerCount: 20 }", "trustedProxies: { networks: [] }", "b"));

        Assert.Equal(10, Settings(80)!.HeaderCount);
        Assert.Equal((ValueList<string>)[], Settings(80)!.TrustedProxies);
        Assert.Equal(("True Accepted", "True Accepted", "True Conflicted"), (Accepted("older"), Accepted("younger"), Condition("younger", "Conflicted")));

        objects.Set(Policy("younger", 2002, "limits: { headerCount: 20 }", section: "b"));
        Assert.Equal("False Conflicted", Accepted("younger"));
    }

    [Fact]
    public void Listeners_of_a_ListenerSet_follow_the_Gateway()
    {
        objects.Set(Policy("all", 2001, "limits: { headerCount: 10 }"), Policy("one", 2001, "timeouts: { header: 1s }", section: "c"), """
            apiVersion: gateway.networking.k8s.io/v1
            kind: ListenerSet
            metadata: { name: set }
            spec: { parentRef: { name: gw }, listeners: [{ name: d, port: 81, protocol: HTTP, hostname: d.example }] }
            """);

        Assert.Single(objects.Configuration.Pieces.Values.SelectMany(piece => piece.Listeners).Where(listener => listener.Key.Port == 81).Select(listener => listener.Clients).Distinct());
        Assert.Equal((TimeSpan.FromSeconds(1), 10), (Settings(81)!.HeaderTimeout, Settings(81)!.HeaderCount));
    }

    [Theory]
    [InlineData("limits: { headerCount: 0 }", "a", "False Invalid")]
    [InlineData("limits: { headerSize: 10 }", "a", "False Invalid")]
    [InlineData("timeouts: { header: 0s }", "a", "False Invalid")]
    [InlineData("timeouts: {}", "a", "False Invalid")]
    [InlineData("trustedProxies: {}", "a", "False Invalid")]
    [InlineData("compression: {}", "a", "False Invalid")]
    [InlineData("limits: { headerCount: 10 }", "nobody", "False TargetNotFound")]
    [InlineData("limits: { headerCount: 10 }", "bytes", "False TargetNotFound")]
    public void What_cannot_be_obeyed_is_told(string group, string section, string expected)
    {
        objects.Set(Policy("it", 2001, group, section: section));
        Assert.Equal(expected, Accepted("it"));
    }

    [Fact]
    public void A_list_of_proxies_that_cannot_be_read_believes_nobody()
    {
        objects.Set(Policy("it", 2001, "trustedProxies: { networks: [everyone] }"));
        Assert.Equal((ValueList<string>)[], Settings(80)!.TrustedProxies);
    }

    [Fact]
    public void A_policy_that_is_gone_is_gone_from_the_port()
    {
        objects.Set(Policy("it", 2001, "limits: { headerCount: 10 }"));
        Assert.NotNull(Settings(80));
        objects.Remove(Policy("it", 2001, "limits: { headerCount: 10 }"));
        Assert.Null(Settings(80));
    }

    private ClientSettings? Settings(int port) =>
        objects.Configuration.Pieces.Values.SelectMany(piece => piece.Listeners).First(listener => listener.Key.Port == port).Clients;

    private string? Accepted(string policy) => Condition(policy, "Accepted");

    private string? Condition(string policy, string type) => TranslatedObjects.Condition(objects.Status("ClientPolicy", policy)["ancestors"]![0]!.AsObject(), type);

    private static string Policy(string name, int year, string group, string more = "", string? section = null) => $$"""
        apiVersion: gateway.polygate.io/v1alpha1
        kind: ClientPolicy
        metadata: { name: {{name}}, creationTimestamp: "{{year}}-01-01T00:00:00Z" }
        spec:
          targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: gw{{(section is null ? "" : $", sectionName: {section}")}} }]
          {{group}}
          {{more}}
        """;
}
