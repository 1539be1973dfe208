using System.Collections.Concurrent;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Leadership;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Watching;

/// <summary>Who leads, by clocks that go as the test says.</summary>
public sealed class LeaderElectorTests : IAsyncLifetime
{
    private readonly string kubeconfig = Path.GetTempFileName();
    private TestApiServer server = null!;
    private ApiClient api = null!;

    public async ValueTask InitializeAsync()
    {
        server = await TestApiServer.StartAsync();
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig());
        api = await ApiClient.CreateAsync(new ClusterSettings(kubeconfig));
    }

    public async ValueTask DisposeAsync()
    {
        api.Dispose();
        await server.DisposeAsync();
        File.Delete(kubeconfig);
    }

    [Fact]
    public async Task A_Lease_that_nobody_has_is_taken_and_renewed()
    {
        await using var one = new Replica(api, "one");
        await one.UntilAsync(isLeader: true);
        Assert.False(one.Elector.Lost.IsCancellationRequested);

        var renewed = Renewed;
        await one.PassAsync(TimeSpan.FromSeconds(3));
        await UntilAsync(() => Renewed != renewed);

        Assert.True(one.Elector.IsLeader);
        Assert.Equal("one", Holder);
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_is_none_by_its_own_clock_before_another_may_be()
    {
        await using var one = new Replica(api, "one");
        await one.UntilAsync(isLeader: true);
        var lost = one.Elector.Lost;
        server.Faults.Answer(500);

        one.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.True(one.Elector.IsLeader);
        one.Clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.False(one.Elector.IsLeader);

        // Who waits for the end of the term hears of it with the next attempt.
        await one.UntilAsync(isLeader: false);
        await UntilAsync(() => lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Another_takes_over_when_it_saw_no_renewal_for_the_whole_term_by_its_own_clock()
    {
        await using var one = new Replica(api, "one");
        await one.UntilAsync(isLeader: true);

        // The first one's clock stands still: it is stalled, and renews nothing.
        await using var two = new Replica(api, "two");
        await two.PassAsync(TimeSpan.FromSeconds(14));
        Assert.False(two.Elector.IsLeader);
        Assert.Equal("one", Holder);

        await two.PassAsync(TimeSpan.FromSeconds(4));
        await two.UntilAsync(isLeader: true);
        Assert.Equal("two", Holder);
    }

    [Fact]
    public async Task A_leader_whose_Lease_another_has_is_none()
    {
        await using var one = new Replica(api, "one");
        await one.UntilAsync(isLeader: true);
        var lease = server.Find("leases.coordination.k8s.io", "default", "polygate")!;
        (lease["apiVersion"], lease["kind"]) = ("coordination.k8s.io/v1", "Lease");
        lease["spec"]!["holderIdentity"] = "two";
        ((System.Text.Json.Nodes.JsonObject)lease["metadata"]!).Remove("resourceVersion");
        server.Write(lease);

        await one.PassAsync(TimeSpan.FromSeconds(3));

        await one.UntilAsync(isLeader: false);
        Assert.Contains(one.Log, line => line.Contains("no longer the leader", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_ends_gives_the_Lease_back_so_that_nobody_waits()
    {
        await using (var one = new Replica(api, "one"))
        {
            await one.UntilAsync(isLeader: true);
        }

        Assert.Equal("", Holder);
        await using var two = new Replica(api, "two");
        await two.UntilAsync(isLeader: true);
    }

    private string? Holder => (string?)server.Find("leases.coordination.k8s.io", "default", "polygate")?["spec"]?["holderIdentity"];

    private string? Renewed => (string?)server.Find("leases.coordination.k8s.io", "default", "polygate")?["spec"]?["renewTime"];

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; !holds(); i++)
        {
            Assert.True(i < 1500, "It did not come true within 30 s.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Replica : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task running;

        public Replica(ApiClient api, string identity)
        {
            Elector = new LeaderElector(api, new LeaderSettings("default", "polygate", identity), _ => { }, (_, message) => Log.Enqueue(message), Clock);
            running = Elector.RunAsync(stop.Token);
        }

        public ManualClock Clock { get; } = new();

        public LeaderElector Elector { get; }

        public ConcurrentQueue<string> Log { get; } = new();

        /// <summary>Lets time pass in small steps, each when the attempts before it are over.</summary>
        public async Task PassAsync(TimeSpan time)
        {
            for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
            {
                await LeaderElectorTests.UntilAsync(() => Clock.IsAwaited);
                Clock.Advance(TimeSpan.FromSeconds(1));
            }

            await LeaderElectorTests.UntilAsync(() => Clock.IsAwaited);
        }

        public async Task UntilAsync(bool isLeader)
        {
            for (var i = 0; Elector.IsLeader != isLeader; i++)
            {
                Assert.True(i < 1500, $"It did not come true within 30 s.\n{string.Join('\n', Log)}");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Elector.Dispose();
            stop.Dispose();
        }
    }
}
