using System.Threading.Tasks.Sources;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2.Client;

/// <summary>
/// Wakes the one who waits on a loop for something to change, after whoever changes it is done, so that nobody is re-entered. What is told while
/// nobody waits is told to the next who does. One waiter at a time, who looks again at what it waits for. Allocates nothing.
/// </summary>
internal sealed class LoopSignal(EventLoop loop) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> core;
    private bool isSet;
    /// <summary>Whether somebody waits who has not been woken.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Completes after a <see cref="Set"/> since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        if (isSet)
        {
            isSet = false;
            return default;
        }

        IsAwaited = true;
        return new ValueTask(this, core.Version);
    }

    /// <summary>Forgets what was told. Nobody waits.</summary>
    public void Reset() => isSet = false;

    /// <summary>Wakes who waits, or will.</summary>
    public void Set()
    {
        if (!IsAwaited)
        {
            isSet = true;
            return;
        }

        IsAwaited = false;
        loop.Schedule(static signal => ((LoopSignal)signal!).core.SetResult(true), this);
    }

    void IValueTaskSource.GetResult(short token)
    {
        core.GetResult(token);
        core.Reset();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.None);
}
