using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A .NET socket on a loop. What can be done at once is done at once; otherwise a receive waits with an empty buffer, so
/// that a receive which timed out leaves neither a buffer nor a byte behind, and a send is .NET's.
/// </summary>
internal sealed class SocketsChannel : Channel, IOperationOwner
{
    private readonly SocketsLoop loop;
    private readonly Socket socket;
    private readonly SocketAsyncEventArgs waitArgs = new(true);
    private readonly SocketAsyncEventArgs sendArgs = new(true);
    private readonly LoopOperation receive;
    private readonly LoopOperation send;
    private ReceiveBudget budget;
    private Memory<byte> receiveBuffer;
    private ReadOnlyMemory<byte> sendRest;
    private ReadOnlyMemory<byte> sendNext;
    private bool waitUnderWay;
    private bool sendUnderWay;
    private bool waitsForBuffer;
    private bool isReset;
    private ChannelException? closed;

    /// <exception cref="SocketException">The other side is gone already.</exception>
    internal SocketsChannel(SocketsLoop loop, Socket socket, bool isAccepted)
    {
        this.loop = loop;
        IsAccepted = isAccepted;
        this.socket = socket;
        budget = new ReceiveBudget(loop);
        receive = new LoopOperation(loop, this);
        send = new LoopOperation(loop, this);
        RemoteEndPoint = Plain((IPEndPoint)socket.RemoteEndPoint!);
        LocalEndPoint = Plain((IPEndPoint)socket.LocalEndPoint!);
        waitArgs.UserToken = this;
        sendArgs.UserToken = this;
        waitArgs.Completed += static (_, args) => Post(args, static channel => ((SocketsChannel)channel!).OnReadable());
        sendArgs.Completed += static (_, args) => Post(args, static channel => ((SocketsChannel)channel!).OnSent());
    }

    internal bool IsAccepted { get; }

    public override EventLoop Loop => loop;

    public override IPEndPoint RemoteEndPoint { get; }

    public override IPEndPoint LocalEndPoint { get; }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ThrowIfClosed();
        if (!budget.IsSpent)
        {
            var count = Receive(buffer.Span, out var failure);
            if (failure is not null)
            {
                return ValueTask.FromException<int>(failure);
            }

            if (count >= 0)
            {
                return new ValueTask<int>(count);
            }
        }

