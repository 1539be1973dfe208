using System.Diagnostics;

namespace Polygate.Proxy.Transport;

/// <content>Receiving.</content>
internal sealed unsafe partial class EpollChannel
{
    private const int NothingGathered = -1;

    private readonly LoopOperation receive;
    private ReceiveBudget budget;
    private Memory<byte> receiveBuffer;
    private IReceiveBuffer? lateBuffer;
    private int gathered = NothingGathered;
    private int gatheredError;
    private bool waitsOnly;
    private bool mayReceive = true;

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        Debug.Assert(buffer.Length > 0, "an empty receive would look like the end");
        ThrowIfClosed();
        if (mayReceive && !budget.IsSpent)
        {
            var count = Receive(buffer.Span, flags: 0, out var error);
            if (error == 0)
            {
                return new ValueTask<int>(count);
            }

            if (error != Libc.Again)
            {
                return ValueTask.FromException<int>(SocketErrors.Broken(error));
            }
        }

        receiveBuffer = buffer;
        BeginReceive();
        return receive.AsValueTaskOfInt();
    }

    internal override ValueTask<int> ReceiveAsync(IReceiveBuffer buffer)
    {
        ThrowIfClosed();
        if (mayReceive && !budget.IsSpent)
        {
            var count = Receive(buffer.GetRoom().Span, flags: 0, out var error);
            if (error == 0)
            {
                return new ValueTask<int>(count);
            }

            buffer.ReturnRoom();
            if (error != Libc.Again)
            {
                return ValueTask.FromException<int>(SocketErrors.Broken(error));
            }
        }

        lateBuffer = buffer;
        BeginReceive();
        return receive.AsValueTaskOfInt();
    }

    public override ValueTask WaitToReceiveAsync()
    {
        ThrowIfClosed();
        if (mayReceive && !budget.IsSpent && CanReceive())
        {
            return default;
        }

        waitsOnly = true;
        BeginReceive();
        return receive.AsValueTask();
    }

    protected override void LimitReceive(TimeSpan timeout)
    {
        if (receive.IsPending)
        {
            receive.Extend(timeout);
        }
    }

    private void BeginReceive()
    {
        receive.Begin(ReceiveTimeout);
        if (mayReceive)
        {
            // Its share of this turn is used up: its turn comes again after the others'.
            loop.Schedule(static channel => ((EpollChannel)channel!).ContinueReceive(), this);
        }
    }

    /// <summary>One receive; notes whether another can bring anything. Negative when it failed.</summary>
    private int Receive(Span<byte> buffer, int flags, out int error)
    {
        nint count;
        do
        {
            fixed (byte* start = buffer)
            {
                count = Libc.Receive(handle.Descriptor, start, (nuint)buffer.Length, flags);
            }

            error = count < 0 ? Libc.Error : 0;
        }
        while (error == Libc.Interrupted);

        if (error == Libc.Again)
        {
            mayReceive = false;
        }
        else if (error != 0)
        {
            isReset = true;
        }
        else if (count == 0 && isReset)
        {
            // An error is told once only: later the socket claims an orderly end.
            error = Libc.ConnectionReset;
        }
        else if (flags == 0)
        {
            // Edge-triggered: what comes after a short receive is announced. The end announced earlier is not again.
            mayReceive = hasEnded || count == 0 || count == buffer.Length;
            budget.Spend((int)count);
        }

        return (int)count;
    }

    /// <summary>Whether a receive would not wait (an error counts: the receive will tell it).</summary>
    private bool CanReceive()
    {
        Span<byte> one = stackalloc byte[1];
        Receive(one, Libc.MsgPeek, out var error);
        return error != Libc.Again;
    }

    /// <summary>What is waited for is received before any of it is acted upon; so the system's part of a turn comes in one go, and so does ours.</summary>
    private void Gather(uint events)
    {
        if (isConnecting || (events & (Libc.EpollIn | Ended)) == 0)
        {
            return;
        }

        hasEnded |= (events & Ended) != 0;
        isReset |= (events & Libc.EpollError) != 0;
        mayReceive = true;
        if (receive.IsPending && !waitsOnly)
        {
            gathered = ReceiveAwaited(out gatheredError);
        }
    }

    private void ContinueReceive()
    {
        if (isClosed || !receive.IsPending)
        {
            return;
        }

        if (waitsOnly)
        {
            EndReceive(0, null);
            return;
        }

        var error = gatheredError;
        var count = gathered != NothingGathered ? gathered : mayReceive ? ReceiveAwaited(out error) : NothingGathered;
        gathered = NothingGathered;
        gatheredError = 0;
        if (count != NothingGathered)
        {
            EndReceive(count, error == 0 ? null : SocketErrors.Broken(error));
        }
    }

    /// <summary>Receives what is waited for; <see cref="NothingGathered"/> when there is nothing yet.</summary>
    private int ReceiveAwaited(out int error)
    {
        var count = Receive(lateBuffer is null ? receiveBuffer.Span : lateBuffer.GetRoom().Span, flags: 0, out error);
        if (error == 0)
        {
            return count;
        }

        lateBuffer?.ReturnRoom();
        return error == Libc.Again ? NothingGathered : 0;
    }

    private void EndReceive(int count, ChannelException? failure)
    {
        receiveBuffer = default;
        lateBuffer = null;
        waitsOnly = false;
        receive.Complete(count, failure);
    }
}
