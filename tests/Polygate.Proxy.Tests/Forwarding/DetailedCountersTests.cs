using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Tests.Forwarding;

public sealed class DetailedCountersTests
{
    [Fact]
    public void Requests_are_counted_by_method_and_status_with_durations_and_sizes()
    {
        var counters = new DetailedCounters();
        counters.Count("GET"u8, 200, 3, 0, 11);
        counters.Count("GET"u8, 200, 70_000, 5, 20_000_000);
        counters.Count("GET"u8, 404, 1, 0, 0);
        counters.Count("POST"u8, 200, 1, 100, 0);

        Assert.Equal([("GET", 200), ("GET", 404), ("POST", 200)], counters.All.Select(detail => (detail.Method, detail.Status)));
        var first = counters.All[0];
        Assert.Equal((70_003, 5, 20_000_011), (first.DurationSum, first.RequestBytes, first.ResponseBytes));
        Assert.Equal((1, 1), (first.Durations[0], first.Durations[^1]));
        Assert.Equal((1, 1), (first.ResponseSizes[1], first.ResponseSizes[^1]));
        Assert.Equal(2, first.RequestSizes[0]);
    }

    [Fact]
    public void Methods_of_a_clients_own_are_one()
    {
        var counters = new DetailedCounters();
        counters.Count("BREW"u8, 200, 1, 0, 0);
        counters.Count("get"u8, 200, 1, 0, 0);

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
            counters.Count("GET"u8, 200, 1, 0, 0);
            counters.Count("BREW"u8, 404, 1, 0, 0);
        }
    }

    [Fact]
    public void Loops_are_added_up()
    {
        var metrics = new RouteMetrics();
        for (var loop = 0; loop < 2; loop++)
        {
            var counters = new RouteCounters { Details = new DetailedCounters() };
            counters.Details.Count("GET"u8, 200, 3, 1, 2);
            metrics.Add(counters);
        }

        var sum = Assert.Single(metrics.Details);
        Assert.Equal((6, 2, 4, 2), (sum.DurationSum, sum.RequestBytes, sum.ResponseBytes, sum.Durations[0]));
    }
}
