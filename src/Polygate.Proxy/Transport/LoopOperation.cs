using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Polygate.Proxy.Transport;

/// <summary>Whose operation has run out of time.</summary>
internal interface IOperationOwner
{
    void OnExpired(LoopOperation operation);
}

/// <summary>
/// One thing that can be awaited on a loop, again and again, without allocation: a channel's receive, its send, a
/// delay. Begun, awaited and completed on its loop only; what awaits it runs where <see cref="Complete"/> is called.
/// Its deadline is kept lazily: completing leaves the timer where it is, so that an operation in the steady state costs
/// no timer work at all.
/// </summary>
internal class LoopOperation : TimerEntry, IValueTaskSource, IValueTaskSource<int>
{
    private static readonly Action<object?> Completed = static _ => { };

    private readonly IOperationOwner? owner;
    private Action<object?>? continuation;
    private object? continuationState;
    private Exception? error;
    private int result;
    private short version;
    private long deadline = long.MaxValue;

    internal LoopOperation(ThreadLoop loop, IOperationOwner? owner)
    {
        Loop = loop;
        this.owner = owner;
    }

    /// <summary>From <see cref="Begin"/> to <see cref="Complete"/>.</summary>
    internal bool IsPending { get; private set; }

    protected ThreadLoop Loop { get; }

    /// <summary>Starts; the next <see cref="AsValueTask"/> is of this turn.</summary>
    internal void Begin(TimeSpan timeout)
    {
        Debug.Assert(!IsPending && EventLoop.Current == Loop, "one operation at a time, on the loop");
        IsPending = true;
        continuation = null;
        continuationState = null;
        error = null;
        Extend(timeout);
    }

    /// <summary>Gives it this long from now on.</summary>
    internal void Extend(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            deadline = long.MaxValue;
            return;
        }

        deadline = Loop.Now + (timeout.Ticks / TimeSpan.TicksPerMillisecond);
        if (!IsLinked || DueTick * TimerWheel.Grain > deadline + TimerWheel.Grain)
        {
            Loop.Timers.Set(this, deadline);
        }
    }

    internal ValueTask<int> AsValueTaskOfInt() => new(this, version);

    internal ValueTask AsValueTask() => new(this, version);

    /// <summary>Ends it and runs what awaits it, here and now: for the loop's own dispatching only.</summary>
    internal void Complete(int value, Exception? failure = null)
    {
        var next = Settle(value, failure);
        if (next is not null)
        {
            next(continuationState);
        }
    }

    /// <summary>Ends it and runs what awaits it in the loop's next turn: for calls that come from the engine, which must not be re-entered.</summary>
    internal void CompleteLater(int value, Exception? failure = null)
    {
        var next = Settle(value, failure);
        if (next is not null)
        {
            Loop.Schedule(next, continuationState);
        }
    }

    /// <summary>Takes it out of the timers for good.</summary>
    internal void Retire() => Loop.Timers.Remove(this);

    internal sealed override void Fire()
    {
        if (!IsPending || deadline == long.MaxValue)
        {
            return;
        }

        if (deadline > Loop.Now)
        {
            Loop.Timers.Set(this, deadline);
            return;
        }

        if (owner is null)
        {
            Complete(0);
        }
        else
        {
            owner.OnExpired(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        Check(token);
        return IsPending ? ValueTaskSourceStatus.Pending
            : error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    public int GetResult(short token)
    {
        Check(token);
        if (IsPending)
        {
            throw new InvalidOperationException("The operation is still under way.");
        }

        version++;
        var failure = error;
        var value = result;
        error = null;
        continuationState = null;
        OnConsumed();
        return failure is null ? value : throw failure;
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <summary>
    /// Neither scheduling context nor execution context matter here: a loop has neither, and async methods carry their own.
    /// </summary>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(token);
        continuationState = state;
        if (this.continuation is null)
        {
            this.continuation = continuation;
        }
        else
        {
            // It ended between the question and the wait.
            Loop.Schedule(continuation, state);
        }
    }

    /// <summary>Its result was taken: it may be begun again.</summary>
    protected virtual void OnConsumed()
    {
    }

    private Action<object?>? Settle(int value, Exception? failure)
    {
        Debug.Assert(IsPending && EventLoop.Current == Loop, "ends once, on the loop");
        IsPending = false;
        deadline = long.MaxValue;
        result = value;
        error = failure;
        var next = continuation;
        continuation = Completed;
        return next;
    }

    private void Check(short token)
    {
        if (token != version)
        {
            throw new InvalidOperationException("The operation was awaited twice or after its end.");
        }
    }
}
