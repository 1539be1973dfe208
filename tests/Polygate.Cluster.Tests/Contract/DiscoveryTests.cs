using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class DiscoveryTestsOnTheDouble(DoubleFixture server) : DiscoveryTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class DiscoveryTestsOnKubernetes(KubernetesFixture server) : DiscoveryTests(server);

/// <summary>How a client finds out what there is.</summary>
public abstract class DiscoveryTests(IServerUnderTest server) : ContractTests(server)
{
    [Fact]
    public async Task The_version_is_told()
    {
        var version = (await Api.GetAsync("/version")).Expect(200);

        Assert.StartsWith("v1.", (string?)version.Json!["gitVersion"], StringComparison.Ordinal);
        Assert.Equal("1", (string?)version.Json["major"]);
    }

    [Fact]
    public async Task Groups_and_versions_are_listed()
    {
        var core = (await Api.GetAsync("/api")).Expect(200);
        var groups = (await Api.GetAsync("/apis")).Expect(200);

        Assert.Equal("APIVersions v1", $"{core.Json!["kind"]} {core.Json["versions"]![0]}");
        var networking = groups.Json!["groups"]!.AsArray().Single(group => (string?)group!["name"] == "networking.k8s.io")!;
        Assert.Equal("networking.k8s.io/v1", (string?)networking["preferredVersion"]!["groupVersion"]);
    }

    [Fact]
    public async Task Resources_of_a_version_tell_their_kind_scope_and_verbs()
    {
        var resources = (await Api.GetAsync("/apis/networking.k8s.io/v1")).Expect(200).Json!["resources"]!.AsArray();

        var ingresses = resources.Single(resource => (string?)resource!["name"] == "ingresses")!;
        Assert.Equal("Ingress true ingress", $"{ingresses["kind"]} {ingresses["namespaced"]} {ingresses["singularName"]}");
        Assert.Equal(
            ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], ingresses["verbs"]!.AsArray().Select(verb => (string?)verb).Order(StringComparer.Ordinal));
        Assert.Contains("ingresses/status", resources.Select(resource => (string?)resource!["name"]));
        var classes = resources.Single(resource => (string?)resource!["name"] == "ingressclasses")!;
        Assert.False((bool)classes["namespaced"]!);
    }

    [Theory]
    [InlineData("/api", "", "services", "Namespaced")]
    [InlineData("/apis", "networking.k8s.io", "ingressclasses", "Cluster")]
    public async Task Everything_is_told_at_once_to_who_asks_so(string path, string group, string plural, string scope)
    {
        var answer = (await Api.GetAsync(path, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json")).Expect(200);

        Assert.Equal("APIGroupDiscoveryList apidiscovery.k8s.io/v2", $"{answer.Json!["kind"]} {answer.Json["apiVersion"]}");
        var item = answer.Json["items"]!.AsArray().Single(one => ((string?)one!["metadata"]!["name"] ?? "") == group)!;
        var resource = item["versions"]![0]!["resources"]!.AsArray().Single(one => (string?)one!["resource"] == plural)!;
        Assert.Equal(scope, (string?)resource["scope"]);
    }

    [Fact]
    public async Task What_is_not_served_is_not_found()
    {
        (await Api.GetAsync("/apis/nothing.example")).Expect(404);
        (await Api.GetAsync("/apis/nothing.example/v1/things")).Expect(404);
        (await Api.GetAsync("/apis/networking.k8s.io/v9/ingresses")).Expect(404);
        var unknown = (await Api.GetAsync("/apis/networking.k8s.io/v1/things")).Expect(404);

        Assert.Equal("the server could not find the requested resource", unknown.Message);
    }

    [Theory]
    [InlineData("/readyz")]
    [InlineData("/livez")]
    public async Task Health_is_told(string path) => Assert.Equal("ok", (await Api.GetAsync(path)).Expect(200).Text);
}
