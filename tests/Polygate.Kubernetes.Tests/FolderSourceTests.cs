using Polygate.Kubernetes.Sources;
using static Polygate.Kubernetes.Tests.Manifests;

namespace Polygate.Kubernetes.Tests;

/// <summary>The watched folder, with a real file system and a real clock; nothing here waits for a fixed time.</summary>
public sealed class FolderSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Dictionary<string, string> served = [];

    public void Dispose()
    {
        cancellation.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("create")]
    [InlineData("overwrite")]
    [InlineData("replace")]
    [InlineData("rename")]
    [InlineData("delete")]
    [InlineData("new folder")]
    [InlineData("folder moved in")]
    [InlineData("folder moved out")]
    [InlineData("truncate and fill")]
    public async Task A_change_is_noticed(string change)
    {
        folder.Write("a.yaml", ConfigMap("a"));
        folder.Write("sub/b.yaml", ConfigMap("b"));
        await using var batches = await StartAsync("a=1 b=1");

        switch (change)
        {
            case "create":
                folder.Write("c.yaml", ConfigMap("c"));
                await UntilAsync(batches, "a=1 b=1 c=1");
                break;
            case "overwrite":
                folder.Write("sub/b.yaml", ConfigMap("b", "2"));
                await UntilAsync(batches, "a=1 b=2");
                break;
            case "replace":
                folder.Replace("a.yaml", ConfigMap("a", "2"));
                await UntilAsync(batches, "a=2 b=1");
                break;
            case "rename":
                File.Move(folder["a.yaml"], folder["a.txt"]);
                await UntilAsync(batches, "b=1");
                break;
            case "delete":
                File.Delete(folder["sub/b.yaml"]);
                await UntilAsync(batches, "a=1");
                break;
            case "new folder":
                folder.Write("x/y/c.yaml", ConfigMap("c"));
                await UntilAsync(batches, "a=1 b=1 c=1");
                folder.Write("x/y/c.yaml", ConfigMap("c", "2"));
                await UntilAsync(batches, "a=1 b=1 c=2");
                break;
            case "folder moved in":
                using (var other = new TemporaryFolder())
                {
                    other.Write("in/c.yaml", ConfigMap("c"));
                    Directory.Move(other["in"], folder["in"]);
                    await UntilAsync(batches, "a=1 b=1 c=1");
                }

                break;
            case "folder moved out":
                Directory.Move(folder["sub"], folder[".sub"]);
                await UntilAsync(batches, "a=1");
                break;
            default:
                folder.Write("a.yaml", "");
                folder.Write("a.yaml", ConfigMap("a", "2"));
                await UntilAsync(batches, "a=2 b=1");
                break;
        }
    }

    [Fact]
    public async Task A_swapped_ConfigMap_mount_is_noticed()
    {
        folder.Write("..v1/a.yaml", ConfigMap("a"));
        folder.Write("..v2/a.yaml", ConfigMap("a", "2"));
        File.CreateSymbolicLink(folder["..data"], "..v1");
        File.CreateSymbolicLink(folder["a.yaml"], "..data/a.yaml");
        await using var batches = await StartAsync("a=1");

        File.CreateSymbolicLink(folder["..data_tmp"], "..v2");
        folder.SwapLink("..data_tmp", "..data");
        await UntilAsync(batches, "a=2");
    }

    [Fact]
    public async Task A_folder_that_is_replaced_as_a_whole_is_watched_on()
    {
        folder.Write("config/a.yaml", ConfigMap("a"));
        folder.Write("next/a.yaml", ConfigMap("a", "2"));
        await using var batches = await StartAsync("a=1", "config");

        Directory.Move(folder["config"], folder["old"]);
        Directory.Move(folder["next"], folder["config"]);
        await UntilAsync(batches, "a=2");
        folder.Write("config/a.yaml", ConfigMap("a", "3"));
        await UntilAsync(batches, "a=3");
    }

    [Fact]
    public async Task A_folder_that_is_a_link_is_followed_when_the_link_is_swapped()
    {
        folder.Write("v1/a.yaml", ConfigMap("a"));
        folder.Write("v2/a.yaml", ConfigMap("a", "2"));
        Directory.CreateSymbolicLink(folder["config"], "v1");
        await using var batches = await StartAsync("a=1", "config");

        Directory.CreateSymbolicLink(folder["draft"], "v2");
        folder.SwapLink("draft", "config");
        await UntilAsync(batches, "a=2");
        folder.Write("v2/a.yaml", ConfigMap("a", "3"));
        await UntilAsync(batches, "a=3");
    }

    [Fact]
    public async Task A_burst_of_changes_comes_in_few_batches()
    {
        await using var batches = await StartAsync("");
        for (var i = 0; i < 200; i++)
        {
            folder.Write($"{i}.yaml", ConfigMap($"m{i:d3}"));
        }

        var count = await UntilAsync(batches, string.Join(" ", Enumerable.Range(0, 200).Select(i => $"m{i:d3}=1")));
        Assert.InRange(count, 1, 100);
    }

    [Fact]
    public async Task A_broken_edit_is_reported_and_serves_on()
    {
        folder.Write("a.yaml", ConfigMap("a"));
        await using var batches = await StartAsync("a=1");

        folder.Write("a.yaml", "{ broken, but longer than what stood here before, so that nothing waits: [");
        await batches.MoveNextAsync();

        Assert.True(batches.Current.IsEmpty);
        Assert.Equal("syntax previous-version", batches.Current.Codes());
    }

    private async Task<IAsyncEnumerator<ResourceBatch>> StartAsync(string expected, string sub = "")
    {
        var batches = new FolderSource(Path.Combine(folder.Path, sub), Reader).WatchAsync(cancellation.Token).GetAsyncEnumerator(cancellation.Token);
        await batches.MoveNextAsync();
        Take(batches.Current);
        Assert.Equal(expected, Served());
        return batches;
    }

    /// <summary>Takes batches until the folder serves what is expected; the test's own time limit ends a wait in vain.</summary>
    private async Task<int> UntilAsync(IAsyncEnumerator<ResourceBatch> batches, string expected)
    {
        var count = 0;
        while (Served() != expected)
        {
            cancellation.CancelAfter(TimeSpan.FromSeconds(60));
            Assert.True(await batches.MoveNextAsync());
            Take(batches.Current);
            count++;
        }

        return count;
    }

    private string Served() => string.Join(" ", served.Values.Order(StringComparer.Ordinal));

    private void Take(ResourceBatch batch)
    {
        foreach (var resource in batch.Removed)
        {
            served.Remove(resource.Name);
        }

        foreach (var resource in batch.Set.Concat(batch.Moved))
        {
            served[resource.Name] = new[] { resource }.Show();
        }
    }
}
