using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class PatchTestsOnTheDouble(DoubleFixture server) : PatchTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class PatchTestsOnKubernetes(KubernetesFixture server) : PatchTests(server);

/// <summary>Patches that say what to change: JSON merge patch, JSON patch, strategic merge patch; and writes of the status alone.</summary>
public abstract class PatchTests(IServerUnderTest server) : ContractTests(server)
{
    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: { name: s }
        spec: { ports: [{ name: a, port: 80, targetPort: 8080 }, { name: b, port: 81, targetPort: 8081 }] }
        """;

    [Fact]
    public async Task A_merge_patch_sets_removes_and_leaves_alone()
    {
        (await Api.PostAsync(ConfigMaps, Yaml("{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, data: { keep: x, change: x, drop: x } }"))).Expect(201);

        var patched = (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.MergePatch, Yaml("data: { change: y, drop: null, add: z }"))).Expect(200);

        Assert.Equal("""{"add":"z","change":"y","keep":"x"}""", Sorted(patched.Json!["data"]!));
    }

    [Fact]
    public async Task A_merge_patch_may_be_for_one_version_alone()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        var refused = (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.MergePatch, Yaml("{ metadata: { resourceVersion: '1' }, data: { value: '2' } }"))).Expect(409);

        Assert.Equal("Conflict", refused.Reason);
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_writes_nothing()
    {
        var created = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        var patched = (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.MergePatch, Yaml("data: { value: '1' }"))).Expect(200);

        Assert.Equal(created.ResourceVersion, patched.ResourceVersion);
    }

    [Fact]
    public async Task A_JSON_patch_is_done_step_by_step()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        var patched = (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.JsonPatch, JsonNode.Parse("""
            [{ "op": "test", "path": "/data/value", "value": "1" }, { "op": "copy", "from": "/data/value", "path": "/data/copy" },
             { "op": "move", "from": "/data/value", "path": "/data/moved" }, { "op": "add", "path": "/metadata/annotations", "value": {} },
             { "op": "add", "path": "/metadata/annotations/x.example~1y", "value": "z" }, { "op": "replace", "path": "/data/copy", "value": "2" },
             { "op": "add", "path": "/metadata/finalizers", "value": ["x.example/y"] }, { "op": "remove", "path": "/metadata/finalizers/0" }]
            """)!)).Expect(200);

        Assert.Equal("""{"copy":"2","moved":"1"}""", Sorted(patched.Json!["data"]!));
        Assert.Equal("z", (string?)patched.Metadata["annotations"]!["x.example/y"]);
        Assert.Null(patched.Metadata["finalizers"]);
    }

    [Fact]
    public async Task A_JSON_patch_whose_test_fails_changes_nothing()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.JsonPatch, JsonNode.Parse("""
            [{ "op": "replace", "path": "/data/value", "value": "2" }, { "op": "test", "path": "/data/value", "value": "1" }]
            """)!)).Expect(422);

        Assert.Equal("1", (string?)(await Api.GetAsync($"{ConfigMaps}/a")).Json!["data"]!["value"]);
    }

    [Fact]
    public async Task A_strategic_merge_patch_finds_list_items_by_their_key()
    {
        (await Api.PostAsync(Services, Yaml(Service))).Expect(201);

        var patched = (await Api.PatchAsync($"{Services}/s", ApiClient.StrategicMergePatch, Yaml("""
            spec: { ports: [{ port: 81, targetPort: 9000 }, { port: 80, $patch: delete }, { name: c, port: 82 }] }
            """))).Expect(200);

        Assert.Equal(
            ["b 81 9000", "c 82 82"],
            patched.Json!["spec"]!["ports"]!.AsArray().Select(port => $"{port!["name"]} {port["port"]} {port["targetPort"]}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task A_patch_has_to_say_what_it_is(string type)
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        (await Api.PatchAsync($"{ConfigMaps}/a", type, Yaml("data: { value: '2' }"))).Expect(415);
    }

    [Fact]
    public async Task Patching_what_is_not_there_is_not_found() =>
        (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.MergePatch, Yaml("data: { value: '2' }"))).Expect(404);

    [Fact]
    public async Task The_status_is_written_through_its_subresource_alone()
    {
        var ingress = Ingress("a");
        ingress["status"] = Yaml("loadBalancer: { ingress: [{ ip: 192.0.2.1 }] }");
        var created = (await Api.PostAsync(Ingresses, ingress)).Expect(201);
        Assert.Empty(created.Json!["status"]!["loadBalancer"]!.AsObject());

        var patched = (await Api.PatchAsync($"{Ingresses}/a/status", ApiClient.MergePatch, Yaml("""
            { status: { loadBalancer: { ingress: [{ ip: 192.0.2.2 }] } }, spec: { ingressClassName: other } }
            """))).Expect(200);
        var merged = (await Api.PatchAsync($"{Ingresses}/a", ApiClient.MergePatch, Yaml("status: { loadBalancer: { ingress: [{ ip: 192.0.2.3 }] } }"))).Expect(200);

        Assert.Null(patched.Json!["spec"]!["ingressClassName"]);
        Assert.Equal("192.0.2.2", (string?)merged.Json!["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        Assert.Equal(1, (int?)merged.Metadata["generation"]);
        Assert.Equal(patched.Text, merged.Text);
    }

    [Fact]
    public async Task A_stale_write_of_the_status_is_a_conflict()
    {
        var created = (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);
        (await Api.PatchAsync($"{Ingresses}/a", ApiClient.MergePatch, Yaml("metadata: { labels: { x: y } }"))).Expect(200);
        created.Json!["status"] = Yaml("loadBalancer: { ingress: [{ ip: 192.0.2.2 }] }");

        (await Api.PutAsync($"{Ingresses}/a/status", created.Object)).Expect(409);
    }

    [Fact]
    public async Task A_type_without_a_status_has_no_such_subresource() => (await Api.GetAsync($"{ConfigMaps}/kube-root-ca.crt/status")).Expect(404);

    private static string Sorted(JsonNode node) => new JsonObject(node.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
