using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Polygate.Proxy.Transport;

#pragma warning disable CA2012 // Each awaiter is asked for its result once: here, or when it calls back.

namespace Polygate.Proxy.Http;

/// <summary>Learns what happens on a connection while nobody reads from it.</summary>
internal interface IInputOwner
{
    /// <summary>
    /// After <see cref="ChannelInput.Watch"/>: something was received, the other side has finished (<see cref="ChannelInput.IsEnded"/>), or the
    /// connection failed (<see cref="ChannelInput.Failure"/>). The next <see cref="ChannelInput.FillAsync"/> reports it again.
    /// </summary>
    void OnInput();
}

/// <summary>
/// What is received on a channel, in a buffer that is held only while there is something in it. One wait serves two purposes: while a
/// connection has nothing to read for (an exchange waits for its backend, a pooled connection waits for work), <see cref="Watch"/>
/// notices the other side's leaving, and the next <see cref="FillAsync"/> takes that same wait over.
/// </summary>
internal sealed class ChannelInput : IValueTaskSource<int>
{
    private readonly Channel channel;
    private readonly IInputOwner owner;
    private readonly Action waited;
    private readonly Action received;
    private ManualResetValueTaskSourceCore<int> core;
    private ValueTaskAwaiter waitAwaiter;
    private ValueTaskAwaiter<int> receiveAwaiter;
    private Phase phase;
    private bool reported;
    private bool awaited;
    private int count;
    private long deadline;
    private byte[]? buffer;
    private int start;
    private int end;
    private bool isClosed;

    public ChannelInput(Channel channel, IInputOwner owner)
    {
        this.channel = channel;
        this.owner = owner;
        waited = OnWaited;
        received = OnReceived;
    }

    private enum Phase
    {
        Nothing,
        Waiting,
        Receiving,
    }

    /// <summary>The other side has finished sending.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>How the connection failed, if it did while it was watched.</summary>
    public ChannelException? Failure { get; private set; }

    public bool IsEmpty => start == end;

    /// <summary>What was received and not yet taken. Valid until <see cref="FillAsync"/> or <see cref="Watch"/>.</summary>
    public ReadOnlySpan<byte> Span => buffer.AsSpan(start, end - start);

    /// <inheritdoc cref="Span"/>
    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(start, end - start);

    /// <summary>Marks bytes as taken; the buffer stays until <see cref="ReleaseIfEmpty"/>.</summary>
    public void Advance(int bytes)
    {
        start += bytes;

        // Who takes bytes has seen them: a report of their arrival is no news any more.
        if (bytes > 0 && Failure is null && !IsEnded)
            reported = false;
    }

    /// <summary>Gives the buffer back when there is nothing in it and nothing being received into it.</summary>
    public void ReleaseIfEmpty()
    {
        if (start != end || buffer is null || phase == Phase.Receiving)
            return;

        BufferPool.Return(buffer);
        buffer = null;
        start = end = 0;
    }

    /// <summary>The size of the next buffer: large ones are for long bodies.</summary>
    public int PreferredSize { get; set; } = BufferPool.Standard;

    /// <summary>Waits in the background; the owner is told of what happens.</summary>
    /// <param name="timeout">For the wait, until somebody takes it over with a time of its own.</param>
    public void Watch(TimeSpan timeout)
    {
        if (phase != Phase.Nothing || reported || IsEnded || Failure is not null)
            return;

        SetDeadline(timeout);
        StartWait();
    }

