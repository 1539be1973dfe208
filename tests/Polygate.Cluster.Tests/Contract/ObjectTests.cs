using System.Text.Json.Nodes;
using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class ObjectTestsOnTheDouble(DoubleFixture server) : ObjectTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class ObjectTestsOnKubernetes(KubernetesFixture server) : ObjectTests(server);

/// <summary>Creating, reading, updating and deleting one object.</summary>
public abstract class ObjectTests(IServerUnderTest server) : ContractTests(server)
{
    [Fact]
    public async Task A_created_object_gets_an_identity()
    {
        var created = (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);

        Assert.True(Guid.TryParse((string?)created.Metadata["uid"], out _));
        Assert.Matches("^[1-9][0-9]*$", created.ResourceVersion);
        Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$", (string?)created.Metadata["creationTimestamp"]);
        Assert.Equal(1, (int?)created.Metadata["generation"]);
        Assert.Equal(Namespace, (string?)created.Metadata["namespace"]);
        Assert.Equal("networking.k8s.io/v1 Ingress", $"{created.Json!["apiVersion"]} {created.Json["kind"]}");
        Assert.Equal(created.Text, (await Api.GetAsync($"{Ingresses}/a")).Text);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        var second = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(409);

        Assert.Equal("AlreadyExists", second.Reason);
        Assert.Equal("configmaps \"a\" already exists", second.Message);
        Assert.Equal("a", (string?)second.Json!["details"]!["name"]);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_with_a_status()
    {
        var missing = (await Api.GetAsync($"{Ingresses}/missing")).Expect(404);

        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"ingresses.networking.k8s.io \"missing\" not found","reason":"NotFound","details":{"name":"missing","group":"networking.k8s.io","kind":"ingresses"},"code":404}""", missing.Json!.ToJsonString(Relaxed));
    }

    [Fact]
    public async Task A_prefix_is_made_a_name()
    {
        var map = ConfigMap("x");
        map["metadata"] = new JsonObject { ["generateName"] = "some-" };

        var created = (await Api.PostAsync(ConfigMaps, map)).Expect(201);

        Assert.Matches("^some-[a-z0-9]{5}$", (string?)created.Metadata["name"]);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-dash")]
    public async Task A_name_has_to_be_a_DNS_subdomain(string name)
    {
        var refused = (await Api.PostAsync(ConfigMaps, ConfigMap(name))).Expect(422);

        Assert.Equal("Invalid", refused.Reason);
        Assert.Equal("metadata.name", (string?)refused.Json!["details"]!["causes"]![0]!["field"]);
    }

    [Fact]
    public async Task An_object_needs_a_name()
    {
        var map = ConfigMap("x");
        map["metadata"]!.AsObject().Remove("name");

        var refused = (await Api.PostAsync(ConfigMaps, map)).Expect(422);

        Assert.Equal("FieldValueRequired", (string?)refused.Json!["details"]!["causes"]![0]!["reason"]);
    }

    [Fact]
    public async Task An_object_needs_its_namespace_to_be_there()
    {
        var refused = (await Api.PostAsync("/api/v1/namespaces/never-made/configmaps", ConfigMap("a"))).Expect(404);

        Assert.Equal("namespaces \"never-made\" not found", refused.Message);
    }

    [Fact]
    public async Task A_body_may_not_name_another_namespace()
    {
        var map = ConfigMap("a");
        map["metadata"]!["namespace"] = "other";

        (await Api.PostAsync(ConfigMaps, map)).Expect(400);
    }

    [Fact]
    public async Task A_body_may_not_be_of_another_kind() => (await Api.PostAsync(ConfigMaps, Ingress("a"))).Expect(400);

    [Fact]
    public async Task A_stale_update_is_a_conflict()
    {
        var first = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        var newer = first.Object.DeepClone();
        newer["data"]!["value"] = "2";
        (await Api.PutAsync($"{ConfigMaps}/a", newer)).Expect(200);
        newer["data"]!["value"] = "3";

        var stale = (await Api.PutAsync($"{ConfigMaps}/a", newer)).Expect(409);

        Assert.Equal("Conflict", stale.Reason);
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", stale.Message);
    }

    [Fact]
    public async Task An_update_with_the_latest_version_gets_a_newer_one()
    {
        var first = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        first.Object["data"]!["value"] = "2";

        var second = (await Api.PutAsync($"{ConfigMaps}/a", first.Object)).Expect(200);

        Assert.True(long.Parse(second.ResourceVersion) > long.Parse(first.ResourceVersion));
        Assert.Equal((string?)first.Metadata["uid"], (string?)second.Metadata["uid"]);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        var first = (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);

        var second = (await Api.PutAsync($"{Ingresses}/a", first.Object)).Expect(200);

        Assert.Equal(first.ResourceVersion, second.ResourceVersion);
    }

    [Fact]
    public async Task An_Ingress_may_be_put_without_a_version_and_a_Lease_may_not()
    {
        (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);
        (await Api.PostAsync(Leases, Lease("a"))).Expect(201);

        (await Api.PutAsync($"{Ingresses}/a", Ingress("a", "/other"))).Expect(200);
        var refused = (await Api.PutAsync($"{Leases}/a", Lease("a", "b"))).Expect(422);

        Assert.Contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generation_counts_changes_of_the_spec_alone()
    {
        var created = (await Api.PostAsync(Ingresses, Ingress("a"))).Expect(201);
        created.Metadata["labels"] = new JsonObject { ["x"] = "y" };
        var labelled = (await Api.PutAsync($"{Ingresses}/a", created.Object)).Expect(200);
        labelled.Json!["spec"]!["rules"]![0]!["host"] = "b.example";
        var changed = (await Api.PutAsync($"{Ingresses}/a", labelled.Object)).Expect(200);

        Assert.Equal([1, 1, 2], new[] { created, labelled, changed }.Select(answer => (int)answer.Metadata["generation"]!));
    }

    [Fact]
    public async Task An_update_for_another_object_of_the_same_name_is_a_conflict()
    {
        var created = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        created.Metadata["uid"] = Guid.NewGuid().ToString();

        var refused = (await Api.PutAsync($"{ConfigMaps}/a", created.Object)).Expect(409);

        Assert.Contains("Precondition failed: UID in precondition:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identity_and_times_are_the_servers_own()
    {
        var created = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        var changed = created.Object.DeepClone();
        changed["metadata"]!["creationTimestamp"] = "2001-01-01T00:00:00Z";
        changed["metadata"]!["labels"] = new JsonObject { ["x"] = "y" };

        var updated = (await Api.PutAsync($"{ConfigMaps}/a", changed)).Expect(200);

        Assert.Equal((string?)created.Metadata["creationTimestamp"], (string?)updated.Metadata["creationTimestamp"]);
    }

    [Fact]
    public async Task Updating_what_is_not_there_is_not_found() => (await Api.PutAsync($"{Ingresses}/a", Ingress("a"))).Expect(404);

    [Fact]
    public async Task A_dry_run_answers_and_writes_nothing()
    {
        (await Api.PostAsync($"{ConfigMaps}?dryRun=All", ConfigMap("a"))).Expect(201);

        (await Api.GetAsync($"{ConfigMaps}/a")).Expect(404);
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_a_status_tells()
    {
        var created = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        var deleted = (await Api.DeleteAsync($"{ConfigMaps}/a")).Expect(200);

        Assert.Equal("Status Success", $"{deleted.Json!["kind"]} {deleted.Json["status"]}");
        Assert.Equal((string?)created.Metadata["uid"], (string?)deleted.Json["details"]!["uid"]);
        (await Api.GetAsync($"{ConfigMaps}/a")).Expect(404);
        (await Api.DeleteAsync($"{ConfigMaps}/a")).Expect(404);
    }

    [Fact]
    public async Task A_finalizer_holds_an_object_until_it_is_taken_off()
    {
        var ingress = Ingress("a");
        ingress["metadata"]!["finalizers"] = new JsonArray("polygate.example/hold");
        (await Api.PostAsync(Ingresses, ingress)).Expect(201);

        var deleted = (await Api.DeleteAsync($"{Ingresses}/a")).Expect(200);
        Assert.Equal("Ingress", (string?)deleted.Json!["kind"]);
        var held = (await Api.GetAsync($"{Ingresses}/a")).Expect(200);
        Assert.NotNull(held.Metadata["deletionTimestamp"]);
        Assert.Equal(2, (int?)held.Metadata["generation"]);
        Assert.Equal(0, (int?)held.Metadata["deletionGracePeriodSeconds"]);

        held.Metadata["finalizers"] = new JsonArray("polygate.example/hold", "polygate.example/more");
        (await Api.PutAsync($"{Ingresses}/a", held.Object)).Expect(422);
        held.Metadata.Remove("finalizers");
        (await Api.PutAsync($"{Ingresses}/a", held.Object)).Expect(200);
        (await Api.GetAsync($"{Ingresses}/a")).Expect(404);
    }

    [Theory]
    [InlineData("uid", "00000000-0000-0000-0000-000000000000")]
    [InlineData("resourceVersion", "1")]
    public async Task A_delete_may_be_for_one_object_alone(string field, string value)
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        var options = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1", ["preconditions"] = new JsonObject { [field] = value } };

        (await Api.DeleteAsync($"{ConfigMaps}/a", options)).Expect(409);

        (await Api.GetAsync($"{ConfigMaps}/a")).Expect(200);
    }

    [Fact]
    public async Task All_objects_that_a_selector_matches_are_deleted_at_once()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a", "{ drop: now }"))).Expect(201);
        (await Api.PostAsync(ConfigMaps, ConfigMap("b"))).Expect(201);

        (await Api.DeleteAsync($"{ConfigMaps}?labelSelector=drop%3Dnow")).Expect(200);

        (await Api.GetAsync($"{ConfigMaps}/a")).Expect(404);
        (await Api.GetAsync($"{ConfigMaps}/b")).Expect(200);
    }

    [Fact]
    public async Task A_namespace_being_deleted_takes_nothing_new()
    {
        var held = ConfigMap("held");
        held["metadata"]!["finalizers"] = new JsonArray("polygate.example/hold");
        (await Api.PostAsync(ConfigMaps, held)).Expect(201);

        var deleted = (await Api.DeleteAsync($"/api/v1/namespaces/{Namespace}")).Expect(200);
        Assert.Equal("Terminating", (string?)deleted.Json!["status"]!["phase"]);
        var refused = (await Api.PostAsync(ConfigMaps, ConfigMap("late"))).Expect(403);

        Assert.Contains("because it is being terminated", refused.Message, StringComparison.Ordinal);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
