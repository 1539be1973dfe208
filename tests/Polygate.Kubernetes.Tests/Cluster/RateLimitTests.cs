using Polygate.Kubernetes.Cluster.Statuses;

namespace Polygate.Kubernetes.Tests.Cluster;

/// <summary>How many requests a second are let through.</summary>
public sealed class RateLimitTests
{
    [Fact]
    public void It_grows_while_the_server_answers_quickly_and_not_beyond_its_bound()
    {
        var limit = new RateLimit(50, 100, TimeProvider.System, most: 60);
        for (var i = 0; i < 5; i++)
        {
            limit.Answered(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(55, limit.PerSecond);
        for (var i = 0; i < 50; i++)
        {
            limit.Answered(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(60, limit.PerSecond);
    }

    [Fact]
    public void It_goes_back_for_slow_answers_and_by_half_for_refusals_and_not_below_where_it_began()
    {
        var limit = new RateLimit(50, 100, TimeProvider.System, most: 500);
        for (var i = 0; i < 450; i++)
        {
            limit.Answered(TimeSpan.Zero);
        }

        limit.Answered(TimeSpan.FromSeconds(1));
        Assert.Equal(450, limit.PerSecond);
        limit.Refused();
        Assert.Equal(225, limit.PerSecond);
        for (var i = 0; i < 10; i++)
        {
            limit.Refused();
        }

        Assert.Equal(50, limit.PerSecond);
    }

    [Fact]
    public void Without_a_bound_of_its_own_it_stays()
    {
        var limit = new RateLimit(5, 25, TimeProvider.System);
        limit.Answered(TimeSpan.Zero);
        Assert.Equal(5, limit.PerSecond);
    }

    [Fact]
    public void What_is_left_of_a_burst_is_let_through_at_once_and_what_comes_after_waits()
    {
        var limit = new RateLimit(1, 2, new StoppedClock());

        Assert.True(limit.WaitAsync(CancellationToken.None).IsCompleted);
        Assert.True(limit.WaitAsync(CancellationToken.None).IsCompleted);
        using var given = new CancellationTokenSource();
        var waiting = limit.WaitAsync(given.Token);
        Assert.False(waiting.IsCompleted);
        given.Cancel();
    }

    /// <summary>A clock that stands.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