    /// <summary>Receives more; completes with the number of bytes, 0 when the other side has finished.</summary>
    /// <exception cref="ChannelException">The connection broke or timed out.</exception>
    public ValueTask<int> FillAsync(TimeSpan timeout)
    {
        SetDeadline(timeout);
        if (!reported && phase == Phase.Nothing)
        {
            if (IsEnded)
                return new ValueTask<int>(0);

            StartReceive();
        }

        // What failed while nobody waited may have been the time limit of an earlier wait.
        if (reported && Failure is { Error: ChannelError.TimedOut } && channel.Loop.Now < deadline)
        {
            reported = false;
            Failure = null;
            StartWait();
        }

        if (reported)
        {
            reported = false;
            return Failure is null ? new ValueTask<int>(count) : ValueTask.FromException<int>(Failure);
        }

        awaited = true;
        return new ValueTask<int>(this, core.Version);
    }

    /// <summary>Gives the buffer back for good; nobody is told of anything any more. The channel is closed by its owner.</summary>
    public void Close()
    {
        isClosed = true;
        start = end = 0;
        ReleaseIfEmpty();
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        try
        {
            return core.GetResult(token);
        }
        finally
        {
            core.Reset();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);

    private void SetDeadline(TimeSpan timeout)
    {
        deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : channel.Loop.Now + (long)timeout.TotalMilliseconds;
        channel.ReceiveTimeout = timeout;
    }

    private void StartWait()
    {
        phase = Phase.Waiting;
        try
        {
            waitAwaiter = channel.WaitToReceiveAsync().GetAwaiter();
        }
        catch (ChannelException exception)
        {
            Report(exception);
            return;
        }

        if (waitAwaiter.IsCompleted)
            OnWaited();
        else
            waitAwaiter.UnsafeOnCompleted(waited);
    }

    private void OnWaited()
    {
        // What the wait would say is that the channel was closed: not worth an exception.
        if (isClosed && !awaited)
            return;

        try
        {
            waitAwaiter.GetResult();
        }
        catch (ChannelException exception)
        {
            if (!TryWaitOn(exception))
                Report(exception);

            return;
        }

        StartReceive();
    }

    /// <summary>A wait that was begun with one time limit and taken over with another goes on for the rest of it.</summary>
    private bool TryWaitOn(ChannelException exception)
    {
        if (exception.Error != ChannelError.TimedOut || channel.Loop.Now >= deadline)
            return false;

        channel.ReceiveTimeout = deadline == long.MaxValue
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds(deadline - channel.Loop.Now);
        StartWait();
        return true;
    }

    private void StartReceive()
    {
        phase = Phase.Receiving;
        MakeRoom();
        try
        {
            receiveAwaiter = channel.ReceiveAsync(buffer.AsMemory(end)).GetAwaiter();
        }
        catch (ChannelException exception)
        {
            Report(exception);
            return;
        }

        if (receiveAwaiter.IsCompleted)
            OnReceived();
        else
            receiveAwaiter.UnsafeOnCompleted(received);
    }

    private void OnReceived()
    {
        if (isClosed && !awaited)
        {
            phase = Phase.Nothing;
            ReleaseIfEmpty();
            return;
        }

        try
        {
            count = receiveAwaiter.GetResult();
        }
        catch (ChannelException exception)
        {
            Report(exception);
            return;
        }

        end += count;
        IsEnded = count == 0;
        Report(null);
    }

    private void Report(ChannelException? failure)
    {
        phase = Phase.Nothing;
        Failure = failure;
        ReleaseIfEmpty();
        if (awaited)
        {
            awaited = false;
            if (failure is null)
                core.SetResult(count);
            else
                core.SetException(failure);

            return;
        }

        reported = true;
        owner.OnInput();
    }

    /// <summary>Room behind what is there: by moving it to the front, or into a larger buffer.</summary>
    private void MakeRoom()
    {
        if (buffer is null)
        {
            buffer = BufferPool.Rent(PreferredSize);
            return;
        }

        if (start == end)
        {
            start = end = 0;
        }
        else if (end == buffer.Length && start > 0)
        {
            Span.CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            var larger = BufferPool.Rent(buffer.Length * 2);
            Span.CopyTo(larger);
            BufferPool.Return(buffer);
            buffer = larger;
        }
    }
}
