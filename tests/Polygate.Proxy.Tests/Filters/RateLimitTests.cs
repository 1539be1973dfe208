using System.Net;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Filters;

public sealed class RateLimitTests
{
    private static readonly RateLimitFilter TwoAnHour = new(2, TimeSpan.FromHours(1), 2) { RejectBody = "slow down" };

    [Fact]
    public void A_bucket_gives_its_burst_and_then_what_flows_in()
    {
        var limiter = new RateLimiter();
        bool Take(long at) => limiter.TryTake(1, perMillisecond: 0.001, burst: 2, now: at);

        Assert.True(Take(0));
        Assert.True(Take(0));
        Assert.False(Take(0));
        Assert.False(Take(999));
        Assert.True(Take(1000));
        Assert.False(Take(1000));
        Assert.True(Take(60_000));
        Assert.True(Take(60_000));
        Assert.False(Take(60_000));
    }

    [Fact]
    public void The_table_of_clients_is_bounded_and_the_active_ones_are_the_last_to_go()
    {
        var limiter = new RateLimiter();
        for (var i = 0; i < RateLimiter.MostKeys; i++)
        {
            limiter.TryTake((UInt128)i, perMillisecond: 1, burst: 1, now: 0);
        }

        limiter.TryTake(0, perMillisecond: 1, burst: 1, now: 10);
        Assert.True(limiter.TryTake(UInt128.MaxValue, perMillisecond: 1, burst: 1, now: 10));
        Assert.False(limiter.TryTake(0, perMillisecond: 1, burst: 1, now: 10));
        Assert.True(limiter.Count < RateLimiter.MostKeys);
    }

    [Fact]
    public async Task Clients_have_a_bucket_each_by_address_or_by_header()
    {
        var runtime = new RuntimeState();
        Assert.Equal([null, null, 429], await Statuses(runtime, TwoAnHour, From("10.0.0.1"), From("::ffff:10.0.0.1"), From("10.0.0.1")));
        Assert.Equal([null], await Statuses(runtime, TwoAnHour, From("10.0.0.2")));

        var byKey = TwoAnHour with { ByHeader = "X-Key", RejectStatus = 503 };
        Assert.Equal([null, null, 503, null], await Statuses(new RuntimeState(), byKey, Key("a"), Key("a"), Key("a"), Key("b")));
    }

    [Fact]
    public async Task Counts_survive_a_new_configuration_even_of_the_limit()
    {
        var runtime = new RuntimeState();
        var kept = FilterChain.Compile([TwoAnHour], "r", runtime, []);
        await Statuses(kept, From("10.0.0.1"), From("10.0.0.1"));

        var edited = FilterChain.Compile([TwoAnHour with { Burst = 1 }], "r", runtime, []);
        var other = FilterChain.Compile([TwoAnHour], "other", runtime, []);
        Assert.Equal([429], await Statuses(edited, From("10.0.0.1")));
        Assert.Equal([null], await Statuses(other, From("10.0.0.1")));
        GC.KeepAlive(kept);
    }

    private static RequestHead From(string address)
    {
        var head = Request("a.test/");
        head.ClientAddress = IPAddress.Parse(address);
        return head;
    }

    private static RequestHead Key(string key) => Request("a.test/", "GET", ("X-Key", key));

    private static Task<List<int?>> Statuses(RuntimeState runtime, Filter filter, params RequestHead[] heads) =>
        Statuses(FilterChain.Compile([filter], "r", runtime, []), heads);

    private static async Task<List<int?>> Statuses(FilterChain chain, params RequestHead[] heads)
    {
        var statuses = new List<int?>();
        var state = new FilterState();
        foreach (var head in heads)
        {
            state.Begin(80);
            statuses.Add((await chain.ApplyToRequestAsync(head, state))?.Status);
        }

        return statuses;
    }
}
