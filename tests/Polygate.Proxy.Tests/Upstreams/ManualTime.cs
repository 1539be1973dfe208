using System.Threading.Channels;

namespace Polygate.Proxy.Tests.Upstreams;

/// <summary>A clock that stands: timers go off when the test says so.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Channel<ManualTimer> timers = Channel.CreateUnbounded<ManualTimer>();

    /// <summary>The next timer that somebody sets.</summary>
    public ValueTask<ManualTimer> NextTimerAsync() => timers.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(callback, state, dueTime);
        timers.Writer.TryWrite(timer);
        return timer;
    }
}

internal sealed class ManualTimer(TimerCallback callback, object? state, TimeSpan after) : ITimer
{
    public TimeSpan After { get; } = after;

    public void Fire() => callback(state);

    public bool Change(TimeSpan dueTime, TimeSpan period) => true;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
