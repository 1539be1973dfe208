using System.Net;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Simulation;

/// <summary>
/// An event loop without a thread, sockets or a clock: the test is its thread, and time passes when the test says so. What
/// the engine does on it is the same in every run.
/// </summary>
public sealed class SimulatedLoop : EventLoop
{
    /// <summary>More turns than anything honest takes: what goes beyond hangs.</summary>
    private const int LongestRun = 10_000_000;

    private readonly Lock gate = new();
    private readonly Queue<(Action<object?> Action, object? State)> posted = new();
    private readonly PriorityQueue<Timer, (long Due, long Order)> timers = new();
    private long now;
    private long order;

    /// <summary>What <see cref="ConnectAsync"/> answers; by default nobody can be reached.</summary>
    public Func<IPEndPoint, SimulatedChannel>? Connecting { get; set; }

    public override int Index => 0;

    public override long Now => now;

    public override void Post(Action<object?> action, object? state)
    {
        lock (gate)
            posted.Enqueue((action, state));
    }

    /// <summary>Runs what was posted, until nothing is left to run. Time stands still.</summary>
    /// <exception cref="TimeoutException">It never ends.</exception>
    public void Run()
    {
        // The calling thread is the loop's for as long as this takes and no longer: on a pool's thread, whatever runs there later would
        // take itself for part of a loop that nobody runs any more.
        var before = Current;
        Current = this;
        try
        {
            for (var turns = 0; TryTake(out var item); turns++)
            {
                if (turns == LongestRun)
                    throw new TimeoutException("The loop runs for ever.");

                item.Action(item.State);
            }
        }
        finally
        {
            Current = before;
        }
    }

    /// <summary>Lets time pass, timer by timer.</summary>
    public void Advance(TimeSpan time)
    {
        var until = now + (long)time.TotalMilliseconds;
        Run();
        while (timers.TryPeek(out var timer, out var due) && due.Due <= until)
        {
            timers.Dequeue();
            now = Math.Max(now, due.Due);
            Post(static timer => ((Timer)timer!).Fire(), timer);
            Run();
        }

        now = until;
        Run();
    }

    public override ValueTask<Channel> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout) =>
        Connecting is null
            ? ValueTask.FromException<Channel>(new ChannelException(ChannelError.ConnectFailed, $"Nobody listens on {endpoint}."))
            : new ValueTask<Channel>(Connecting(endpoint));

    public override ValueTask DelayAsync(TimeSpan time)
    {
        var source = new TaskCompletionSource();
        StartTimer(time, static source => ((TaskCompletionSource)source!).SetResult(), source);
        return new ValueTask(source.Task);
    }

    public override LoopTimer StartTimer(TimeSpan time, Action<object?> callback, object? state)
    {
        var timer = new Timer(callback, state);
        timers.Enqueue(timer, (now + (long)time.TotalMilliseconds, order++));
        return new LoopTimer(timer, 0);
    }

    private bool TryTake(out (Action<object?> Action, object? State) item)
    {
        lock (gate)
            return posted.TryDequeue(out item);
    }

    private sealed class Timer(Action<object?> callback, object? state) : ICancellableTimer
    {
        private bool isOver;

        public void Cancel(int version) => isOver = true;

        public void Fire()
        {
            if (isOver)
                return;

            isOver = true;
            callback(state);
        }
    }
}
