using System.Text;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Snapshots;
using Polygate.Kubernetes.Cluster.Watching;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Tests.Cluster;

/// <summary>What a restarted gateway finds of the objects that were served.</summary>
public sealed class ObjectJournalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> reports = [];

    private string File => Path.Combine(folder.Path, "snapshot");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_last_state_of_each_object_is_there_and_what_is_gone_is_not()
    {
        await WriteAsync(([Service("a", 1), Service("b", 1)], []), ([Service("a", 2)], []), ([], [Service("b", 1)]));

        var entry = Assert.Single(await ReadAsync());
        Assert.Equal(("", "Service", "default", "a", "v1"), (entry.Group, entry.Kind, entry.Namespace, entry.Name, entry.Version));
        Assert.Equal(2, (int)JsonNode.Parse(entry.Json.Span)!["spec"]!["ports"]![0]!["port"]!);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task There_is_nothing_before_the_first_run()
    {
        Assert.Empty(await ReadAsync());
        Assert.Empty(reports);
    }

    [Fact]
    public async Task A_line_that_was_cut_off_hides_no_other()
    {
        await WriteAsync(([Service("a", 1), Service("b", 1)], []));
        var bytes = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        await System.IO.File.WriteAllBytesAsync(File, bytes[..^10], TestContext.Current.CancellationToken);

        Assert.Equal(["a"], (await ReadAsync()).Select(entry => entry.Name));

        // And what is written behind it can be read.
        await WriteAsync(([Service("c", 1)], []));
        Assert.Equal(["a", "c"], (await ReadAsync()).Select(entry => entry.Name).Order());
    }

    [Fact]
    public async Task Only_its_owner_may_read_it()
    {
        await WriteAsync(([Service("a", 1)], []));

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public async Task Lines_that_no_longer_count_are_removed_now_and_then()
    {
        var large = new string('x', 100_000);
        await WriteAsync([.. Enumerable.Range(0, 200).Select(round => ((IReadOnlyList<ClusterObject>)[Service("a", 1 + round, large)], (IReadOnlyList<ClusterObject>)[]))]);

        // Two hundred states of 100 kB; four megabytes of them may be superfluous.
        Assert.InRange(new FileInfo(File).Length, 100_000, 6 << 20);
        var entry = Assert.Single(await ReadAsync());
        Assert.Equal(200, (int)JsonNode.Parse(entry.Json.Span)!["spec"]!["ports"]![0]!["port"]!);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_said_once_and_stops_nothing()
    {
        Directory.CreateDirectory(File + ".new");

        await WriteAsync(([Service("a", 1)], []), ([Service("a", 2)], []));

        Assert.Single(reports);
    }

    [Fact]
    public async Task An_object_with_line_ends_in_its_JSON_stays_one_line()
    {
        await WriteAsync(([Service("a", 1, "x", indent: true), Service("b", 1)], []));

        Assert.Equal(["a", "b"], (await ReadAsync()).Select(entry => entry.Name).Order());
        Assert.Equal(2, (await System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken)).Length);
    }

    private async Task WriteAsync(params (IReadOnlyList<ClusterObject> Set, IReadOnlyList<ClusterObject> Removed)[] changes)
    {
        await using var journal = new ObjectJournal(File, reports.Add);
        await foreach (var _ in journal.ReadAsync(TestContext.Current.CancellationToken))
        {
        }

        foreach (var (set, removed) in changes)
        {
            journal.Append(set, removed.Select(item => item.Resource));
        }
    }

    private async Task<List<JournalEntry>> ReadAsync()
    {
        await using var journal = new ObjectJournal(File, reports.Add);
        var entries = new List<JournalEntry>();
        await foreach (var entry in journal.ReadAsync(TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static ClusterObject Service(string name, int port, string note = "", bool indent = false)
    {
        var node = JsonNode.Parse($$"""{"metadata": {"name": "{{name}}", "namespace": "default", "annotations": {"note": "{{note}}"} }, "spec": {"ports": [{"port": {{port}} }] } }""")!;
        var json = Encoding.UTF8.GetBytes(indent ? node.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }) : node.ToJsonString());
        return ClusterObject.Read(WatchedKind.Of(CoreTypes.Service), "v1", ObjectScan.Of(json, withStatus: false), json, known: null, keepsJson: true);
    }
}
