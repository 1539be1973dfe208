using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class CustomResourceTestsOnTheDouble(DoubleFixture server) : CustomResourceTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class CustomResourceTestsOnKubernetes(KubernetesFixture server) : CustomResourceTests(server);

/// <summary>CustomResourceDefinitions and their objects.</summary>
public abstract class CustomResourceTests(IServerUnderTest server) : ContractTests(server)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    /// <summary>A group of the test's own, since definitions are of the whole cluster.</summary>
    private string Group => $"{Namespace}.polygate.example";

    private string Widgets => $"/apis/{Group}/v1/namespaces/{Namespace}/widgets";

    [Fact]
    public async Task A_definition_makes_its_resource_served()
    {
        (await Api.GetAsync($"/apis/{Group}/v1")).Expect(404);

        await DefineAsync();

        var definition = (await Api.GetAsync($"{Definitions}/widgets.{Group}")).Expect(200);
        Assert.Equal("widget WidgetList", $"{definition.Json!["status"]!["acceptedNames"]!["singular"]} {definition.Json["status"]!["acceptedNames"]!["listKind"]}");
        Assert.Equal("""["v1"]""", definition.Json["status"]!["storedVersions"]!.ToJsonString());
        var resources = (await Api.GetAsync($"/apis/{Group}/v1")).Json!["resources"]!.AsArray();
        Assert.Equal(["widgets", "widgets/status"], resources.Select(resource => (string)resource!["name"]!).Order(StringComparer.Ordinal));
        var groups = (await Api.GetAsync("/apis")).Json!["groups"]!.AsArray();
        Assert.Equal($"{Group}/v1", (string?)groups.Single(group => (string?)group!["name"] == Group)!["preferredVersion"]!["groupVersion"]);
    }

    [Fact]
    public async Task Defaults_are_filled_in_and_unknown_fields_are_pruned()
    {
        await DefineAsync();

        var created = (await Api.PostAsync(Widgets, Widget("a", "{ size: 2, unknown: x, free: { any: thing }, list: [{ name: n, other: x }] }"))).Expect(201);

        Assert.Equal("""{"free":{"any":"thing"},"list":[{"mode":"soft","name":"n"}],"mode":"fast","size":2}""", Sorted(created.Json!["spec"]!).ToJsonString());
    }

    [Theory]
    [InlineData("{ }", "spec.size", "FieldValueRequired")]
    [InlineData("{ size: big }", "spec.size", "FieldValueTypeInvalid")]
    [InlineData("{ size: 0 }", "spec.size", "FieldValueInvalid")]
    [InlineData("{ size: 11 }", "spec.size", "FieldValueInvalid")]
    [InlineData("{ size: 1, mode: warp }", "spec.mode", "FieldValueNotSupported")]
    [InlineData("{ size: 1, code: ABC }", "spec.code", "FieldValueInvalid")]
    [InlineData("{ size: 1, code: abcdefgh }", "spec.code", "FieldValueTooLong")]
    [InlineData("{ size: 1, list: [{ name: a }, { name: b }, { name: c }] }", "spec.list", "FieldValueTooMany")]
    [InlineData("{ size: 1, list: [{ name: a }, { name: a }] }", "spec.list[1]", "FieldValueDuplicate")]
    public async Task A_schema_is_held_to(string spec, string field, string reason)
    {
        await DefineAsync();

        var refused = (await Api.PostAsync(Widgets, Widget("a", spec))).Expect(422);

        Assert.Equal("Invalid", refused.Reason);
        Assert.StartsWith($"Widget.{Group} \"a\" is invalid: ", refused.Message, StringComparison.Ordinal);
        var causes = refused.Json!["details"]!["causes"]!.AsArray().Select(cause => $"{cause!["field"]} {cause["reason"]}");
        Assert.Contains($"{field} {reason}", causes);
    }

    [Fact]
    public async Task Items_of_a_list_carry_their_kind()
    {
        await DefineAsync();
        (await Api.PostAsync(Widgets, Widget("a", "{ size: 1 }"))).Expect(201);

        var list = (await Api.GetAsync(Widgets)).Expect(200);

        Assert.Equal($"WidgetList {Group}/v1", $"{list.Json!["kind"]} {list.Json["apiVersion"]}");
        Assert.Equal($"Widget {Group}/v1", $"{list.Json["items"]![0]!["kind"]} {list.Json["items"]![0]!["apiVersion"]}");
    }

    [Fact]
    public async Task The_status_is_apart_where_the_definition_says_so()
    {
        await DefineAsync();
        var widget = Widget("a", "{ size: 1 }");
        widget["status"] = Yaml("ready: true");
        var created = (await Api.PostAsync(Widgets, widget)).Expect(201);
        Assert.Null(created.Json!["status"]);

        var status = (await Api.PatchAsync($"{Widgets}/a/status", ApiClient.MergePatch, Yaml("{ metadata: { labels: { x: y } }, spec: { size: 9 }, status: { ready: true, extra: 1 } }"))).Expect(200);
        var spec = (await Api.PatchAsync($"{Widgets}/a", ApiClient.MergePatch, Yaml("{ spec: { size: 2 }, status: { ready: false } }"))).Expect(200);

        Assert.Equal("1 {\"ready\":true} 1", $"{status.Json!["spec"]!["size"]} {status.Json["status"]!.ToJsonString()} {status.Metadata["generation"]}");
        Assert.Null(status.Metadata["labels"]);
        Assert.Equal("2 {\"ready\":true} 2", $"{spec.Json!["spec"]!["size"]} {spec.Json["status"]!.ToJsonString()} {spec.Metadata["generation"]}");
    }

    [Fact]
    public async Task A_put_has_to_name_the_version_it_replaces()
    {
        await DefineAsync();
        (await Api.PostAsync(Widgets, Widget("a", "{ size: 1 }"))).Expect(201);

        var refused = (await Api.PutAsync($"{Widgets}/a", Widget("a", "{ size: 2 }"))).Expect(422);

        Assert.Contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strategic_merge_patch_is_for_built_in_types()
    {
        await DefineAsync();
        (await Api.PostAsync(Widgets, Widget("a", "{ size: 1 }"))).Expect(201);

        (await Api.PatchAsync($"{Widgets}/a", ApiClient.StrategicMergePatch, Yaml("spec: { size: 2 }"))).Expect(415);
    }

    [Fact]
    public async Task Items_with_keys_are_applied_side_by_side()
    {
        await DefineAsync();

        (await ApplyAsync("one", "{ size: 1, list: [{ name: a, mode: hard }] }")).Expect(201);
        (await ApplyAsync("two", "{ size: 1, list: [{ name: b }] }")).Expect(200);
        var result = (await ApplyAsync("one", "{ size: 1 }")).Expect(200);

        Assert.Equal(["b"], result.Json!["spec"]!["list"]!.AsArray().Select(item => (string?)item!["name"]));
    }

    [Fact]
    public async Task Applying_the_status_of_a_custom_resource_does_not_make_it()
    {
        await DefineAsync();

        (await Api.PatchAsync($"{Widgets}/a/status?fieldManager=one", ApiClient.Apply, Widget("a", "{ size: 1 }"))).Expect(404);
    }

    [Fact]
    public async Task A_watch_of_custom_resources_hears_of_them()
    {
        await DefineAsync();
        var list = (await Api.GetAsync(Widgets)).Expect(200);
        using var watch = await Api.WatchAsync($"{Widgets}?watch=true&resourceVersion={list.ResourceVersion}");

        (await Api.PostAsync(Widgets, Widget("a", "{ size: 1 }"))).Expect(201);

        var change = (await watch.NextChangeAsync())!;
        Assert.Equal($"ADDED a {Group}/v1", $"{change} {change.Object["apiVersion"]}");
    }

    [Fact]
    public async Task Objects_read_in_each_version_that_is_served()
    {
        await DefineAsync("v1beta1");
        (await Api.PostAsync(Widgets, Widget("a", "{ size: 1 }"))).Expect(201);

        var older = (await Api.GetAsync($"/apis/{Group}/v1beta1/namespaces/{Namespace}/widgets/a")).Expect(200);

        Assert.Equal($"{Group}/v1beta1", (string?)older.Json!["apiVersion"]);
        var versions = (await Api.GetAsync($"/apis/{Group}")).Json!["versions"]!.AsArray();
        Assert.Equal(["v1", "v1beta1"], versions.Select(version => (string?)version!["version"]));
    }

    [Fact]
    public async Task A_definition_that_goes_takes_its_objects_along()
    {
        await DefineAsync();
        (await Api.PostAsync(Widgets, Widget("a", "{ size: 1 }"))).Expect(201);
        var list = (await Api.GetAsync(Widgets)).Expect(200);
        using var watch = await Api.WatchAsync($"{Widgets}?watch=true&resourceVersion={list.ResourceVersion}");

        (await Api.DeleteAsync($"{Definitions}/widgets.{Group}")).Expect(200);

        Assert.Equal("DELETED a", (await watch.NextChangeAsync())?.ToString());
        Assert.Null(await watch.NextChangeAsync());
        await UntilAsync(Widgets, answer => answer.Code == 404);
        await UntilAsync($"/apis/{Group}/v1", answer => answer.Code == 404);
    }

    [Fact]
    public async Task A_definition_has_to_be_named_after_what_it_defines()
    {
        var definition = Definition();
        definition["metadata"]!["name"] = $"things.{Group}";

        var refused = (await Api.PostAsync(Definitions, definition)).Expect(422);

        Assert.Contains("must be spec.names.plural+\".\"+spec.group", refused.Message, StringComparison.Ordinal);
    }

    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Sorted(pair.Value!)))),
        JsonArray list => new JsonArray([.. list.Select(item => Sorted(item!))]),
        _ => node.DeepClone(),
    };

    private JsonObject Widget(string name, string spec) => Yaml($"{{ apiVersion: {Group}/v1, kind: Widget, metadata: {{ name: {name} }}, spec: {spec} }}");

    private Task<Answer> ApplyAsync(string manager, string spec) =>
        Api.PatchAsync($"{Widgets}/a?fieldManager={manager}", ApiClient.Apply, Widget("a", spec));

    private async Task DefineAsync(params string[] olderVersions)
    {
        var definition = Definition();
        var versions = definition["spec"]!["versions"]!.AsArray();
        foreach (var version in olderVersions)
        {
            var older = versions[0]!.DeepClone();
            older["name"] = version;
            older["storage"] = false;
            versions.Insert(0, older);
        }

        (await Api.PostAsync(Definitions, definition)).Expect(201);
        await UntilAsync($"{Definitions}/widgets.{Group}", answer =>
            answer.Json?["status"]?["conditions"]?.AsArray().Any(condition => $"{condition!["type"]} {condition["status"]}" == "Established True") == true);
        await UntilAsync(Widgets, answer => answer.Code == 200);
        await UntilAsync($"/apis/{Group}/v1", answer => answer.Code == 200);
    }

    private JsonObject Definition() => Yaml($$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: widgets.{{Group}} }
        spec:
          group: {{Group}}
          scope: Namespaced
          names: { plural: widgets, kind: Widget }
          versions:
          - name: v1
            served: true
            storage: true
            subresources: { status: {} }
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [size]
                    properties:
                      size: { type: integer, minimum: 1, maximum: 10 }
                      mode: { type: string, enum: [fast, slow], default: fast }
                      code: { type: string, pattern: '^[a-z]*$', maxLength: 5 }
                      free: { type: object, x-kubernetes-preserve-unknown-fields: true }
                      list:
                        type: array
                        maxItems: 2
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [name]
                        items:
                          type: object
                          required: [name]
                          properties: { name: { type: string }, mode: { type: string, default: soft } }
                  status:
                    type: object
                    properties: { ready: { type: boolean } }
        """);
}
