using System.Diagnostics;
using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A TCP socket on an <see cref="EpollLoop"/>. The system call is tried first and waited for only when it would block;
/// what a short receive tells (nothing more is there) spares the call that would find out.
/// </summary>
internal sealed unsafe class EpollChannel : Channel
{
    private const uint Interest = Libc.EpollIn | Libc.EpollOut | Libc.EpollPeerClosed | Libc.EpollEdge;
    private const int NothingGathered = -1;
    private const uint Ended = Libc.EpollPeerClosed | Libc.EpollHangUp | Libc.EpollError;

    private readonly EpollLoop loop;
    private readonly Handle handle;
    private readonly LoopOperation receive;
    private readonly LoopOperation send;
    private readonly bool isAccepted;
    private SocketAddress remoteAddress;
    private ReceiveBudget budget;
    private Memory<byte> receiveBuffer;
    private IReceiveBuffer? lateBuffer;
    private OutgoingBytes unsent;
    private int gathered = NothingGathered;
    private int gatheredError;
    private bool waitsOnly;
    private bool mayReceive = true;
    private bool maySend = true;
    private bool hasEnded;
    private bool isReset;
    private bool isConnecting;
    private bool isClosed;

    private EpollChannel(EpollLoop loop, int descriptor, in SocketAddress remote, bool isAccepted)
    {
        this.loop = loop;
        this.isAccepted = isAccepted;
        remoteAddress = remote;
        handle = new Handle(this) { Descriptor = descriptor };
        receive = new LoopOperation(loop, handle);
        send = new LoopOperation(loop, handle);
        budget = new ReceiveBudget(loop);
    }

    public override EventLoop Loop => loop;

    public override IPEndPoint RemoteEndPoint => field ??= remoteAddress.ToEndPoint();

    public override IPEndPoint LocalEndPoint => field ??= isClosed ? new IPEndPoint(IPAddress.Any, 0) : ReadLocalEndPoint(handle.Descriptor);

    /// <summary>Takes over an accepted socket that was counted; false when it cannot be watched (it is then closed).</summary>
    internal static bool TryAccept(EpollLoop loop, int descriptor, in SocketAddress remote, out EpollChannel channel)
    {
        // What has come already is announced when watching begins.
        channel = new EpollChannel(loop, descriptor, remote, isAccepted: true) { mayReceive = false };
        return channel.TryWatch();
    }

    /// <exception cref="ChannelException">Refused at once.</exception>
    internal static EpollChannel BeginConnect(EpollLoop loop, IPEndPoint endpoint)
    {
        var address = SocketAddress.From(endpoint, out var length);
        var isIpv6 = endpoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var descriptor = Libc.Socket(
            isIpv6 ? Libc.AfInet6 : Libc.AfInet, Libc.SockStream | Libc.SockNonBlock | Libc.SockCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw SocketErrors.NotConnected(endpoint, Libc.Error);
        }

        _ = Libc.SetSocketOption(descriptor, Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
        var channel = new EpollChannel(loop, descriptor, address, isAccepted: false) { isConnecting = true };
        if (Libc.Connect(descriptor, &address, length) < 0 && Libc.Error is var error && error != Libc.InProgress)
        {
            channel.Dispose();
            throw SocketErrors.NotConnected(endpoint, error);
        }

        return channel.TryWatch() ? channel : throw SocketErrors.NotConnected(endpoint, Libc.NoBuffers);
    }

    /// <summary>Completes when the connection stands.</summary>
    internal ValueTask ConnectedAsync(TimeSpan timeout)
    {
        send.Begin(timeout);
        return send.AsValueTask();
    }

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

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => SendAsync(buffer, default);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        ThrowIfClosed();
        Debug.Assert(!send.IsPending, "one send at a time");
        unsent = new OutgoingBytes(first, second);
        if (maySend)
        {
            var error = SendRest();
            if (error != Libc.Again)
            {
                return error == 0 ? default : ValueTask.FromException(SocketErrors.Broken(error));
            }
        }

        send.Begin(SendTimeout);
        return send.AsValueTask();
    }

    public override ValueTask ShutdownSendAsync()
    {
        ThrowIfClosed();
        return Libc.Shutdown(handle.Descriptor, Libc.ShutWrite) == 0 ? default : ValueTask.FromException(SocketErrors.Broken(Libc.Error));
    }

    public override void Abort() => Close(reset: true, new ChannelException(ChannelError.Aborted, "The connection was aborted."));

    protected override void LimitReceive(TimeSpan timeout)
    {
        if (receive.IsPending)
        {
            receive.Extend(timeout);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close(reset: false, null);
        }
    }

