using Polygate.Cluster.Tests.Servers;

namespace Polygate.Cluster.Tests.Contract;

public sealed class WatchTestsOnTheDouble(DoubleFixture server) : WatchTests(server), IClassFixture<DoubleFixture>;

[Collection(KubernetesCollection.Name)]
public sealed class WatchTestsOnKubernetes(KubernetesFixture server) : WatchTests(server);

/// <summary>Watches (Kubernetes documentation, "API concepts", efficient detection of changes).</summary>
public abstract class WatchTests(IServerUnderTest server) : ContractTests(server)
{
    private const string StreamingList = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

    [Fact]
    public async Task A_watch_goes_on_where_a_list_ended()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("before"))).Expect(201);
        var list = (await Api.GetAsync(ConfigMaps)).Expect(200);
        var made = (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        (await Api.PutAsync($"{ConfigMaps}/a", ConfigMap("a", value: "2"))).Expect(200);
        (await Api.DeleteAsync($"{ConfigMaps}/a")).Expect(200);

        using var watch = await Api.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={list.ResourceVersion}");
        var (added, modified, deleted) = (await watch.NextAsync(), await watch.NextAsync(), await watch.NextAsync());

        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], new[] { added, modified, deleted }.Select(change => change!.ToString()));
        Assert.Equal(made.ResourceVersion, added!.ResourceVersion);
        Assert.Equal("v1 ConfigMap", $"{added.Object["apiVersion"]} {added.Object["kind"]}");
        Assert.True(long.Parse(deleted!.ResourceVersion) > long.Parse(modified!.ResourceVersion));
        Assert.Equal("2", (string?)deleted.Object["data"]!["value"]);
    }

    [Theory]
    [InlineData("watch=1")]
    [InlineData("watch=true&resourceVersion=0")]
    public async Task A_watch_from_anywhere_begins_with_what_is_there(string query)
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        using var watch = await Api.WatchAsync($"{ConfigMaps}?{query}&fieldSelector=metadata.name%3Da");

        Assert.Equal("ADDED a", (await watch.NextAsync())!.ToString());
    }

    [Fact]
    public async Task A_streaming_list_ends_with_a_bookmark_that_says_so()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("b"))).Expect(201);
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);

        using var watch = await Api.WatchAsync($"{ConfigMaps}?{StreamingList}&labelSelector=!other");
        var first = (await watch.NextAsync())!;
        Assert.SkipWhen(
            first.Type == "ERROR" && first.Object["message"]!.ToString().Contains("RequestWatchProgress", StringComparison.Ordinal),
            "this server's etcd is too old for streaming lists");
        var events = new List<WatchEvent> { first, (await watch.NextAsync())!, (await watch.NextAsync())! };
        var last = (await Api.PostAsync(ConfigMaps, ConfigMap("c"))).Expect(201);
        var next = (await watch.NextChangeAsync())!;

        Assert.Equal(["ADDED a", "ADDED b", "BOOKMARK"], events.Select(change => change.ToString()));
        Assert.Equal("true", (string?)events[2].Object["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal("ConfigMap", (string?)events[2].Object["kind"]);
        Assert.True(long.Parse(events[2].ResourceVersion) >= events[..2].Max(change => long.Parse(change.ResourceVersion)));
        Assert.Equal(last.ResourceVersion, next.ResourceVersion);
    }

    [Theory]
    [InlineData("sendInitialEvents=true")]
    [InlineData("sendInitialEvents=true&resourceVersionMatch=Exact")]
    [InlineData("resourceVersionMatch=NotOlderThan&resourceVersion=1")]
    public async Task A_streaming_list_has_to_be_asked_for_whole(string query)
    {
        var refused = (await Api.GetAsync($"{ConfigMaps}?watch=true&{query}")).Expect(422);

        Assert.Contains("resourceVersionMatch", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_that_is_gone_is_an_error_event_with_410()
    {
        await Server.ExpireHistoryAsync();
        using var watch = await Api.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion=1");

        var error = (await watch.NextAsync())!;

        Assert.Equal("ERROR", error.Type);
        Assert.Equal("410 Expired", $"{error.Object["code"]} {error.Object["reason"]}");
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task An_object_that_begins_to_match_is_added_and_one_that_ceases_is_deleted()
    {
        (await Api.PostAsync(ConfigMaps, ConfigMap("a"))).Expect(201);
        var list = (await Api.GetAsync(ConfigMaps)).Expect(200);
        using var watch = await Api.WatchAsync($"{ConfigMaps}?watch=true&labelSelector=in%3Dyes&resourceVersion={list.ResourceVersion}");

        (await Api.PutAsync($"{ConfigMaps}/a", ConfigMap("a", "{ in: 'yes' }"))).Expect(200);
        (await Api.PutAsync($"{ConfigMaps}/a", ConfigMap("a", "{ in: 'yes' }", "2"))).Expect(200);
        var left = (await Api.PutAsync($"{ConfigMaps}/a", ConfigMap("a"))).Expect(200);
        (await Api.PostAsync(ConfigMaps, ConfigMap("end", "{ in: 'yes' }"))).Expect(201);

        var events = new List<WatchEvent>();
        for (var i = 0; i < 4; i++)
        {
            events.Add((await watch.NextAsync())!);
        }

        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a", "ADDED end"], events.Select(change => change.ToString()));
        Assert.Equal(left.ResourceVersion, events[2].ResourceVersion);
        // What is told of one that ceases to match is its last state that did.
        Assert.Equal("yes", (string?)events[2].Object["metadata"]!["labels"]?["in"]);
    }

    [Fact]
    public async Task A_watch_of_one_namespace_hears_nothing_of_others()
    {
        var list = (await Api.GetAsync(ConfigMaps)).Expect(200);
        using var watch = await Api.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={list.ResourceVersion}");
        var other = $"{Namespace}-b";
        (await Api.PostAsync("/api/v1/namespaces", Yaml($"{{ apiVersion: v1, kind: Namespace, metadata: {{ name: {other} }} }}"))).Expect(201);
        (await Api.PostAsync($"/api/v1/namespaces/{other}/configmaps", ConfigMap("other"))).Expect(201);
        (await Api.PostAsync(ConfigMaps, ConfigMap("own"))).Expect(201);

        Assert.Equal("ADDED own", (await watch.NextAsync())!.ToString());
    }

    [Fact]
    public async Task A_watch_ends_when_the_time_asked_for_is_over()
    {
        var list = (await Api.GetAsync(ConfigMaps)).Expect(200);

        using var watch = await Api.WatchAsync($"{ConfigMaps}?watch=true&timeoutSeconds=1&resourceVersion={list.ResourceVersion}");

        Assert.Null(await watch.NextChangeAsync());
    }

    [Fact]
    public async Task A_bookmark_tells_how_far_a_quiet_watch_is()
    {
        var list = (await Api.GetAsync(ConfigMaps)).Expect(200);
        using var watch = await Api.WatchAsync($"{ConfigMaps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=5&resourceVersion={list.ResourceVersion}&labelSelector=no%3Done");
        var elsewhere = (await Api.PostAsync(ConfigMaps, ConfigMap("elsewhere"))).Expect(201);

        // The real server sends one shortly before the time is over.
        WatchEvent bookmark;
        do
        {
            bookmark = (await watch.NextAsync())!;
            Assert.Equal("BOOKMARK", bookmark.Type);
        }
        while (long.Parse(bookmark.ResourceVersion) < long.Parse(elsewhere.ResourceVersion));
    }
}
