using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Polygate.Proxy.Transport;

/// <summary>
/// Builds async methods whose suspended state lives in objects that are pooled without bound on the thread, so that
/// any number of exchanges under way at once allocate nothing in the steady state (the runtime's pooling builder keeps
/// one object a method and core). Use it with <see cref="AsyncMethodBuilderAttribute"/>. The task must be awaited once.
/// The execution context does not flow.
/// </summary>
public struct LoopMethodBuilder
{
    private LoopMethodBuilder<Nothing> builder;

    public static LoopMethodBuilder Create() => default;

    public ValueTask Task => builder.Box is { } box ? new ValueTask(box, box.Version) : default;

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    public void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Called by no compiler for builders that box themselves.
    }

    public void SetResult() => builder.SetResult(default);

    public void SetException(Exception exception) => builder.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(builder.BoxFor(ref stateMachine).MoveNext);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(builder.BoxFor(ref stateMachine).MoveNext);

    internal readonly struct Nothing;
}

/// <inheritdoc cref="LoopMethodBuilder"/>
public struct LoopMethodBuilder<T>
{
    private T result;

    internal LoopBox<T>? Box { get; private set; }

#pragma warning disable CA1000 // The compiler asks for this very member.
    public static LoopMethodBuilder<T> Create() => default;
#pragma warning restore CA1000

    public readonly ValueTask<T> Task => Box is { } box ? new ValueTask<T>(box, box.Version) : new ValueTask<T>(result);

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    public void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Called by no compiler for builders that box themselves.
    }

    public void SetResult(T value)
    {
        if (Box is { } box)
            box.SetResult(value);
        else
            result = value;
    }

    public void SetException(Exception exception) => (Box ??= new FailedBox<T>()).SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(BoxFor(ref stateMachine).MoveNext);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(BoxFor(ref stateMachine).MoveNext);

    internal LoopBox<TStateMachine, T> BoxFor<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (Box is { } existing)
            return Unsafe.As<LoopBox<TStateMachine, T>>(existing);

        // The builder is a field of the state machine: it must know its box before the state machine is copied there.
        var box = LoopBox<TStateMachine, T>.Rent();
        Box = box;
        box.StateMachine = stateMachine;
        return box;
    }
}

/// <summary>
/// The end of a suspended async method, and who waits for it. Not generic, so that all methods share its code: what runs for every
/// request is to fit into the processor's caches.
/// </summary>
internal abstract class LoopCompletion
{
    private static readonly Action<object?> Ended = static _ => { };

    private Action<object?>? continuation;
    private object? continuationState;
    private Exception? error;

    /// <summary>Tells the turns of a reused object apart.</summary>
    public short Version { get; private set; }

    /// <summary>Ends it with a failure.</summary>
    public void SetException(Exception exception)
    {
        error = exception;
        Complete();
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        Check(token);
        return !ReferenceEquals(Volatile.Read(ref continuation), Ended) ? ValueTaskSourceStatus.Pending
            : error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    /// <summary>Execution and scheduling context do not matter on a loop.</summary>
    public void OnCompleted(Action<object?> next, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(token);
        continuationState = state;

        // A method that failed on another thread may have ended since it was asked.
        if (Interlocked.CompareExchange(ref continuation, next, null) is not null)
            ThreadPool.UnsafeQueueUserWorkItem(next, state, preferLocal: false);
    }

    /// <summary>Runs what waits for it.</summary>
    protected void Complete()
    {
        var next = Volatile.Read(ref continuation) ?? Interlocked.CompareExchange(ref continuation, Ended, null);
        if (next is null)
            return;

        continuation = Ended;
        next(continuationState);
    }

    /// <summary>Makes it ready for its next turn; gives the failure of this one.</summary>
    protected Exception? Recycle(short token)
    {
        Check(token);
        if (!ReferenceEquals(Volatile.Read(ref continuation), Ended))
            throw new InvalidOperationException("The method is still under way.");

        var failure = error;
        Version++;
        error = null;
        continuation = null;
        continuationState = null;
        return failure;
    }

    private void Check(short token)
    {
        if (token != Version)
            throw new InvalidOperationException("The task was awaited twice.");
    }
}

/// <summary>A suspended async method, and the task it returned.</summary>
internal abstract class LoopBox<T> : LoopCompletion, IValueTaskSource<T>, IValueTaskSource
{
    private T result = default!;

    public void SetResult(T value)
    {
        result = value;
        Complete();
    }

    public T GetResult(short token)
    {
        var failure = Recycle(token);
        var value = result;
        result = default!;
        Return();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);

        return value;
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <summary>Gives it back to the thread's store.</summary>
    protected abstract void Return();
}

/// <summary>The task of a method that failed before it was ever suspended.</summary>
internal sealed class FailedBox<T> : LoopBox<T>
{
    protected override void Return()
    {
    }
}

/// <inheritdoc cref="LoopBox{T}"/>
internal sealed class LoopBox<TStateMachine, T> : LoopBox<T>
    where TStateMachine : IAsyncStateMachine
{
    [ThreadStatic]
    private static LoopBox<TStateMachine, T>? free;

    private LoopBox<TStateMachine, T>? next;

    private LoopBox() => MoveNext = () => StateMachine!.MoveNext();

    public TStateMachine? StateMachine;

    public Action MoveNext { get; }

    public static LoopBox<TStateMachine, T> Rent()
    {
        var box = free;
        if (box is null)
            return new LoopBox<TStateMachine, T>();

        free = box.next;
        box.next = null;
        return box;
    }

    protected override void Return()
    {
        StateMachine = default;
        next = free;
        free = this;
    }
}
