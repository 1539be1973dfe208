using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Tests.Cluster;

/// <summary>What becomes of a status when this gateway has something to say.</summary>
public sealed class StatusMergeTests
{
    private const string Before = "2020-01-01T00:00:00Z";
    private const string Now = "2026-05-04T03:02:01Z";

    private readonly StatusMerge merge = new(new StatusIdentity("example.com/ours"), DateTimeOffset.Parse(Now, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void A_condition_keeps_the_time_of_its_last_transition_while_its_status_stays()
    {
        var live = Json($$"""{"conditions":[{"type":"Accepted","status":"True","reason":"Old","lastTransitionTime":"{{Before}}"}]}""");

        Assert.Equal(Before, Time(Merge(live, """{"conditions":[{"type":"Accepted","status":"True","reason":"New"}]}""")));
        Assert.Equal(Now, Time(Merge(live, """{"conditions":[{"type":"Accepted","status":"False","reason":"New"}]}""")));
    }

    [Fact]
    public void Conditions_of_types_that_are_not_ours_stay_and_ours_that_are_no_longer_said_go()
    {
        var live = Json("""{"conditions":[{"type":"example.com/Checked","status":"True"},{"type":"PartiallyInvalid","status":"True"}]}""");

        var merged = Merge(live, """{"conditions":[{"type":"Accepted","status":"True"}]}""");

        Assert.Equal(["Accepted", "example.com/Checked"], merged["conditions"]!.AsArray().Select(condition => (string?)condition!["type"]));
    }

    [Fact]
    public void Parents_of_other_controllers_stay_where_they_are()
    {
        var live = Json("""
            {"parents":[{"controllerName":"example.com/ours","parentRef":{"name":"gone"}},{"controllerName":"example.com/theirs","parentRef":{"name":"x"}}]}
            """);

        var merged = Merge(live, """{"parents":[{"controllerName":"example.com/ours","parentRef":{"name":"new"}}]}""");

        Assert.Equal(["x", "new"], merged["parents"]!.AsArray().Select(parent => (string?)parent!["parentRef"]!["name"]));
    }

    [Fact]
    public void Nothing_to_say_takes_back_ones_own_parents_alone()
    {
        var live = Json("""{"parents":[{"controllerName":"example.com/ours"},{"controllerName":"example.com/theirs"}]}""");

        var merged = Merge(StatusShape.Conditions, live, null);

        Assert.Equal("example.com/theirs", (string?)Assert.Single(merged["parents"]!.AsArray())!["controllerName"]);
    }

    [Fact]
    public void Under_a_name_that_another_controller_reports_under_nothing_is_overwritten()
    {
        var wanted = Json("""{"statuses":{"gloo-system":{"state":"Accepted","reportedBy":"polygate"}}}""");

        var beside = Merge(StatusShape.ByController, Json("""{"statuses":{"gloo-system":{"state":"Rejected","reportedBy":"gloo"}}}"""), wanted);
        Assert.Equal(("Rejected", "Accepted"), ((string?)beside["statuses"]!["gloo-system"]!["state"], (string?)beside["statuses"]!["polygate"]!["state"]));

        var alone = Merge(StatusShape.ByController, [], wanted);
        Assert.Equal("Accepted", (string?)alone["statuses"]!["gloo-system"]!["state"]);
        Assert.Empty(Merge(StatusShape.ByController, alone, null)["statuses"]!.AsObject());
    }

    [Fact]
    public void An_Ingress_that_is_no_longer_ours_loses_the_addresses_that_we_wrote_and_no_others()
    {
        var ours = Json("""{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}""");
        var theirs = Json("""{"loadBalancer":{"ingress":[{"ip":"192.0.2.2"}]}}""");

        Assert.Empty(Merge(StatusShape.LoadBalancer, ours, null, ours)["loadBalancer"]!.AsObject());
        Assert.True(JsonNode.DeepEquals(theirs, Merge(StatusShape.LoadBalancer, theirs, null, ours)));
        Assert.True(JsonNode.DeepEquals(ours, Merge(StatusShape.LoadBalancer, ours, null, null)));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "{}")]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""", """{"b":null}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"x":1,"y":3}}""", """{"a":{"y":3}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1]}""", """{"a":[1]}""")]
    public void A_patch_holds_the_difference_alone(string before, string after, string patch) =>
        Assert.Equal(patch, Encoding.UTF8.GetString(JsonText.Of(
            (Before: Element(Json(before)), After: Element(Json(after))), static (both, writer) => MergePatch.Write(both.Before, both.After, writer))));

    private JsonObject Merge(JsonObject live, string wanted) => Merge(StatusShape.Conditions, live, Json(wanted));

    private JsonObject Merge(StatusShape shape, JsonObject live, JsonObject? wanted, JsonObject? written = null) => Json(Encoding.UTF8.GetString(JsonText.Of(
        merge, (to, writer) => to.Merge(shape, Element(live), Element(wanted), Element(written), writer))));

    private static JsonElement Element(JsonObject? json) => json is null ? default : JsonElement.Parse(json.ToJsonString());

    private static string? Time(JsonObject status) => (string?)status["conditions"]![0]!["lastTransitionTime"];

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;
}
