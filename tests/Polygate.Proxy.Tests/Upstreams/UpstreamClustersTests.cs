using System.Collections.Immutable;
using System.Net;
using Polygate.Model;
using Polygate.Proxy.Upstreams;
using static Polygate.Proxy.Tests.Upstreams.UpstreamSamples;

namespace Polygate.Proxy.Tests.Upstreams;

public sealed class UpstreamClustersTests
{
    private static readonly Backend Named = new("b", new NamedEndpoints("set"));

    [Fact]
    public void Endpoints_that_stay_keep_their_object_and_those_that_go_are_retired()
    {
        var clusters = new UpstreamClusters();
        clusters.Update(WithSet(1, 2));
        var cluster = clusters.Get("b");
        var (first, second) = (cluster.Endpoints[0], cluster.Endpoints[1]);

        clusters.Update(WithSet(2, 3));

        Assert.Same(second, cluster.Endpoints[0]);
        Assert.Equal([2, 3], cluster.Endpoints.Select(endpoint => endpoint.Address.Port));
        Assert.True(first.IsRetired);
        Assert.False(second.IsRetired);
    }

    [Fact]
    public void Other_TLS_settings_make_new_endpoints()
    {
        var clusters = new UpstreamClusters();
        clusters.Update(Configuration(Backend(BalancingAlgorithm.RoundRobin, Weighted(1))));
        var before = clusters.Get("b").Endpoints[0];
        clusters.Update(Configuration(Backend(BalancingAlgorithm.RoundRobin, Weighted(1)) with { Tls = new BackendTls() }));

        Assert.NotSame(before, clusters.Get("b").Endpoints[0]);
        Assert.True(before.IsRetired);
    }

    [Fact]
    public async Task A_backend_lives_while_any_piece_declares_it_and_comes_back_as_the_same_cluster()
    {
        var time = new ManualTime();
        await using var clusters = new UpstreamClusters((_, _) => Task.FromResult<IPAddress[]>([]), time);
        var backend = Backend(BalancingAlgorithm.RoundRobin, Weighted(1));
        var cluster = clusters.Get("b");
        Assert.Null(cluster.Pick(Anything));

        clusters.Update(Configuration(backend, backend));
        Assert.NotNull(cluster.Pick(Anything));
        clusters.Update(Configuration(backend));
        Assert.NotNull(cluster.Pick(Anything));
        clusters.Update(GatewayConfiguration.Empty);
        (await time.NextTimerAsync()).Fire();
        Assert.Null(cluster.Pick(Anything));
        clusters.Update(Configuration(backend));
        Assert.NotNull(cluster.Pick(Anything));
        Assert.Same(cluster, clusters.Get("b"));
    }

    [Fact]
    public async Task A_backend_that_nothing_declares_any_more_still_serves_those_who_are_on_their_way_to_it()
    {
        var time = new ManualTime();
        await using var clusters = new UpstreamClusters((_, _) => Task.FromResult<IPAddress[]>([]), time);
        var backend = Backend(BalancingAlgorithm.RoundRobin, Weighted(1));
        clusters.Update(Configuration(backend));
        var cluster = clusters.Get("b");

        clusters.Update(GatewayConfiguration.Empty);
        Assert.NotNull(cluster.Pick(Anything));
        clusters.Update(Configuration(backend));
        (await time.NextTimerAsync()).Fire();

        Assert.NotNull(cluster.Pick(Anything));
    }

    [Fact]
    public void A_set_that_is_missing_or_appears_later_is_followed()
    {
        var clusters = new UpstreamClusters();
        clusters.Update(Configuration(Named));
        Assert.Null(clusters.Get("b").Pick(Anything));

        clusters.Update(WithSet(1));
        Assert.Equal(1, clusters.Get("b").Pick(Anything)!.Address.Port);
    }

