using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Infrastructure;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>What is made for a Gateway.</summary>
public sealed class GatewayServiceTests
{
    private const string Controller = "example.org/controller";

    [Fact]
    public void A_Service_names_the_ports_and_slices_the_addresses_by_family()
    {
        var objects = GatewayService.Of(Gateway("web"), ["192.0.2.1", "192.0.2.2", "2001:db8::1", "127.0.0.1", "balancer.example"], Controller);

        Assert.Equal(["Service web-public", "EndpointSlice web-public-ipv4", "EndpointSlice web-public-ipv6"], objects.Select(made => $"{made.Type.Kind} {made.Name}"));
        Assert.Equal(
            ["tcp-80 80 TCP", "tcp-443 443 TCP", "udp-443 443 UDP"],
            objects[0].Content!["spec"]!["ports"]!.AsArray().Select(port => $"{port!["name"]} {port["port"]} {port["protocol"]}"));
        Assert.Equal("None", (string?)objects[0].Content!["spec"]!["clusterIP"]);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], Addresses(objects[1].Content));
        Assert.Equal(["2001:db8::1"], Addresses(objects[2].Content));
        Assert.Equal("web-public", (string?)objects[1].Content!["metadata"]!["labels"]!["kubernetes.io/service-name"]);
    }

    [Fact]
    public void Without_addresses_of_a_family_there_is_no_slice_of_it() =>
        Assert.Equal([true, false, false], GatewayService.Of(Gateway("web"), ["127.0.0.1"], Controller).Select(made => made.Content is not null));

    [Fact]
    public void Everything_carries_the_infrastructures_labels_and_annotations_and_its_owner()
    {
        foreach (var made in GatewayService.Of(Gateway("web"), ["192.0.2.1", "2001:db8::1"], Controller))
        {
            var metadata = made.Content!["metadata"]!;
            Assert.Equal(("shop", "web"), ((string?)metadata["labels"]!["team"], (string?)metadata["labels"]!["gateway.networking.k8s.io/gateway-name"]));
            Assert.Equal("polygate", (string?)metadata["labels"]!["app.kubernetes.io/managed-by"]);
            Assert.Equal(("yes", Controller), ((string?)metadata["annotations"]!["example.org/dns"], (string?)metadata["annotations"]!["gateway.polygate.io/controller"]));
            Assert.Equal(("Gateway", "web", "42"), ((string?)metadata["ownerReferences"]![0]!["kind"], (string?)metadata["ownerReferences"]![0]!["name"], (string?)metadata["ownerReferences"]![0]!["uid"]));
        }
    }

    [Theory]
    [InlineData("web")]
    [InlineData("7up")]
    [InlineData("shop.example.org")]
    [InlineData("a-name-that-is-very-much-longer-than-what-a-label-of-the-dns-may-have")]
    public void Names_are_DNS_labels_and_differ_from_each_other(string name)
    {
        var objects = GatewayService.Of(Gateway(name), ["192.0.2.1", "2001:db8::1"], Controller);

        Assert.All(objects, made => Assert.Matches("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", made.Name));
        Assert.Equal(3, objects.Select(made => made.Name).Distinct().Count());
        Assert.NotEqual(GatewayService.NameOf(Gateway(name)), GatewayService.NameOf(Gateway(name + "x")));
        Assert.InRange(((string)objects[0].Content!["metadata"]!["labels"]!["gateway.networking.k8s.io/gateway-name"]!).Length, 1, 63);
    }

    private static IEnumerable<string> Addresses(JsonObject? slice) => slice!["endpoints"]!.AsArray().Select(endpoint => (string)endpoint!["addresses"]![0]!);

    private static Resource<Gateway> Gateway(string name) => (Resource<Gateway>)new ManifestReader([GatewayApiTypes.Gateway]).Read("in.yaml", $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: "{{name}}", uid: "42" }
        spec:
          gatewayClassName: public
          infrastructure: { labels: { team: shop, app.kubernetes.io/managed-by: me }, annotations: { example.org/dns: "yes" } }
          listeners:
            - { name: a, port: 80, protocol: HTTP, hostname: a.example }
            - { name: b, port: 80, protocol: HTTP }
            - { name: c, port: 443, protocol: HTTPS }
            - { name: d, port: 443, protocol: UDP }
        """).Resources.Single();
}
