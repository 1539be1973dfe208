using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.GatewayApi.Addresses;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Which addresses Gateways get.</summary>
public sealed class AddressTests
{
    [Fact]
    public void Every_Gateway_has_an_address_of_its_own()
    {
        var objects = WithPool("127.0.10.0/28");
        var names = Enumerable.Range(0, 14).Select(number => $"gw-{number}").ToList();

        objects.Set([.. names.Select(name => Gateway(name))]);

        var addresses = names.SelectMany(objects.Addresses).ToList();
        Assert.Equal(14, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.Matches(@"^127\.0\.10\.([1-9]|1[0-4])$", address));
        Assert.Equal(addresses.Order(), objects.Configuration.Pieces.Values.SelectMany(piece => piece.Listeners).SelectMany(listener => listener.Addresses).Order());
    }

    [Fact]
    public void A_Gateway_for_which_no_address_is_left_is_not_programmed()
    {
        var objects = WithPool("127.0.10.1", "127.0.10.2");

        objects.Set(Gateway("a"), Gateway("b"), Gateway("c"));

        Assert.Single(new[] { "a", "b", "c" }, name => objects.Condition("Gateway", name, "Programmed") == "False AddressNotAssigned");
        Assert.Equal(2, objects.Configuration.Pieces.Values.Sum(piece => piece.Listeners.Count));
    }

    [Fact]
    public void A_Gateway_keeps_the_address_that_its_status_says_it_has()
    {
        var objects = WithPool("127.0.10.0/24");
        objects.Set(Gateway("gw", status: "127.0.10.77"));

        Assert.Equal(["127.0.10.77"], objects.Addresses("gw"));
    }

    [Fact]
    public void A_Gateway_does_not_keep_an_address_that_another_asks_for()
    {
        var objects = WithPool("127.0.10.0/24");

        objects.Set(Gateway("asks", spec: "[{ value: 127.0.10.77 }]"), Gateway("had", status: "127.0.10.77"));

        Assert.Equal(["127.0.10.77"], objects.Addresses("asks"));
        Assert.DoesNotContain("127.0.10.77", objects.Addresses("had"));
    }

    [Fact]
    public void An_address_without_a_value_is_given_one()
    {
        var objects = WithPool("127.0.10.0/24");

        objects.Set(Gateway("gw", spec: "[{ type: IPAddress }, { type: IPAddress, value: 127.0.10.5 }]"));

        Assert.Equal(2, objects.Addresses("gw").Distinct().Count());
        Assert.Contains("127.0.10.5", objects.Addresses("gw"));
    }

    [Theory]
    [InlineData("[{ type: test/other, value: x }, { value: 10.9.9.9 }, { value: 127.0.10.5 }]", "False UnsupportedAddress", "False Invalid")]
    [InlineData("[{ type: Hostname, value: a.example }]", "False UnsupportedAddress", "False Invalid")]
    [InlineData("[{ value: 10.9.9.9 }, { value: 127.0.10.5 }]", "True Accepted", "False AddressNotUsable")]
    [InlineData("[{ value: 127.0.10.5 }]", "True Accepted", "True Programmed")]
    public void Addresses_that_cannot_be_had_are_said_so(string addresses, string accepted, string programmed)
    {
        var objects = WithPool("127.0.10.0/24");

        objects.Set(Gateway("gw", spec: addresses));

        Assert.Equal(accepted, objects.Condition("Gateway", "gw", "Accepted"));
        Assert.Equal(programmed, objects.Condition("Gateway", "gw", "Programmed"));
        Assert.Equal(programmed == "True Programmed", objects.Configuration.Pieces.Values.Any(piece => !piece.Listeners.IsEmpty));
        Assert.Equal(programmed == "True Programmed" ? ["127.0.10.5"] : [], objects.Addresses("gw"));
    }

    [Fact]
    public void Gateways_that_share_an_address_speak_the_older_ones_protocol_on_a_port()
    {
        var objects = WithPool("127.0.10.1");

        objects.Set(Gateway("old", created: "2024-01-01"), Gateway("young", created: "2024-02-01", protocol: "TCP"), Gateway("other", created: "2024-03-01"));

        Assert.Equal("True Accepted", objects.Condition("Gateway", "old", "web", "Accepted"));
        Assert.Equal("True Accepted", objects.Condition("Gateway", "other", "web", "Accepted"));
        Assert.Equal(["127.0.10.1"], objects.Addresses("other"));
        Assert.NotEqual("True Programmed", objects.Condition("Gateway", "young", "Programmed"));
    }

    [Fact]
    public void Without_a_pool_the_installations_addresses_are_published()
    {
        var objects = new TranslatedObjects(new GatewayApiOptions { PublishedAddresses = ["192.0.2.1"] });

        objects.Set(Gateway("gw"), Gateway("own", spec: "[{ value: 127.0.0.9 }]"));

        Assert.Equal(["192.0.2.1"], objects.Addresses("gw"));
        Assert.Equal(["127.0.0.9"], objects.Addresses("own"));
    }

    [Fact]
    public void The_address_of_a_Gateway_does_not_depend_on_those_that_come_later()
    {
        var objects = WithPool("127.0.10.0/24");
        objects.Set(Gateway("first", created: "2024-01-01"));
        var before = objects.Addresses("first");

        objects.Set([.. Enumerable.Range(0, 100).Select(number => Gateway($"late-{number}", created: "2024-02-01"))]);

        Assert.Equal(before, objects.Addresses("first"));
    }

    [Theory]
    [InlineData("10.0.0.5", 1, "10.0.0.5", "10.0.0.5")]
    [InlineData("127.0.10.0/24", 254, "127.0.10.1", "127.0.10.254")]
    [InlineData("127.0.10.4/31", 2, "127.0.10.4", "127.0.10.5")]
    [InlineData("fd00::/126", 3, "fd00::1", "fd00::3")]
    [InlineData("fd00::/32", int.MaxValue, "fd00::1", "fd00::7fff:ffff")]
    public void A_pool_has_the_hosts_of_its_networks(string text, int count, string first, string last)
    {
        var pool = GatewayAddressPool.Parse([text]);

        Assert.Equal(count, pool.Count);
        Assert.Equal(first, pool.At(0).ToString());
        Assert.Equal(last, pool.At(count - 1).ToString());
        Assert.True(pool.Contains(pool.At(count - 1)));
        Assert.False(pool.Contains(System.Net.IPAddress.Parse("10.255.0.0")));
    }

    [Theory]
    [InlineData("a name")]
    [InlineData("127.0.0.0/40")]
    public void What_is_no_address_is_no_pool(string text) => Assert.Throws<FormatException>(() => GatewayAddressPool.Parse([text]));

    private static TranslatedObjects WithPool(params string[] pool) => new(new GatewayApiOptions { Addresses = GatewayAddressPool.Parse(pool) });

    private static string Gateway(string name, string spec = "[]", string? status = null, string created = "2024-01-01", string protocol = "HTTP") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: {{name}}, creationTimestamp: "{{created}}T00:00:00Z" }
        spec:
          gatewayClassName: any
          addresses: {{spec}}
          listeners: [{ name: web, port: 80, protocol: {{protocol}} }]
        status: { addresses: [{{(status is null ? "" : $"{{ type: IPAddress, value: {status} }}")}}], conditions: [] }
        """;
}