    [Fact]
    public void Connections_are_counted_up_to_the_limit()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1)) with { CircuitBreaker = new CircuitBreaker { MaxConnections = 2 } });

        Assert.True(cluster.TryReserveConnection());
        Assert.True(cluster.TryReserveConnection());
        Assert.False(cluster.TryReserveConnection());
        cluster.ReleaseConnection();
        Assert.True(cluster.TryReserveConnection());
    }

    [Fact]
    public async Task A_host_name_is_resolved_again_and_again_and_the_last_good_answer_stays()
    {
        var time = new ManualTime();
        var answers = new Queue<IPAddress[]?>([[IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.1")], null, [], [IPAddress.Parse("127.0.0.3")]]);
        await using var clusters = new UpstreamClusters(
            (host, _) => host == "app.test" && answers.Dequeue() is { } found
                ? Task.FromResult(found)
                : Task.FromException<IPAddress[]>(new InvalidOperationException("no answer")),
            time);
        clusters.Update(Configuration(Backend(BalancingAlgorithm.RoundRobin, new Endpoint("app.test", 80))));

        // A timer is set when an attempt is over.
        var timer = await time.NextTimerAsync();
        Assert.Equal(TimeSpan.FromSeconds(30), timer.After);
        Assert.Equal(["127.0.0.1", "127.0.0.2"], Addresses(clusters));
        Assert.Equal("app.test:80", System.Text.Encoding.UTF8.GetString(clusters.Get("b").Endpoints[0].HostHeader.Span));

        timer.Fire();
        timer = await time.NextTimerAsync();
        Assert.Equal(["127.0.0.1", "127.0.0.2"], Addresses(clusters));
        Assert.Equal(TimeSpan.FromSeconds(1), timer.After);

        timer.Fire();
        timer = await time.NextTimerAsync();
        Assert.Equal(["127.0.0.1", "127.0.0.2"], Addresses(clusters));
        Assert.Equal(TimeSpan.FromSeconds(2), timer.After);

        timer.Fire();
        await time.NextTimerAsync();
        Assert.Equal(["127.0.0.3"], Addresses(clusters));
    }

    [Fact]
    public async Task Where_local_addresses_are_refused_no_name_and_no_way_of_writing_leads_to_them()
    {
        var time = new ManualTime();
        await using var clusters = new UpstreamClusters(
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse("::ffff:127.0.0.1"), IPAddress.Parse("10.0.0.5")]),
            time,
            refusesLocal: true);
        clusters.Update(Configuration(Backend(
            BalancingAlgorithm.RoundRobin, new Endpoint("rebound.test", 80), new Endpoint("127.0.0.1", 80), new Endpoint("::1", 80), new Endpoint("0.0.0.0", 80),
            new Endpoint("169.254.169.254", 80), new Endpoint("10.0.0.6", 80))));

        await time.NextTimerAsync();
        Assert.Equal(["10.0.0.5", "10.0.0.6"], Addresses(clusters).Order());
    }

    [Fact]
    public async Task A_name_that_comes_to_resolve_to_the_machine_itself_loses_its_endpoints()
    {
        var time = new ManualTime();
        var answers = new Queue<IPAddress[]>([[IPAddress.Parse("10.0.0.5")], [IPAddress.Loopback]]);
        await using var clusters = new UpstreamClusters((_, _) => Task.FromResult(answers.Dequeue()), time, refusesLocal: true);
        clusters.Update(Configuration(Backend(BalancingAlgorithm.RoundRobin, new Endpoint("rebound.test", 80))));

        var timer = await time.NextTimerAsync();
        Assert.Equal(["10.0.0.5"], Addresses(clusters));
        timer.Fire();
        await time.NextTimerAsync();
        Assert.Empty(Addresses(clusters));
    }

    private static IEnumerable<string> Addresses(UpstreamClusters clusters) =>
        clusters.Get("b").Endpoints.Select(endpoint => endpoint.Address.Address.ToString());

    private static GatewayConfiguration WithSet(params int[] ports) => Configuration(Named) with
    {
        EndpointSets = ImmutableDictionary<string, EndpointSet>.Empty.Add(
            "set", new EndpointSet("set", ports.Select(port => new Endpoint("127.0.0.1", port)).ToValueList())),
    };
}
