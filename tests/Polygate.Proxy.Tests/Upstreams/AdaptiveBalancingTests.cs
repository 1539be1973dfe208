using CsCheck;
using Polygate.Model;
using Polygate.Proxy.Tests.Routing;
using Polygate.Proxy.Upstreams;
using static Polygate.Proxy.Tests.Upstreams.UpstreamSamples;

namespace Polygate.Proxy.Tests.Upstreams;

/// <summary>Balancing that follows answer times, ages and groups, and sessions that hold keys.</summary>
public sealed class AdaptiveBalancingTests
{
    [Fact]
    public void By_answer_times_the_slow_endpoint_is_avoided()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.PeakEwma, Weighted(1, 1)));
        cluster.Endpoints[0].Latency.Observe(100, Environment.TickCount64, 10_000);
        cluster.Endpoints[1].Latency.Observe(1, Environment.TickCount64, 10_000);

        Assert.All(cluster.Ports(50), port => Assert.Equal(2, port));
    }

    [Fact]
    public void An_average_rises_to_a_peak_at_once_and_forgets_it_with_time()
    {
        var average = new LatencyAverage();
        average.Observe(10, now: 0, decay: 1000);
        average.Observe(100, now: 1, decay: 1000);
        Assert.Equal(100, average.At(1, 1000), 0.001);
        average.Observe(10, now: 2, decay: 1000);

        Assert.InRange(average.At(2, 1000), 99, 100);
        Assert.Equal(average.At(2, 1000) / Math.E, average.At(1002, 1000), 0.001);
    }

    [Fact]
    public void A_key_goes_to_a_group_of_endpoints_and_spreads_there()
    {
        var backend = Backend(BalancingAlgorithm.RingHash, Weighted([.. Enumerable.Repeat(1, 9)]));
        var cluster = Cluster(backend with { Balancing = new LoadBalancing(BalancingAlgorithm.RingHash) { HashOn = HashInput.Header, HashName = "k", SubsetSize = 3 } });

        var groups = Enumerable.Range(0, 60).Select(key => RoutingSamples.Request("a.test/", "GET", ("k", $"key {key}")))
            .Select(head => string.Join(',', Enumerable.Range(0, 60).Select(_ => cluster.Pick(head)!.Address.Port).Distinct().Order())).ToList();

        Assert.All(groups, group => Assert.Equal(3, group.Split(',').Length));
        Assert.Equal(3, groups.Distinct().Count());
    }

    [Fact]
    public void Keys_are_hashed_together_or_the_first_there_is_alone()
    {
        var keys = new[] { new HashKey(HashInput.Header, "a"), new HashKey(HashInput.Header, "b") };
        var together = new RequestHash(new LoadBalancing(BalancingAlgorithm.RingHash) { HashKeys = [.. keys] });
        var first = new RequestHash(new LoadBalancing(BalancingAlgorithm.RingHash) { HashKeys = [.. keys], FirstKeyOnly = true });

        Assert.Equal(first.Of(Head(("a", "1"), ("b", "2"))), first.Of(Head(("a", "1"), ("b", "3"))));
        Assert.Equal(first.Of(Head(("b", "2"))), first.Of(Head(("b", "2"))));
        Assert.NotEqual(together.Of(Head(("a", "1"), ("b", "2"))), together.Of(Head(("a", "1"), ("b", "3"))));
        Assert.Equal(together.Of(Head(("a", "1"), ("b", "2"))), together.Of(Head(("a", "1"), ("b", "2"))));
        Assert.NotEqual(together.Of(Head()), together.Of(Head()));

        static Polygate.Proxy.Http.RequestHead Head(params (string, string)[] headers) => RoutingSamples.Request("a.test/", "GET", headers);
    }

    [Fact]
    public void A_new_endpoint_gets_a_growing_share()
    {
        var endpoint = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1)) with { SlowStart = new SlowStart(TimeSpan.FromSeconds(10)) }).Endpoints[0];
        Assert.Equal(1, endpoint.ShareAt(0));

        endpoint.BeginSlowStart(0);
        Assert.Equal([0.1, 0.1, 0.25, 0.5, 1.0], new long[] { 0, 500, 2_500, 5_000, 10_000 }.Select(endpoint.ShareAt));
    }

    [Theory]
    [InlineData(BalancingAlgorithm.RoundRobin)]
    [InlineData(BalancingAlgorithm.LeastRequests)]
    [InlineData(BalancingAlgorithm.TwoRandomChoices)]
    [InlineData(BalancingAlgorithm.Random)]
    [InlineData(BalancingAlgorithm.PeakEwma)]
    public void An_endpoint_that_is_new_is_seldom_picked_at_first(BalancingAlgorithm algorithm)
    {
        var backend = Backend(algorithm, Weighted(1, 1)) with { SlowStart = new SlowStart(TimeSpan.FromHours(10)) };
        var cluster = Cluster(backend);
        cluster.Endpoints[1].BeginSlowStart(Environment.TickCount64);

        Assert.InRange(cluster.Ports(1000).Count(port => port == 2), 5, 250);
    }

    [Fact]
    public void A_key_of_a_session_belongs_to_its_endpoint_and_few_sessions_move_when_one_comes()
    {
        var endpoints = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted([.. Enumerable.Repeat(1, 11)]))).Endpoints;
        var before = new StickyRing([.. endpoints.Take(10)]);
        var after = new StickyRing(endpoints);

        Gen.Int[0, 9].Sample(index => before.OwnerOf(before.KeyFor(endpoints[index])!.Value) == endpoints[index]);
        var keys = Enumerable.Range(0, 4000).Select(i => before.KeyFor(endpoints[i % 10])!.Value).ToList();
        Assert.InRange(keys.Count(key => after.OwnerOf(key) != before.OwnerOf(key)), 1, 1200);
        Assert.All(keys, key => Assert.True(after.OwnerOf(key) == before.OwnerOf(key) || after.OwnerOf(key) == endpoints[10]));
        Assert.Null(before.KeyFor(endpoints[10]));
    }
}
