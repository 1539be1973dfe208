namespace Polygate.Cluster.Tests.Watching;

/// <summary>A clock that goes on when the test says so; timers go off as it passes them.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Alarm> alarms = [];
    private TimeSpan now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return now.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + new TimeSpan(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            var alarm = new Alarm(this, callback, state) { Due = Add(dueTime) };
            alarms.Add(alarm);
            return alarm;
        }
    }

    /// <summary>Whether somebody waits for a timer.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (gate)
            {
                return alarms.Exists(alarm => alarm.Due < TimeSpan.MaxValue);
            }
        }
    }

    public void Advance(TimeSpan time)
    {
        List<Alarm> due;
        lock (gate)
        {
            now += time;
            due = alarms.FindAll(alarm => alarm.Due <= now);
            due.ForEach(alarm => alarm.Due = TimeSpan.MaxValue);
        }

        due.ForEach(alarm => alarm.GoOff());
    }

    private TimeSpan Add(TimeSpan dueTime) => dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : now + dueTime;

    private sealed class Alarm(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; set; }

        public void GoOff() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Due = clock.Add(dueTime);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
