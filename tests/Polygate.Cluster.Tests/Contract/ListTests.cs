using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class ListTestsOnTheDouble(DoubleFixture server) : ListTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class ListTestsOnKubernetes(KubernetesFixture server) : ListTests(server);

/// <summary>Lists: their shape, selectors and chunks.</summary>
public abstract class ListTests(IServerUnderTest server) : ContractTests(server)
{
    [Fact]
    public async Task A_list_has_the_order_of_names_and_items_of_built_in_types_without_a_kind()
    {
        (await Api.PostAsync(Ingresses, Ingress("b"))).Expect(201);
        (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);

        var list = (await Api.GetAsync(Ingresses)).Expect(200);

        Assert.Equal("networking.k8s.io/v1 IngressList", $"{list.Json!["apiVersion"]} {list.Json["kind"]}");
        Assert.Equal(["a", "b"], Names(list));
        Assert.All(list.Json["items"]!.AsArray(), item => Assert.False(item!.AsObject().ContainsKey("kind") || item.AsObject().ContainsKey("apiVersion")));
        Assert.Null(list.Metadata["continue"]);
    }

    [Theory]
    [InlineData("app=web", "a,b")]
    [InlineData("app==web,tier!=back", "a")]
    [InlineData("app!=web", "c,d")]
    [InlineData("tier", "b,c")]
    [InlineData("!tier", "a,d")]
    [InlineData("tier in (back,front)", "b,c")]
    [InlineData("tier notin (back)", "a,c,d")]
    [InlineData("app in (web), tier", "b")]
    public async Task Labels_select(string selector, string expected)
    {
        (await Api.PostAsync(Secrets, Secret("a", "{ app: web }"))).Expect(201);
        (await Api.PostAsync(Secrets, Secret("b", "{ app: web, tier: back }"))).Expect(201);
        (await Api.PostAsync(Secrets, Secret("c", "{ tier: front }"))).Expect(201);
        (await Api.PostAsync(Secrets, Secret("d", "{ }"))).Expect(201);

        var list = (await Api.GetAsync($"{Secrets}?labelSelector={Uri.EscapeDataString(selector)}")).Expect(200);

        Assert.Equal(expected, string.Join(',', Names(list)));
    }

    [Theory]
    [InlineData("metadata.name=a", "a")]
    [InlineData("metadata.name!=a", "b")]
    [InlineData("type=kubernetes.io/tls", "b")]
    [InlineData("type!=kubernetes.io/tls,metadata.name!=x", "a")]
    public async Task Fields_select(string selector, string expected)
    {
        (await Api.PostAsync(Secrets, Secret("a", "{ }"))).Expect(201);
        (await Api.PostAsync(Secrets, Yaml("{ apiVersion: v1, kind: Secret, metadata: { name: b }, type: kubernetes.io/tls, data: { tls.crt: QQ==, tls.key: QQ== } }"))).Expect(201);

        var list = (await Api.GetAsync($"{Secrets}?fieldSelector={Uri.EscapeDataString(selector)}")).Expect(200);

        Assert.Equal(expected, string.Join(',', Names(list)));
    }

    [Fact]
    public async Task Not_every_field_selects()
    {
        var ofIngresses = (await Api.GetAsync($"{Ingresses}?fieldSelector=spec.host%3Da")).Expect(400);
        var ofSecrets = (await Api.GetAsync($"{Secrets}?fieldSelector=data%3Da")).Expect(400);

        Assert.Contains("\"spec.host\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", ofIngresses.Message, StringComparison.Ordinal);
        Assert.Contains("field label not supported: data", ofSecrets.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_of_a_list_are_of_one_moment()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            (await Api.PostAsync(ConfigMaps, ConfigMap(name))).Expect(201);
        }

        var first = (await Api.GetAsync($"{ConfigMaps}?limit=2")).Expect(200);
        (await Api.DeleteAsync($"{ConfigMaps}/c")).Expect(200);
        (await Api.PostAsync(ConfigMaps, ConfigMap("bb"))).Expect(201);
        var second = (await Api.GetAsync($"{ConfigMaps}?limit=2&continue={Uri.EscapeDataString((string)first.Metadata["continue"]!)}")).Expect(200);
        var third = (await Api.GetAsync($"{ConfigMaps}?limit=2&continue={Uri.EscapeDataString((string)second.Metadata["continue"]!)}")).Expect(200);

        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(3, (int?)first.Metadata["remainingItemCount"]);
        Assert.Equal(["c", "d"], Names(second));
        Assert.Equal(["e"], Names(third));
        Assert.Equal(first.ResourceVersion, third.ResourceVersion);
        Assert.True(string.IsNullOrEmpty((string?)third.Metadata["continue"]));
    }

    [Fact]
    public async Task A_list_of_all_namespaces_has_the_items_of_each()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("mine", "{ only: here }"))).Expect(201);

        var list = (await Api.GetAsync($"/api/v1/configmaps?fieldSelector=metadata.namespace%3D{Namespace},metadata.name%3Dmine")).Expect(200);

        Assert.Equal(["mine"], Names(list));
    }

    [Fact]
    public async Task A_list_may_be_asked_for_as_it_was()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        var then = (await Api.GetAsync(ConfigMaps)).Expect(200);
        (await Api.PostAsync(ConfigMaps, ConfigMap("b"))).Expect(201);
        (await Api.DeleteAsync($"{ConfigMaps}/a")).Expect(200);

        var list = (await Api.GetAsync($"{ConfigMaps}?resourceVersion={then.ResourceVersion}&resourceVersionMatch=Exact")).Expect(200);

        Assert.Contains("a", Names(list));
        Assert.DoesNotContain("b", Names(list));
    }

    [Fact]
    public async Task A_list_of_nothing_has_no_items_and_a_version()
    {
        var list = (await Api.GetAsync(Ingresses)).Expect(200);

        Assert.Empty(list.Json!["items"]!.AsArray());
        Assert.Matches("^[1-9][0-9]*$", list.ResourceVersion);
    }

    private static System.Text.Json.Nodes.JsonObject Secret(string name, string labels) =>
        Yaml($"{{ apiVersion: v1, kind: Secret, metadata: {{ name: {name}, labels: {labels} }} }}");

    /// <summary>Names of the items; what the cluster itself puts into a namespace is left out.</summary>
    private static List<string> Names(Answer list) =>
        [.. list.Json!["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!).Where(name => name != "kube-root-ca.crt")];
}
