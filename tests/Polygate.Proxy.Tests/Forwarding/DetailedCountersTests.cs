using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Tests.Forwarding;

public sealed class DetailedCountersTests
{
    private static readonly AttemptTimes NoBackend = new();

    [Fact]
    public void Requests_are_counted_by_method_and_status_with_durations_and_sizes()
    {
        var counters = new DetailedCounters();
        counters.Count("GET"u8, 200, 3, 0, 11, NoBackend);
        counters.Count("GET"u8, 200, 70_000, 5, 20_000_000, NoBackend);
        counters.Count("GET"u8, 404, 1, 0, 0, NoBackend);
        counters.Count("POST"u8, 200, 1, 100, 0, NoBackend);

        Assert.Equal([("GET", 200), ("GET", 404), ("POST", 200)], counters.All.Select(detail => (detail.Method, detail.Status)));
        var first = counters.All[0];
        Assert.Equal((70_003, 5, 20_000_011), (first.Durations.Total, first.RequestSizes.Total, first.ResponseSizes.Total));
        Assert.Equal((1, 1), (first.Durations.Buckets[0], first.Durations.Buckets[^1]));
        Assert.Equal((1, 1), (first.ResponseSizes.Buckets[1], first.ResponseSizes.Buckets[^1]));
        Assert.Equal(2, first.RequestSizes.Buckets[0]);
    }

    [Fact]
    public void Times_of_backends_are_counted_as_far_as_an_attempt_came()
    {
        var counters = new DetailedCounters();
        counters.Count("GET"u8, 200, 60, 0, 0, new AttemptTimes(0, 20, 50));
        counters.Count("GET"u8, 200, 60, 0, 0, NoBackend);
        counters.Count("GET"u8, 200, 60, 0, 0, new AttemptTimes(end: 7));

        var detail = Assert.Single(counters.All);
        Assert.Equal((3, 1, 1, 2), (detail.Durations.Count, detail.Connects.Count, detail.Heads.Count, detail.Ends.Count));
        Assert.Equal((0, 20, 57), (detail.Connects.Total, detail.Heads.Total, detail.Ends.Total));
        Assert.Equal((1, 1, 1), (detail.Connects.Buckets[0], detail.Heads.Buckets[2], detail.Ends.Buckets[3]));
    }

    [Fact]
    public void Methods_of_a_clients_own_are_one()
    {
        var counters = new DetailedCounters();
        counters.Count("BREW"u8, 200, 1, 0, 0, NoBackend);
        counters.Count("get"u8, 200, 1, 0, 0, NoBackend);

        Assert.Equal(RequestDetail.OtherMethod, Assert.Single(counters.All).Method);
    }

    [Fact]
    public void A_combination_that_was_seen_makes_no_new_list()
    {
        var counters = new DetailedCounters();
        Count();
        var before = counters.All;
        Count();

        Assert.Same(before, counters.All);

        void Count()
        {
            counters.Count("GET"u8, 200, 1, 0, 0, NoBackend);
            counters.Count("BREW"u8, 404, 1, 0, 0, NoBackend);
        }
    }

    [Fact]
    public void Loops_are_added_up()
    {
        var metrics = new RouteMetrics();
        for (var loop = 0; loop < 2; loop++)
        {
            var counters = new RouteCounters { Details = new DetailedCounters() };
            counters.Details.Count("GET"u8, 200, 3, 1, 2, NoBackend);
            metrics.Add(counters);
        }

        var sum = Assert.Single(metrics.Details);
        Assert.Equal((6, 2, 4, 2), (sum.Durations.Total, sum.RequestSizes.Total, sum.ResponseSizes.Total, sum.Durations.Buckets[0]));
    }
}