        receive.Begin(ReceiveTimeout);
        receiveBuffer = buffer;
        waitsForBuffer = true;
        Wait();
        return receive.AsValueTaskOfInt();
    }

    public override ValueTask WaitToReceiveAsync()
    {
        ThrowIfClosed();
        receive.Begin(ReceiveTimeout);
        waitsForBuffer = false;
        Wait();
        return receive.AsValueTask();
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => SendAsync(buffer, default);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        ThrowIfClosed();
        sendRest = first;
        sendNext = second;
        if (SendAtOnce(out var failure))
        {
            return failure is null ? default : ValueTask.FromException(failure);
        }

        send.Begin(SendTimeout);
        SendRest();
        return send.AsValueTask();
    }

    public override ValueTask ShutdownSendAsync()
    {
        ThrowIfClosed();
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            return default;
        }
        catch (SocketException exception)
        {
            return ValueTask.FromException(Failure(exception.SocketErrorCode));
        }
    }

    public override void Abort()
    {
        if (closed is null)
        {
            Close(new ChannelException(ChannelError.Aborted, "The connection was aborted."), reset: true);
        }
    }

    protected override void LimitReceive(TimeSpan timeout)
    {
        if (receive.IsPending)
        {
            receive.Extend(timeout);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && closed is null)
        {
            Close(new ChannelException(ChannelError.Aborted, "The connection was closed."), reset: false);
        }
    }

    void IOperationOwner.OnExpired(LoopOperation operation)
    {
        if (operation == receive)
        {
            receiveBuffer = default;
            receive.Complete(0, new ChannelException(ChannelError.TimedOut, "Nothing was received in time."));
        }
        else
        {
            // The buffer is .NET's until the send ends: closing ends it.
            Close(new ChannelException(ChannelError.TimedOut, "Nothing could be sent in time."), reset: true);
        }
    }

    private static void Post(SocketAsyncEventArgs args, Action<object?> action)
    {
        var channel = (SocketsChannel)args.UserToken!;
        channel.loop.Post(action, channel);
    }

    private static ChannelException Failure(SocketError error) =>
        new(ChannelError.Reset, $"The connection broke: {error}.", new SocketException((int)error));

    private static IPEndPoint Plain(IPEndPoint endpoint) =>
        endpoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endpoint.Address.MapToIPv4(), endpoint.Port) : endpoint;

    /// <summary>One receive; -1 when there is nothing yet.</summary>
    private int Receive(Span<byte> buffer, out ChannelException? failure)
    {
        var count = socket.Receive(buffer, SocketFlags.None, out var error);
        failure = null;
        if (error == SocketError.WouldBlock)
        {
            return -1;
        }

        if (error != SocketError.Success || (count == 0 && isReset))
        {
            // An error is told once only: later the socket would claim an orderly end.
            isReset = true;
            failure = Failure(error == SocketError.Success ? SocketError.ConnectionReset : error);
        }

        budget.Spend(count);
        return count;
    }

    /// <summary>Makes sure that readiness will be told; one wait is under way at most, whoever asked for it.</summary>
    private void Wait()
    {
        if (waitUnderWay)
        {
            return;
        }

        waitUnderWay = true;
        waitArgs.SetBuffer(Memory<byte>.Empty);
        if (!socket.ReceiveAsync(waitArgs))
        {
            loop.Schedule(static channel => ((SocketsChannel)channel!).OnReadable(), this);
        }
    }

    private void OnReadable()
    {
        waitUnderWay = false;
        if (closed is not null)
        {
            waitArgs.Dispose();
            return;
        }

        isReset |= waitArgs.SocketError != SocketError.Success;
        if (!receive.IsPending)
        {
            return;
        }

        if (!waitsForBuffer)
        {
            receive.Complete(0);
            return;
        }

        var count = Receive(receiveBuffer.Span, out var failure);
        if (count < 0)
        {
            Wait();
            return;
        }

        receiveBuffer = default;
        receive.Complete(count, failure);
    }

    /// <summary>Sends what goes at once; true when that is all, or failed.</summary>
    private bool SendAtOnce(out ChannelException? failure)
    {
        failure = null;
        while (sendRest.Length > 0 || sendNext.Length > 0)
        {
            if (sendRest.Length == 0)
            {
                (sendRest, sendNext) = (sendNext, default);
            }

            var count = socket.Send(sendRest.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                return false;
            }

            if (error != SocketError.Success)
            {
                isReset = true;
                failure = Failure(error);
                return true;
            }

            sendRest = sendRest[count..];
        }

        return true;
    }

    private void SendRest()
    {
        sendUnderWay = true;
        sendArgs.SetBuffer(MemoryMarshal.AsMemory(sendRest));
        if (!socket.SendAsync(sendArgs))
        {
            loop.Schedule(static channel => ((SocketsChannel)channel!).OnSent(), this);
        }
    }

    private void OnSent()
    {
        sendUnderWay = false;
        if (closed is not null)
        {
            sendArgs.Dispose();
            send.Complete(0, closed);
            return;
        }

        if (sendArgs.SocketError != SocketError.Success)
        {
            isReset = true;
            send.Complete(0, Failure(sendArgs.SocketError));
            return;
        }

        sendRest = sendRest[sendArgs.BytesTransferred..];
        if (sendRest.Length == 0)
        {
            (sendRest, sendNext) = (sendNext, default);
        }

        if (sendRest.Length == 0)
        {
            send.Complete(0);
            return;
        }

        send.Extend(SendTimeout);
        SendRest();
    }

    private void ThrowIfClosed()
    {
        if (closed is not null)
        {
            throw new ChannelException(closed.Error, closed.Message);
        }
    }

    private void Close(ChannelException reason, bool reset)
    {
        closed = reason;
        try
        {
            if (reset)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            else
            {
                // .NET resets a connection that is disposed of while something waits on it, unless its end was announced.
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // Gone already.
        }

        socket.Dispose();
        loop.Remove(this);
        receive.Retire();
        send.Retire();
        receiveBuffer = default;
        if (!waitUnderWay)
        {
            waitArgs.Dispose();
        }

        if (receive.IsPending)
        {
            receive.CompleteLater(0, reason);
        }

        if (sendUnderWay)
        {
            // It ends when the system has given the buffer back.
            return;
        }

        sendArgs.Dispose();
        if (send.IsPending)
        {
            send.CompleteLater(0, reason);
        }
    }
}
