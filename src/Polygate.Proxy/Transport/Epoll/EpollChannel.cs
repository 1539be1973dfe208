using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A TCP socket on an <see cref="EpollLoop"/>. The system call is tried first and waited for only when it would block;
/// what a short receive tells (nothing more is there) spares the call that would find out.
/// </summary>
internal sealed unsafe partial class EpollChannel : Channel
{
    private const uint Interest = Libc.EpollIn | Libc.EpollOut | Libc.EpollPeerClosed | Libc.EpollEdge;
    private const uint Ended = Libc.EpollPeerClosed | Libc.EpollHangUp | Libc.EpollError;

    private readonly EpollLoop loop;
    private readonly Handle handle;
    private readonly bool isAccepted;
    private SocketAddress remoteAddress;
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

    public override void Abort() => Close(reset: true, new ChannelException(ChannelError.Aborted, "The connection was aborted."));

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
