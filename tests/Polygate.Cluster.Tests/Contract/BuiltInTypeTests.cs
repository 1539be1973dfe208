using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class BuiltInTypeTestsOnTheDouble(DoubleFixture server) : BuiltInTypeTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class BuiltInTypeTestsOnKubernetes(KubernetesFixture server) : BuiltInTypeTests(server);

/// <summary>Defaults and checks of the built-in types that a gateway reads and writes.</summary>
public abstract class BuiltInTypeTests(IServerUnderTest server) : ContractTests(server)
{
    [Fact]
    public async Task Texts_of_a_Secret_become_data()
    {
        var created = (await Api.PostAsync(Secrets, Yaml("{ apiVersion: v1, kind: Secret, metadata: { name: a }, stringData: { user: me } }"))).Expect(201);

        Assert.Equal("Opaque bWU=", $"{created.Json!["type"]} {created.Json["data"]!["user"]}");
        Assert.Null(created.Json["stringData"]);
    }

    [Fact]
    public async Task A_Secret_for_TLS_needs_certificate_and_key()
    {
        var refused = (await Api.PostAsync(Secrets, Yaml("{ apiVersion: v1, kind: Secret, metadata: { name: a }, type: kubernetes.io/tls, data: { tls.crt: QQ== } }"))).Expect(422);

        Assert.Equal("data[tls.key]", (string?)refused.Json!["details"]!["causes"]![0]!["field"]);
    }

    [Fact]
    public async Task A_Service_gets_an_address_and_defaults()
    {
        var created = (await Api.PostAsync(Services, Yaml("{ apiVersion: v1, kind: Service, metadata: { name: a }, spec: { ports: [{ port: 80 }] } }"))).Expect(201);

        var spec = created.Json!["spec"]!;
        Assert.Equal("ClusterIP None TCP 80", $"{spec["type"]} {spec["sessionAffinity"]} {spec["ports"]![0]!["protocol"]} {spec["ports"]![0]!["targetPort"]}");
        Assert.StartsWith("10.96.", (string?)spec["clusterIP"], StringComparison.Ordinal);
        Assert.Empty(created.Json["status"]!["loadBalancer"]!.AsObject());
    }

    [Fact]
    public async Task A_headless_Service_keeps_having_no_address()
    {
        var created = (await Api.PostAsync(Services, Yaml("{ apiVersion: v1, kind: Service, metadata: { name: a }, spec: { clusterIP: None } }"))).Expect(201);

        Assert.Equal("None", (string?)created.Json!["spec"]!["clusterIP"]);
    }

    [Theory]
    [InlineData("{ ports: [] }", "spec.ports")]
    [InlineData("{ type: ExternalName }", "spec.externalName")]
    public async Task A_Service_needs_ports_or_a_name(string spec, string field)
    {
        var refused = (await Api.PostAsync(Services, Yaml($"{{ apiVersion: v1, kind: Service, metadata: {{ name: a }}, spec: {spec} }}"))).Expect(422);

        Assert.Equal(field, (string?)refused.Json!["details"]!["causes"]![0]!["field"]);
    }

    [Fact]
    public async Task An_EndpointSlice_may_not_point_to_loopback()
    {
        var refused = (await Api.PostAsync(EndpointSlices, Slice("127.0.0.1"))).Expect(422);

        Assert.Contains("may not be in the loopback range", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_EndpointSlice_counts_its_changes()
    {
        var created = (await Api.PostAsync(EndpointSlices, Slice("192.0.2.1"))).Expect(201);
        var changed = (await Api.PatchAsync($"{EndpointSlices}/a", ApiClient.MergePatch, Yaml("endpoints: [{ addresses: [192.0.2.2] }]"))).Expect(200);

        Assert.Equal("1 2", $"{created.Metadata["generation"]} {changed.Metadata["generation"]}");
        Assert.Equal("TCP", (string?)created.Json!["ports"]![0]!["protocol"]);
    }

    [Theory]
    [InlineData("{ rules: [{ http: { paths: [{ path: nope, pathType: Exact, backend: { service: { name: s, port: { number: 80 } } } }] } }] }", "spec.rules[0].http.paths[0].path")]
    [InlineData("{ rules: [{ http: { paths: [{ path: /, backend: { service: { name: s, port: { number: 80 } } } }] } }] }", "spec.rules[0].http.paths[0].pathType")]
    [InlineData("{ rules: [{ http: { paths: [{ path: /, pathType: Other, backend: { service: { name: s, port: { number: 80 } } } }] } }] }", "spec.rules[0].http.paths[0].pathType")]
    [InlineData("{ }", "spec")]
    public async Task An_Ingress_is_checked(string spec, string field)
    {
        var refused = (await Api.PostAsync(Ingresses, Yaml($"{{ apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{ name: a }}, spec: {spec} }}"))).Expect(422);

        Assert.Contains(field, refused.Json!["details"]!["causes"]!.AsArray().Select(cause => (string?)cause!["field"]));
    }

    [Fact]
    public async Task A_Lease_is_taken_over_by_the_first_who_writes()
    {
        var held = (await Api.PostAsync(Leases, Lease("a"))).Expect(201);
        var (one, two) = (held.Object.DeepClone(), held.Object.DeepClone());
        one["spec"]!["holderIdentity"] = "one";
        two["spec"]!["holderIdentity"] = "two";

        (await Api.PutAsync($"{Leases}/a", one)).Expect(200);
        (await Api.PutAsync($"{Leases}/a", two)).Expect(409);

        Assert.Equal("one", (string?)(await Api.GetAsync($"{Leases}/a")).Json!["spec"]!["holderIdentity"]);
    }

    [Fact]
    public async Task An_event_is_found_by_what_it_is_about()
    {
        var events = $"/api/v1/namespaces/{Namespace}/events";
        (await Api.PostAsync(events, Event("a", "first"))).Expect(201);
        (await Api.PostAsync(events, Event("b", "second"))).Expect(201);

        var list = (await Api.GetAsync($"{events}?fieldSelector=involvedObject.name%3Dsecond,reason%3DTested")).Expect(200);

        Assert.Equal("b", (string?)Assert.Single(list.Json!["items"]!.AsArray())!["metadata"]!["name"]);
    }

    private static JsonObject Slice(string address) => Yaml($$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: a, labels: { kubernetes.io/service-name: s } }
        addressType: IPv4
        ports: [{ name: http, port: 8080 }]
        endpoints: [{ addresses: [{{address}}] }]
        """);

    private JsonObject Event(string name, string about) => Yaml($$"""
        apiVersion: v1
        kind: Event
        metadata: { name: {{name}} }
        involvedObject: { apiVersion: networking.k8s.io/v1, kind: Ingress, name: {{about}}, namespace: {{Namespace}} }
        reason: Tested
        message: it was
        type: Normal
        """);
}
