using Polygate.Testing.ApiServer;
using Polygate.Testing.ApiServer.Serving;

namespace Polygate.Cluster.Tests.Watching;

/// <summary>A list in pages of a server that forgets between two pages what they are of.</summary>
public sealed class PagedListTests
{
    /// <summary>More than two pages.</summary>
    private const int Many = 1_203;

    [Fact]
    public async Task It_is_begun_anew_and_nothing_that_is_known_goes_meanwhile()
    {
        await using var server = await TestApiServer.StartAsync();
        server.Faults.NoStreamingLists = true;
        for (var i = 0; i < Many; i++)
        {
            TestCluster.PutService(server, $"s{i}");
        }

        await using var cluster = await TestCluster.StartAsync(server);
        await cluster.UntilAsync(() => cluster.Names.Distinct().Count(name => name.StartsWith('s')) == Many);

        // The watch cannot go on either, so that everything is listed again; twice the second page is too late.
        server.Delete("services", "default", "s7");
        var lists = server.Calls.Count(IsFirstPage);
        var late = 0;
        server.Faults.Before = target =>
        {
            if (target.Contains("/services", StringComparison.Ordinal) && target.Contains("continue=", StringComparison.Ordinal) && late < 2)
            {
                late++;
                TestCluster.PutService(server, $"late{late}");
                server.ExpireHistory();
            }
        };
        server.ExpireHistory();
        server.DropWatches();
        await cluster.UntilAsync(() => cluster.Names.Contains("late2") && cluster.Gone.Contains("s7"));

        Assert.Equal(["s7"], cluster.Gone.Distinct());
        Assert.Equal(2, server.Calls.Count(call => call.Status == 410 && call.Target.Contains("continue=", StringComparison.Ordinal)));
        Assert.Equal(3, server.Calls.Count(IsFirstPage) - lists);
        Assert.Empty(cluster.Log);
    }

    private static bool IsFirstPage(ApiCall call) => call.Target.Contains("/services?limit=", StringComparison.Ordinal) && !call.Target.Contains("continue=", StringComparison.Ordinal);
}
