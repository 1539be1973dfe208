using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Tests.Routing;
using Polygate.Proxy.Upstreams;
using static Polygate.Proxy.Tests.Upstreams.UpstreamSamples;

namespace Polygate.Proxy.Tests.Upstreams;

public sealed class BalancingTests
{
    [Fact]
    public void Round_robin_gives_every_round_each_its_weight_and_spreads_it()
    {
        var ports = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(3, 1, 2))).Ports(600);

        foreach (var round in ports.Chunk(6))
        {
            Assert.Equal([3, 1, 2], new[] { 1, 2, 3 }.Select(port => round.Count(picked => picked == port)));
        }

        Assert.DoesNotContain(ports.Zip(ports.Skip(1), ports.Skip(2)), three => three is (1, 1, 1));
    }

    [Fact]
    public void Weights_of_any_size_keep_their_proportion()
    {
        var ports = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1_000_000, 3_000_000, 0, 7_000_001))).Ports(11_000);

        Assert.InRange(ports.Count(port => port == 1), 950, 1_050);
        Assert.InRange(ports.Count(port => port == 2), 2_950, 3_050);
        Assert.DoesNotContain(3, ports);
    }

    [Theory]
    [InlineData(BalancingAlgorithm.RoundRobin)]
    [InlineData(BalancingAlgorithm.LeastRequests)]
    [InlineData(BalancingAlgorithm.TwoRandomChoices)]
    [InlineData(BalancingAlgorithm.Random)]
    [InlineData(BalancingAlgorithm.RingHash)]
    [InlineData(BalancingAlgorithm.Maglev)]
    public void Endpoints_without_weight_or_readiness_and_the_excluded_one_are_passed_over(BalancingAlgorithm algorithm)
    {
        var endpoints = Weighted(1, 0, 1, 1);
        endpoints[2] = endpoints[2] with { Ready = false };
        var cluster = Cluster(Backend(algorithm, endpoints));
        var first = cluster.Endpoints.Single(endpoint => endpoint.Address.Port == 1);

        Assert.All(cluster.Ports(50), port => Assert.Contains(port, new[] { 1, 4 }));
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(4, cluster.Pick(Anything, exclude: first)!.Address.Port));
    }

    [Theory]
    [InlineData(BalancingAlgorithm.RoundRobin)]
    [InlineData(BalancingAlgorithm.LeastRequests)]
    [InlineData(BalancingAlgorithm.TwoRandomChoices)]
    [InlineData(BalancingAlgorithm.Random)]
    [InlineData(BalancingAlgorithm.RingHash)]
    [InlineData(BalancingAlgorithm.Maglev)]
    public void Ejected_endpoints_are_passed_over_unless_all_are(BalancingAlgorithm algorithm)
    {
        var cluster = Cluster(Backend(algorithm, Weighted(1, 1, 1)));
        Fail(cluster.Endpoints[0], 3);
        Fail(cluster.Endpoints[2], 3);
        Assert.All(cluster.Ports(50), port => Assert.Equal(cluster.Endpoints[1].Address.Port, port));

        Fail(cluster.Endpoints[1], 3);
        Assert.NotNull(cluster.Pick(Anything));
    }

    [Fact]
    public void Ejections_double_up_to_a_minute_and_end_with_a_success()
    {
        var endpoint = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1))).Endpoints[0];
        endpoint.ConnectFailed(0);
        endpoint.ConnectFailed(0);
        Assert.False(endpoint.IsEjectedAt(0));

        var now = 0L;
        foreach (var seconds in new[] { 5, 10, 20, 40, 60, 60 })
        {
            endpoint.ConnectFailed(now);
            Assert.True(endpoint.IsEjectedAt(now + (seconds * 1000) - 1));
            Assert.False(endpoint.IsEjectedAt(now += seconds * 1000));
        }

        endpoint.ConnectSucceeded();
        endpoint.ConnectFailed(now);
        endpoint.ConnectFailed(now);
        Assert.False(endpoint.IsEjectedAt(now));
    }

    [Fact]
    public void The_least_loaded_endpoint_for_its_weight_is_picked()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.LeastRequests, Weighted(1, 2)));
        var picks = new List<int>();
        for (var i = 0; i < 9; i++)
        {
            var picked = cluster.Pick(Anything)!;
            picked.RequestStarted();
            picks.Add(picked.Address.Port);
        }

        Assert.Equal(6, picks.Count(port => port == 2));
        var relieved = cluster.Endpoints.Single(endpoint => endpoint.Address.Port == 1);
        relieved.RequestEnded();
        Assert.Equal(1, cluster.Pick(Anything)!.Address.Port);
    }

    [Fact]
    public void Of_two_random_choices_the_less_loaded_is_picked()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.TwoRandomChoices, Weighted(1, 1)));
        cluster.Endpoints[0].RequestStarted();

        Assert.All(cluster.Ports(50), port => Assert.Equal(cluster.Endpoints[1].Address.Port, port));
    }

    [Fact]
    public void Random_picks_follow_the_weights()
    {
        var ports = Cluster(Backend(BalancingAlgorithm.Random, Weighted(3, 1))).Ports(20_000);

        Assert.InRange(ports.Count(port => port == 1), 14_400, 15_600);
    }

    [Theory]
    [InlineData(BalancingAlgorithm.RingHash, 0)]
    [InlineData(BalancingAlgorithm.Maglev, 60)]
    public void Consistent_hashing_spreads_keys_keeps_them_and_moves_few_when_an_endpoint_goes(BalancingAlgorithm algorithm, int mostMovedBesides)
    {
        var balancing = new LoadBalancing(algorithm) { HashOn = HashInput.Header, HashName = "X-Key" };
        var all = Ports(Weighted(1, 1, 1));
        var fewer = Ports(Weighted(1, 0, 1));
        var weighted = Ports(Weighted(1, 1, 2));

        Assert.Equal(all, Ports(Weighted(1, 1, 1)));
        Assert.InRange(all.Count(port => port == 2), 450, 900);
        Assert.InRange(weighted.Count(port => port == 3), 800, 1_200);
        Assert.InRange(all.Zip(fewer).Count(pair => pair.First != 2 && pair.First != pair.Second), 0, mostMovedBesides);

        List<int> Ports(Endpoint[] endpoints)
        {
            var cluster = Cluster(Backend(algorithm, endpoints) with { Balancing = balancing });
            return [.. Enumerable.Range(0, 2_000).Select(key => PortOf(cluster, key))];
        }
    }

    public static TheoryData<HashInput, string, RequestHead, RequestHead> Hashed => new()
    {
        { HashInput.Header, "x-key", RoutingSamples.Request("a.test/1", "GET", ("X-Key", "v")), RoutingSamples.Request("b.test/2", "GET", ("x-key", "v")) },
        { HashInput.Cookie, "c", RoutingSamples.Request("a.test/1", "GET", ("Cookie", "c=v")), RoutingSamples.Request("b.test/2", "GET", ("cookie", "d=w; c=v")) },
        { HashInput.QueryParameter, "q", RoutingSamples.Request("a.test/1?q=v"), RoutingSamples.Request("b.test/2?p=w&q=v") },
        { HashInput.Path, "", RoutingSamples.Request("a.test/1?q=v"), RoutingSamples.Request("b.test/1") },
        { HashInput.ClientAddress, "", RoutingSamples.Request("a.test/1"), RoutingSamples.Request("b.test/2") },
    };

    [Theory]
    [MemberData(nameof(Hashed))]
    public void Requests_equal_in_what_is_hashed_go_to_the_same_endpoint(HashInput input, string name, RequestHead one, RequestHead other)
    {
        var hash = new RequestHash(new LoadBalancing(BalancingAlgorithm.RingHash) { HashOn = input, HashName = name });

        Assert.Equal(hash.Of(one), hash.Of(other));
    }

    [Fact]
    public void Requests_without_what_is_hashed_spread()
    {
        var balancing = new LoadBalancing(BalancingAlgorithm.Maglev) { HashOn = HashInput.Header, HashName = "X-Key" };
        var ports = Cluster(Backend(BalancingAlgorithm.Maglev, Weighted(1, 1)) with { Balancing = balancing }).Ports(200);

        Assert.Equal([1, 2], ports.Distinct().Order());
    }

    private static int PortOf(UpstreamCluster cluster, int key) =>
        cluster.Pick(RoutingSamples.Request("a.test/", "GET", ("x-key", $"key-{key}")))!.Address.Port;

    private static void Fail(UpstreamEndpoint endpoint, int times)
    {
        for (var i = 0; i < times; i++)
        {
            endpoint.ConnectFailed();
        }
    }
}
