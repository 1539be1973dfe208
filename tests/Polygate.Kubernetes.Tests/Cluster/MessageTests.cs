using System.Text;
using System.Text.Json;
using Polygate.Kubernetes.Cluster.Watching;

namespace Polygate.Kubernetes.Tests.Cluster;

/// <summary>What is read out of the API server's messages without making objects.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData("""{"metadata":{"name":"a","namespace":"n","resourceVersion":"2","generation":2,"managedFields":[{"x":1}]},"spec":{"p":1},"status":{"s":1}}""")]
    [InlineData("""{"kind":"Thing","apiVersion":"v1","metadata":{"name":"a","namespace":"n","resourceVersion":"3"},"spec":{"p":1}}""")]
    [InlineData("""{"metadata":{"name":"a","namespace":"n","finalizers":["f.example/x"]},"spec":{"p":1}}""")]
    [InlineData("""{"spec":{"p":1},"metadata":{"namespace":"n","name":"a"}}""")]
    public void Status_version_generation_finalizers_managed_fields_and_order_are_no_content(string json)
    {
        var scan = ObjectScan.Of(Utf8(json), withStatus: false);
        var plain = ObjectScan.Of(Utf8("""{"metadata":{"name":"a","namespace":"n","resourceVersion":"1"},"spec":{"p":1}}"""), withStatus: false);

        Assert.Equal(("n", "a"), (scan.Namespace, scan.Name));
        Assert.Equal(plain.Digest, scan.Digest);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"p":2}}""")]
    [InlineData("""{"metadata":{"name":"a","labels":{"l":"v"}},"spec":{"p":1}}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"p":1},"data":{}}""")]
    public void Everything_else_is_content(string json) => Assert.NotEqual(
        ObjectScan.Of(Utf8("""{"metadata":{"name":"a"},"spec":{"p":1}}"""), withStatus: false).Digest, ObjectScan.Of(Utf8(json), withStatus: false).Digest);

    [Fact]
    public void A_status_counts_where_it_is_read()
    {
        var one = Utf8("""{"metadata":{"name":"a"},"status":{"s":1}}""");
        var two = Utf8("""{"metadata":{"name":"a"},"status":{"s":2}}""");

        Assert.Equal(ObjectScan.Of(one, withStatus: false).Digest, ObjectScan.Of(two, withStatus: false).Digest);
        Assert.NotEqual(ObjectScan.Of(one, withStatus: true).Digest, ObjectScan.Of(two, withStatus: true).Digest);
        Assert.Equal("""{"s":2}""", Encoding.UTF8.GetString(two[ObjectScan.Of(two, withStatus: false).Status]));
    }

    [Fact]
    public void A_page_tells_where_its_objects_stand_and_how_to_go_on()
    {
        var json = Utf8("""{"kind":"List","metadata":{"resourceVersion":"7","continue":"next","remainingItemCount":3},"items":[{"a":[{}]},{"b":1}]}""");

        var page = ListPage.Read(json);

        Assert.Equal(("7", "next"), (page.Version, page.Continue));
        Assert.Equal(["""{"a":[{}]}""", """{"b":1}"""], page.Items.Select(item => Encoding.UTF8.GetString(json[item])));
        Assert.Empty(ListPage.Read(Utf8("""{"items":null,"metadata":{"resourceVersion":"7"}}""")).Items);
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"a":1}}""", "Set")]
    [InlineData("""{"object":{"a":1},"type":"DELETED"}""", "Removed")]
    [InlineData("""{"type":"BOOKMARK","object":{"a":1}}""", "Bookmark")]
    [InlineData("""{"type":"ERROR","object":{"a":1}}""", "Error")]
    public void A_line_of_a_watch_is_understood_in_any_order(string json, string kind)
    {
        var change = WatchEvent.Read(Utf8(json));

        Assert.Equal(kind, change.Kind.ToString());
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(Utf8(json)[change.Object]));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"OTHER","object":{}}""")]
    [InlineData("""{"type":"ADD""")]
    public void What_is_no_event_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => WatchEvent.Read(Utf8(json)));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