    private static IPEndPoint ReadLocalEndPoint(int descriptor)
    {
        SocketAddress address;
        var length = SocketAddress.Capacity;
        return Libc.GetSocketName(descriptor, &address, &length) == 0 ? address.ToEndPoint() : new IPEndPoint(IPAddress.Any, 0);
    }

    private bool TryWatch()
    {
        try
        {
            loop.Add(handle, Interest);
            return true;
        }
        catch (System.Net.Sockets.SocketException exception)
        {
            loop.Report("Could not watch a connection.", exception);
            Dispose();
            return false;
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

    /// <summary>Sends what is left, as far as it goes. 0 when that was all, otherwise the error; <see cref="Libc.Again"/> to wait.</summary>
    private int SendRest()
    {
        while (unsent.Length > 0)
        {
            var length = unsent.Length;
            var count = unsent.SendOnce(handle.Descriptor);
            if (count < 0)
            {
                var error = Libc.Error;
                if (error == Libc.Interrupted)
                {
                    continue;
                }

                maySend = error != Libc.Again;
                isReset |= error != Libc.Again;
                return error;
            }

            unsent.Advance((int)count);
            if (count < length)
            {
                // Full: room is announced.
                maySend = false;
                return Libc.Again;
            }
        }

        unsent = default;
        return 0;
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

    private void OnEvents(uint events)
    {
        if (isConnecting)
        {
            OnConnected(events);
            return;
        }

        if ((events & (Libc.EpollIn | Ended)) != 0)
        {
            ContinueReceive();
        }

        if ((events & (Libc.EpollOut | Libc.EpollHangUp | Libc.EpollError)) != 0)
        {
            maySend = true;
            ContinueSend();
        }
    }

    private void OnConnected(uint events)
    {
        int error;
        uint length = sizeof(int);
        if (Libc.GetSocketOption(handle.Descriptor, Libc.SolSocket, Libc.SoError, &error, &length) < 0)
        {
            error = Libc.Error;
        }

        // A server that speaks first may have done so already: that is told in this event and not again.
        isConnecting = false;
        mayReceive = (events & (Libc.EpollIn | Ended)) != 0;
        hasEnded |= (events & Ended) != 0;
        if (send.IsPending)
        {
            send.Complete(0, error == 0 ? null : SocketErrors.NotConnected(RemoteEndPoint, error));
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

    private void ContinueSend()
    {
        if (isClosed || !send.IsPending)
        {
            return;
        }

        var before = unsent.Length;
        var error = SendRest();
        if (error != Libc.Again)
        {
            send.Complete(0, error == 0 ? null : SocketErrors.Broken(error));
        }
        else if (unsent.Length < before)
        {
            send.Extend(SendTimeout);
        }
    }

    private void OnExpired(LoopOperation operation)
    {
        if (operation == receive)
        {
            EndReceive(0, new ChannelException(ChannelError.TimedOut, "Nothing was received in time."));
        }
        else if (isConnecting)
        {
            send.Complete(0, SocketErrors.NotConnected(RemoteEndPoint, Libc.TimedOut));
        }
        else
        {
            Close(reset: true, new ChannelException(ChannelError.TimedOut, "Nothing could be sent in time."));
        }
    }

    private void ThrowIfClosed()
    {
        if (isClosed)
        {
            throw SocketErrors.ClosedHere();
        }
    }

    private void Close(bool reset, ChannelException? reason)
    {
        if (isClosed)
        {
            return;
        }

        isClosed = true;
        if (reset)
        {
            var linger = new Libc.Linger { OnOff = 1, Seconds = 0 };
            _ = Libc.SetSocketOption(handle.Descriptor, Libc.SolSocket, Libc.SoLinger, &linger, (uint)sizeof(Libc.Linger));
        }

        loop.Close(handle);
        loop.CountConnection(isAccepted ? -1 : 0);
        receive.Retire();
        send.Retire();
        receiveBuffer = default;
        lateBuffer = null;
        unsent = default;
        if (receive.IsPending)
        {
            receive.CompleteLater(0, reason ?? SocketErrors.ClosedHere());
        }

        if (send.IsPending)
        {
            send.CompleteLater(0, reason ?? SocketErrors.ClosedHere());
        }
    }

    /// <summary>How the loop and the operations see the channel (which is public, and none of their kind).</summary>
    private sealed class Handle(EpollChannel channel) : EpollHandle, IOperationOwner
    {
        public void OnExpired(LoopOperation operation) => channel.OnExpired(operation);

        internal override void Gather(uint events) => channel.Gather(events);

        internal override void OnEvents(uint events) => channel.OnEvents(events);

        internal override void Abandon() => channel.Abort();
    }
}
