using System.Diagnostics;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Watching;

/// <summary>Watches that say nothing: because there is nothing to say, or because nobody is there any more.</summary>
public sealed class SilenceTests
{
    [Fact]
    public async Task A_silent_watch_is_opened_again_from_where_it_was_without_a_word()
    {
        await using var server = await TestApiServer.StartAsync(bookmarkInterval: TimeSpan.FromHours(1));
        TestCluster.PutService(server, "first");
        await using var cluster = await TestCluster.StartAsync(server, settings => settings with { WatchIdleTimeout = TimeSpan.FromMilliseconds(300) });

        await cluster.UntilAsync(() => Watches(server) > 3);
        TestCluster.PutService(server, "second");
        await cluster.UntilAsync(() => cluster.Names.Contains("second"));

        Assert.Equal(["first", "second"], cluster.Names.Where(name => name != "kubernetes").Distinct());
        Assert.Empty(cluster.Log);
    }

    [Fact]
    public async Task A_half_open_connection_is_given_up_within_seconds()
    {
        await using var server = await TestApiServer.StartAsync(bookmarkInterval: TimeSpan.FromHours(1));
        await using var cluster = await TestCluster.StartAsync(server);
        TestCluster.PutService(server, "before");
        await cluster.UntilAsync(() => cluster.Names.Contains("before"));

        server.Faults.HalfOpen();
        server.Faults.Clear();
        TestCluster.PutService(server, "after");
        var clock = Stopwatch.StartNew();

        // Five seconds by design; the server keeps the old connection open for good, and would say something there after an hour.
        await cluster.UntilAsync(() => cluster.Names.Contains("after"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"it took {clock.Elapsed.TotalSeconds:F1} s");
        TestContext.Current.TestOutputHelper?.WriteLine($"given up and made good after {clock.Elapsed.TotalSeconds:F1} s");
    }

    private static int Watches(TestApiServer server) => server.Calls.Count(call => call.Target.Contains("services?watch", StringComparison.Ordinal));
}
