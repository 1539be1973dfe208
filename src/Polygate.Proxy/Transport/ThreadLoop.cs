using System.Diagnostics;

namespace Polygate.Proxy.Transport;

/// <summary>
/// What every loop of this program shares: its thread, posted work, timers and the order of a turn (events, posted work,
/// deferred work, timers). An implementation adds where events come from.
/// </summary>
internal abstract class ThreadLoop : EventLoop
{
    private static readonly long Started = Stopwatch.GetTimestamp();

    private readonly PostQueue posted = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<CallbackTimer> freeTimers = new();
    private readonly Stack<DelayOperation> freeDelays = new();
    private readonly Action<string, Exception?> report;
    private readonly HoldWatch holds;
    private List<(Action<object?> Action, object? State)> ready = [];
    private List<(Action<object?> Action, object? State)> running = [];
    private long now;
    private int connections;
    private volatile bool stopping;

    protected ThreadLoop(int index, TransportOptions options)
    {
        Index = index;
        report = options.Report;
        holds = new HoldWatch(options.ReportHeld);
        Timers = new TimerWheel(entry => Guard(static state => ((TimerEntry)state!).Fire(), entry));
    }

    public override int Index { get; }

    public override long Now => now;

    /// <summary>How many connections it has, near enough for other threads to compare loops by.</summary>
    internal int Connections => Volatile.Read(ref connections);

    /// <summary>Counts turns: what was done in an earlier turn no longer counts against anyone.</summary>
    internal long Turn { get; private set; }

    internal TimerWheel Timers { get; }

    /// <summary>Completes when the thread has ended.</summary>
    internal Task Ended => ended.Task;

    public override void Post(Action<object?> action, object? state)
    {
        if (posted.Add(action, state))
        {
            Wake();
        }
    }

    public override ValueTask DelayAsync(TimeSpan time)
    {
        if (!freeDelays.TryPop(out var delay))
        {
            delay = new DelayOperation(this);
        }

        delay.Begin(time);
        return delay.AsValueTask();
    }

    public override LoopTimer StartTimer(TimeSpan time, Action<object?> callback, object? state)
    {
        if (!freeTimers.TryPop(out var timer))
        {
            timer = new CallbackTimer(this);
        }

        return timer.Start(Now + (long)time.TotalMilliseconds, callback, state);
    }

    internal void Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"loop {Index}" };
        thread.Start();
    }

    /// <summary>Ends the loop and breaks what is open on it. From any thread.</summary>
    internal void Stop() => Post(static loop => ((ThreadLoop)loop!).stopping = true, this);

    internal override void Schedule(Action<object?> action, object? state) => ready.Add((action, state));

    /// <summary>Runs an action so that whatever it throws is reported and goes no further.</summary>
    internal void Guard(Action<object?> action, object? state)
    {
        try
        {
            action(state);
        }
        catch (Exception exception)
        {
            report("An exception escaped to an event loop.", exception);
        }

        EndCallback();
    }

    /// <summary>A callback has ended: says so if it took long.</summary>
    protected void EndCallback() => holds.Next(this);

    internal void Report(string message, Exception? exception) => report(message, exception);

    internal void CountConnection(int change) => Interlocked.Add(ref connections, change);

    /// <summary>Waits for events, this many milliseconds at most (-1: for ever), or until <see cref="Wake"/>.</summary>
    protected abstract void WaitForEvents(int timeout);

    /// <summary>Handles the events the wait ended with.</summary>
    protected abstract void DispatchEvents();

    /// <summary>Ends the wait. From any thread.</summary>
    protected abstract void Wake();

    /// <summary>Breaks every connection of the loop.</summary>
    protected abstract void AbortAll();

    /// <summary>The thread is about to end.</summary>
    protected abstract void Release();

    private void Run()
    {
        Current = this;
        UpdateNow();
        while (!stopping)
        {
            RunTurn();
        }

        // What waits on a connection learns that it is gone, and may clean up in a few more turns.
        AbortAll();
        for (var turns = 0; turns < 100 && RunReady(); turns++)
        {
            posted.Run(this);
        }

        Release();
        ended.SetResult();
    }

    private void RunTurn()
    {
        var timeout = ready.Count > 0 || !posted.PrepareToWait() ? 0 : Timers.NextDelay(now);
        WaitForEvents(timeout);
        UpdateNow();
        holds.Begin();
        Turn++;
        DispatchEvents();
        posted.Run(this);
        RunReady();
        Timers.Advance(now);
    }

    private bool RunReady()
    {
        if (ready.Count == 0)
        {
            return false;
        }

        (ready, running) = (running, ready);
        foreach (var (action, state) in running)
        {
            Guard(action, state);
        }

        running.Clear();
        return true;
    }

    private void UpdateNow() => now = (long)Stopwatch.GetElapsedTime(Started).TotalMilliseconds;

    private sealed class DelayOperation(ThreadLoop loop) : LoopOperation(loop, owner: null)
    {
        protected override void OnConsumed() => Loop.freeDelays.Push(this);
    }

    private sealed class CallbackTimer(ThreadLoop loop) : TimerEntry, ICancellableTimer
    {
        private Action<object?>? callback;
        private object? state;
        private int version;

        internal LoopTimer Start(long due, Action<object?> action, object? actionState)
        {
            callback = action;
            state = actionState;
            loop.Timers.Set(this, due);
            return new LoopTimer(this, version);
        }

        public void Cancel(int version)
        {
            if (version == this.version)
            {
                loop.Timers.Remove(this);
                Recycle();
            }
        }

        internal override void Fire()
        {
            var action = callback!;
            var actionState = state;
            Recycle();
            action(actionState);
        }

        private void Recycle()
        {
            version++;
            callback = null;
            state = null;
            loop.freeTimers.Push(this);
        }
    }
}
