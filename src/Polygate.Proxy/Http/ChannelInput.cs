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

/// <summary>What came of <see cref="ChannelInput.Listen"/>.</summary>
internal enum Reception
{
    /// <summary>The owner will be told.</summary>
    Waits,

    /// <summary>There is more.</summary>
    Received,

    /// <summary>Nothing will come: see <see cref="ChannelInput.IsEnded"/> and <see cref="ChannelInput.Failure"/>.</summary>
    Over,
}

/// <summary>
/// What is received on a channel, in a buffer that is held only while there is something in it. One wait serves two purposes: while a
/// connection has nothing to read for (an exchange waits for its backend, a pooled connection waits for work), <see cref="Watch"/>
/// notices the other side's leaving, and the next <see cref="FillAsync"/> takes that same wait over.
/// </summary>
internal sealed class ChannelInput : IValueTaskSource<int>, IReceiveBuffer
{
    private const int HardlyUsedUntilSmaller = 16;

    private readonly Channel channel;
    private readonly IInputOwner owner;
    private readonly Action received;
    private ManualResetValueTaskSourceCore<int> core;
    private ValueTaskAwaiter<int> receiving;
    private bool isReceiving;

    /// <summary>What is received may be in the buffer already, behind what is told of.</summary>
    private bool isRoomTaken;
    private bool reported;
    private bool isAsking;
    private bool awaited;
    private int count;
    private long deadline;
    private byte[]? buffer;
    private int start;
    private int end;
    private bool isClosed;
    private int hardlyUsed;

    public ChannelInput(Channel channel, IInputOwner owner)
    {
        this.channel = channel;
        this.owner = owner;
        received = OnReceived;
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
        if (start != end || buffer is null || isRoomTaken)
            return;

        BufferPool.Return(buffer);
        buffer = null;
        start = end = 0;
    }

    /// <summary>The size of the next buffer: large ones are for long bodies. Follows what comes.</summary>
    public int PreferredSize { get; set; } = BufferPool.Small;

    /// <summary>Waits in the background; the owner is told of what happens.</summary>
    /// <param name="timeout">For the wait, until somebody takes it over with a time of its own.</param>
    public void Watch(TimeSpan timeout)
    {
        if (isReceiving)
            return;

        SetDeadline(timeout);
        ForgetEarlierLimit();
        if (!reported && !IsEnded && Failure is null)
            StartReceive();
    }

    /// <summary>Receives more, now or within this time; then the owner is told.</summary>
    public Reception Listen(TimeSpan timeout)
    {
        SetDeadline(timeout);
        ForgetEarlierLimit();
        if (IsEnded || Failure is not null)
            return Reception.Over;

        reported = false;
        if (!isReceiving)
        {
            isAsking = true;
            StartReceive();
            isAsking = false;
        }

        return isReceiving ? Reception.Waits : IsEnded || Failure is not null ? Reception.Over : Reception.Received;
    }

    /// <summary>Receives more; completes with the number of bytes, 0 when the other side has finished.</summary>
    /// <exception cref="ChannelException">The connection broke or timed out.</exception>
    public ValueTask<int> FillAsync(TimeSpan timeout)
    {
        SetDeadline(timeout);
        ForgetEarlierLimit();
        if (!reported && !isReceiving)
        {
            if (IsEnded)
                return new ValueTask<int>(0);

            StartReceive();
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

    /// <summary>A receive under way has this time from now on.</summary>
    private void SetDeadline(TimeSpan timeout)
    {
        deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : channel.Loop.Now + (timeout.Ticks / TimeSpan.TicksPerMillisecond);
        channel.ReceiveTimeout = timeout;
    }

    /// <summary>What failed while nobody waited may have been the time limit of an earlier wait.</summary>
    private void ForgetEarlierLimit()
    {
        if (Failure is { Error: ChannelError.TimedOut } && channel.Loop.Now < deadline)
        {
            reported = false;
            Failure = null;
        }
    }

    private void StartReceive()
    {
        isReceiving = true;
        try
        {
            receiving = channel.ReceiveAsync(this).GetAwaiter();
        }
        catch (ChannelException exception)
        {
            Report(exception);
            return;
        }

        if (receiving.IsCompleted)
            OnReceived();
        else
            receiving.UnsafeOnCompleted(received);
    }

    private void OnReceived()
    {
        isRoomTaken = false;

        // What the receive would say is that the channel was closed: not worth an exception.
        if (isClosed && !awaited)
        {
            isReceiving = false;
            ReleaseIfEmpty();
            return;
        }

        try
        {
            count = receiving.GetResult();
        }
        catch (ChannelException exception)
        {
            Report(exception);
            return;
        }

        end += count;
        IsEnded = count == 0;
        AdaptSize();
        Report(null);
    }

    /// <summary>A buffer that was filled is followed by a larger one, several that were hardly used by a smaller one.</summary>
    private void AdaptSize()
    {
        if (end == buffer!.Length)
        {
            PreferredSize = PreferredSize < BufferPool.Standard ? BufferPool.Standard : BufferPool.Large;
            hardlyUsed = 0;
        }
        else if (PreferredSize > BufferPool.Small && count <= BufferPool.Small / 2 && ++hardlyUsed == HardlyUsedUntilSmaller)
        {
            PreferredSize = PreferredSize > BufferPool.Standard ? BufferPool.Standard : BufferPool.Small;
            hardlyUsed = 0;
        }
    }

    private void Report(ChannelException? failure)
    {
        isReceiving = false;
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
        if (!isAsking)
            owner.OnInput();
    }

    Memory<byte> IReceiveBuffer.GetRoom()
    {
        MakeRoom();
        isRoomTaken = true;
        return buffer.AsMemory(end);
    }

    void IReceiveBuffer.ReturnRoom()
    {
        isRoomTaken = false;
        ReleaseIfEmpty();
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
