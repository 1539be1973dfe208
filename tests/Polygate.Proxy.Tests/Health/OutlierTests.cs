using CsCheck;
using Polygate.Model;
using Polygate.Proxy.Health;
using Polygate.Proxy.Upstreams;
using static Polygate.Proxy.Tests.Upstreams.UpstreamSamples;

namespace Polygate.Proxy.Tests.Health;

/// <summary>Passive checks: which results take an endpoint out, and for how long.</summary>
public sealed class OutlierTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Failures_in_a_row_eject_and_a_success_between_them_does_not()
    {
        var run = new Run(new OutlierDetection { ConsecutiveFailures = 3, EjectionTime = Second });

        run.Answers(0, 500, 503, 200, 500, 599);
        Assert.False(run[0].IsEjectedAt(0));
        run.Answers(0, 500);
        Assert.True(run[0].IsEjectedAt(0));
        Assert.True(run[0].IsEjectedAt(999));
        Assert.False(run[0].IsEjectedAt(1000));
        Assert.False(run[1].IsEjectedAt(0));
    }

    [Fact]
    public void Gateway_errors_and_connection_errors_are_counted_apart()
    {
        var gateway = new Run(new OutlierDetection { ConsecutiveGatewayErrors = 2 });
        gateway.Answers(0, 500, 502, 500, 503);
        Assert.False(gateway[0].IsEjectedAt(0));
        gateway.Fails(0, EndpointResult.Broken);
        Assert.True(gateway[0].IsEjectedAt(0));

        var connection = new Run(new OutlierDetection { ConsecutiveConnectionErrors = 2, ConsecutiveTimeouts = 2 });
        connection.Answers(0, 500, 502, 503);
        connection.Fails(0, EndpointResult.TimedOut);
        Assert.False(connection[0].IsEjectedAt(0));
        connection.Fails(0, EndpointResult.ConnectFailed);
        Assert.True(connection[0].IsEjectedAt(0));
    }

    [Fact]
    public void Failures_in_a_window_add_up_across_successes_and_are_forgotten_after_it()
    {
        var run = new Run(new OutlierDetection { FailuresInWindow = 3, Window = TimeSpan.FromSeconds(10), FailureStatuses = [500] });

        run.Answers(0, 500, 200, 500);
        run.Now = 10_001;
        run.Answers(0, 500, 502);
        Assert.False(run[0].IsEjectedAt(run.Now));
        run.Answers(0, 500, 200, 500);
        Assert.True(run[0].IsEjectedAt(run.Now));
    }

    [Fact]
    public void An_ejection_after_another_lasts_longer_up_to_a_bound_and_shorter_again_with_time()
    {
        var run = new Run(new OutlierDetection { ConsecutiveFailures = 1, EjectionTime = Second, LongestEjection = TimeSpan.FromSeconds(3) });

        foreach (var length in new[] { 1000, 2000, 3000, 3000 })
        {
            run.Answers(0, 500);
            Assert.True(run[0].IsEjectedAt(run.Now + length - 1));
            Assert.False(run[0].IsEjectedAt(run.Now += length));
        }

        run.Now += 3500;
        run.Answers(0, 500);
        Assert.True(run[0].IsEjectedAt(run.Now + 1999));
        Assert.False(run[0].IsEjectedAt(run.Now + 2000));
    }

    [Fact]
    public void Only_an_active_check_brings_back_what_waits_for_one()
    {
        var run = new Run(new OutlierDetection { ConsecutiveFailures = 1, UntilHealthy = true }, hasChecks: true);
        run.Answers(0, 500);
        Assert.True(run[0].IsEjectedAt(long.MaxValue - 1));

        var without = new Run(new OutlierDetection { ConsecutiveFailures = 1, UntilHealthy = true, EjectionTime = Second });
        without.Answers(0, 500);
        Assert.False(without[0].IsEjectedAt(1000));
    }

    [Fact]
    public void An_endpoint_that_succeeds_much_less_often_than_the_others_is_ejected()
    {
        var run = new Run(new OutlierDetection { SuccessRate = new SuccessRateOutliers(Second) { MinimumRequests = 10, Deviations = 1 } }, count: 6);
        run.Answers(0, 200);
        for (var endpoint = 0; endpoint < 6; endpoint++)
            run.Answers(endpoint, [.. Enumerable.Repeat(endpoint == 3 ? 500 : 200, 20)]);

        run.Now = 1001;
        run.Answers(1, 200);

        Assert.Equal([3], Enumerable.Range(0, 6).Where(endpoint => run[endpoint].IsEjectedAt(run.Now)));
    }

    [Fact]
    public void Never_more_endpoints_are_out_than_allowed_but_one_may_always_be() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 100], Gen.Int[0, 11].Array[1, 60]).Sample((count, percent, failing) =>
        {
            var run = new Run(new OutlierDetection { ConsecutiveFailures = 1, MaximumEjectedPercent = percent, EjectionTime = TimeSpan.FromHours(1) }, count: count);
            foreach (var endpoint in failing)
                run.Answers(endpoint % count, 500);

            var ejected = Enumerable.Range(0, count).Count(endpoint => run[endpoint].IsEjectedAt(run.Now));
            return ejected >= 1 && ejected <= Math.Max(1, count * percent / 100);
        });

    private sealed class Run
    {
        private readonly OutlierDetector detector;
        private readonly UpstreamCluster cluster;

        public Run(OutlierDetection rules, bool hasChecks = false, int count = 3)
        {
            detector = new OutlierDetector(rules, hasChecks);
            cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted([.. Enumerable.Repeat(1, count)])) with { Outliers = rules });
        }

        public long Now { get; set; }

        public UpstreamEndpoint this[int index] => cluster.Endpoints[index];

        public void Answers(int endpoint, params int[] statuses)
        {
            foreach (var status in statuses)
                detector.Record(cluster.Endpoints, this[endpoint], EndpointResult.Answered, status, Now);
        }

        public void Fails(int endpoint, EndpointResult result) => detector.Record(cluster.Endpoints, this[endpoint], result, 0, Now);
    }
}
