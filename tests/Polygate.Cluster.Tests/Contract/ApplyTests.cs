using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class ApplyTestsOnTheDouble(DoubleFixture server) : ApplyTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class ApplyTestsOnKubernetes(KubernetesFixture server) : ApplyTests(server);

/// <summary>Server-side apply: fields have owners (Kubernetes documentation, "Server-Side Apply").</summary>
public abstract class ApplyTests(IServerUnderTest server) : ContractTests(server)
{
    [Fact]
    public async Task Applying_makes_what_is_not_there_and_changes_what_is()
    {
        var made = (await ApplyAsync("one", "{ value: x }")).Expect(201);
        var changed = (await ApplyAsync("one", "{ value: y }")).Expect(200);

        Assert.Equal("y", (string?)changed.Json!["data"]!["value"]);
        Assert.Equal((string?)made.Metadata["uid"], (string?)changed.Metadata["uid"]);
        var entry = Assert.Single(changed.Metadata["managedFields"]!.AsArray())!;
        Assert.Equal("one Apply v1 FieldsV1", $"{entry["manager"]} {entry["operation"]} {entry["apiVersion"]} {entry["fieldsType"]}");
        Assert.Equal("""{"f:data":{"f:value":{}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public async Task Applying_the_same_again_writes_nothing()
    {
        var first = (await ApplyAsync("one", "{ value: x }")).Expect(201);
        var second = (await ApplyAsync("one", "{ value: x }")).Expect(200);

        Assert.Equal(first.ResourceVersion, second.ResourceVersion);
    }

    [Fact]
    public async Task A_field_of_another_manager_is_a_conflict_unless_forced()
    {
        (await ApplyAsync("one", "{ value: x }")).Expect(201);

        var refused = (await ApplyAsync("two", "{ value: y }")).Expect(409);
        var forced = (await ApplyAsync("two", "{ value: y }", "&force=true")).Expect(200);

        Assert.Equal("Conflict", refused.Reason);
        var cause = refused.Json!["details"]!["causes"]![0]!;
        Assert.Equal("FieldManagerConflict .data.value conflict with \"one\"", $"{cause["reason"]} {cause["field"]} {cause["message"]}");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .data.value", refused.Message);
        Assert.Equal("two", (string?)Assert.Single(forced.Metadata["managedFields"]!.AsArray())!["manager"]);
    }

    [Fact]
    public async Task The_same_value_is_owned_together()
    {
        (await ApplyAsync("one", "{ value: x }")).Expect(201);
        var shared = (await ApplyAsync("two", "{ value: x }")).Expect(200);
        var left = (await ApplyAsync("one", "{ }")).Expect(200);

        Assert.Equal(2, shared.Metadata["managedFields"]!.AsArray().Count);
        Assert.Equal("x", (string?)left.Json!["data"]!["value"]);
    }

    [Fact]
    public async Task What_is_no_longer_applied_goes_and_what_others_own_stays()
    {
        (await ApplyAsync("one", "{ first: x, second: x }")).Expect(201);
        (await ApplyAsync("two", "{ third: x }")).Expect(200);

        var result = (await ApplyAsync("one", "{ first: x }")).Expect(200);

        Assert.Equal(["first", "third"], result.Json!["data"]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_ordinary_write_takes_a_field_from_who_applied_it()
    {
        (await ApplyAsync("one", "{ value: x }")).Expect(201);
        (await Api.PatchAsync($"{ConfigMaps}/a?fieldManager=editor", ApiClient.MergePatch, Yaml("data: { value: y }"))).Expect(200);

        var refused = (await ApplyAsync("one", "{ value: x }")).Expect(409);

        Assert.Contains("conflict with \"editor\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_is_applied_item_by_item_where_items_have_keys()
    {
        (await Api.PostAsync(Services, Yaml("{ apiVersion: v1, kind: Service, metadata: { name: s }, spec: { ports: [{ port: 80 }] } }"))).Expect(201);

        (await ApplyStatusAsync("one", Condition("A", "True"))).Expect(200);
        (await ApplyStatusAsync("two", Condition("B", "True"))).Expect(200);
        var changed = (await ApplyStatusAsync("one", Condition("A", "False"))).Expect(200);
        var left = (await ApplyStatusAsync("one", "[]")).Expect(200);

        Assert.Equal(["A False", "B True"], Conditions(changed));
        Assert.Equal(["B True"], Conditions(left));
    }

    [Fact]
    public async Task Applying_needs_a_manager()
    {
        (await Api.PatchAsync($"{ConfigMaps}/a", ApiClient.Apply, ConfigMap("a"))).Expect(422);
    }

    [Fact]
    public async Task Applying_the_status_of_a_built_in_object_makes_it() => (await ApplyStatusAsync("one", "[]")).Expect(201);

    private static string Condition(string type, string status) =>
        $"[{{ type: {type}, status: '{status}', reason: R, message: m, lastTransitionTime: '2026-01-01T00:00:00Z' }}]";

    private static IEnumerable<string> Conditions(Answer service) =>
        service.Json!["status"]!["conditions"]!.AsArray().Select(condition => $"{condition!["type"]} {condition["status"]}").Order(StringComparer.Ordinal);

    private Task<Answer> ApplyAsync(string manager, string data, string more = "") => Api.PatchAsync(
        $"{ConfigMaps}/a?fieldManager={manager}{more}", ApiClient.Apply, Yaml($"{{ apiVersion: v1, kind: ConfigMap, metadata: {{ name: a }}, data: {data} }}"));

    private Task<Answer> ApplyStatusAsync(string manager, string conditions) => Api.PatchAsync(
        $"{Services}/s/status?fieldManager={manager}", ApiClient.Apply, Yaml($"{{ apiVersion: v1, kind: Service, metadata: {{ name: s }}, spec: {{ ports: [{{ port: 80 }}] }}, status: {{ conditions: {conditions} }} }}"));
}
