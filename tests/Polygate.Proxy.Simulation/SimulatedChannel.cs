using System.Buffers;
using System.Net;
using System.Threading.Tasks.Sources;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Simulation;

/// <summary>
/// The engine's end of a connection whose other end is the test: what the engine receives comes in the pieces the test delivers, what it
/// sends is kept.
/// </summary>
public sealed class SimulatedChannel : Channel
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 50_000);
    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 8080);

    private readonly SimulatedLoop loop;
    private readonly bool inline;
    private readonly Queue<ReadOnlyMemory<byte>> incoming = new();
    private readonly ArrayBufferWriter<byte> sent = new();
    private readonly Operation receive;
    private readonly Operation send;
    private ReadOnlyMemory<byte> opened;
    private Memory<byte>? target;
    private bool isFinished;
    private bool isClosed;
    private int room = int.MaxValue;
    private ReadOnlyMemory<byte> unsent;
    private ReadOnlyMemory<byte> unsentSecond;

    /// <param name="loop">Whose channel it is.</param>
    /// <param name="inline">Whether what is there is received without a wait, as a socket's receive would that has data; otherwise every receive waits for the loop's next turn.</param>
    public SimulatedChannel(SimulatedLoop loop, bool inline = true)
    {
        this.loop = loop;
        this.inline = inline;
        receive = new Operation(this);
        send = new Operation(this);
    }

    public override EventLoop Loop => loop;

    public override IPEndPoint RemoteEndPoint => Client;

    public override IPEndPoint LocalEndPoint => Server;

    /// <summary>What the engine sent so far.</summary>
    public ReadOnlyMemory<byte> Sent => sent.WrittenMemory;

    /// <summary>The engine said that it sends nothing more.</summary>
    public bool IsShutDown { get; private set; }

    /// <summary>The engine broke the connection.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>The engine is done with it, one way or the other.</summary>
    public bool IsClosed => isClosed;

    /// <summary>The engine has taken all that was delivered and waits for more.</summary>
    public bool IsHungry => !isClosed && receive.IsPending && !HasSomething;

    /// <summary>Called with every piece that is sent.</summary>
    public Action<ReadOnlyMemory<byte>>? OnSent { get; set; }

    /// <summary>How many bytes the other side still takes before sends wait.</summary>
    public int Room
    {
        get => room;
        set
        {
            room = value;
            loop.Post(static channel => ((SimulatedChannel)channel!).ContinueSend(), this);
        }
    }

    /// <summary>Sends a piece to the engine.</summary>
    public void Deliver(ReadOnlyMemory<byte> piece)
    {
        if (piece.Length > 0)
            incoming.Enqueue(piece);

        loop.Post(static channel => ((SimulatedChannel)channel!).ContinueReceive(), this);
    }

    /// <summary>The other side sends nothing more.</summary>
    public void Finish()
    {
        isFinished = true;
        loop.Post(static channel => ((SimulatedChannel)channel!).ContinueReceive(), this);
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ThrowIfClosed();
        if (inline && HasSomething)
            return new ValueTask<int>(Take(buffer));

        target = buffer;
        return new ValueTask<int>(receive, BeginReceive());
    }

    public override ValueTask WaitToReceiveAsync()
    {
        ThrowIfClosed();
        if (inline && HasSomething)
            return default;

        target = null;
        return new ValueTask(receive, BeginReceive());
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => SendAsync(buffer, default);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        ThrowIfClosed();
        if (IsShutDown)
            throw new InvalidOperationException("A send after the end was announced.");

        unsent = first;
        unsentSecond = second;
        if (Flush())
            return default;

        var token = send.Begin(SendTimeout);
        return new ValueTask(send, token);
    }

    public override ValueTask ShutdownSendAsync()
    {
        ThrowIfClosed();
        IsShutDown = true;
        return default;
    }

    public override void Abort()
    {
        IsAborted |= !isClosed;
        Close();
    }

    protected override void LimitReceive(TimeSpan timeout)
    {
        if (receive.IsPending)
            receive.Extend(timeout);
    }

    protected override void Dispose(bool disposing) => Close();

    private bool HasSomething => !opened.IsEmpty || incoming.Count > 0 || isFinished;

    private short BeginReceive()
    {
        var token = receive.Begin(ReceiveTimeout);
        if (HasSomething)
            loop.Post(static channel => ((SimulatedChannel)channel!).ContinueReceive(), this);

        return token;
    }

    private int Take(Memory<byte> buffer)
    {
        if (opened.IsEmpty && !incoming.TryDequeue(out opened))
            return 0;

        var count = Math.Min(opened.Length, buffer.Length);
        opened[..count].CopyTo(buffer);
        opened = opened[count..];
        return count;
    }

    private void ContinueReceive()
    {
        if (!isClosed && receive.IsPending && HasSomething)
            receive.Complete(target is { } buffer ? Take(buffer) : 0, null);
    }

    private void ContinueSend()
    {
        if (isClosed || !send.IsPending)
            return;

        var before = unsent.Length + unsentSecond.Length;
        if (Flush())
            send.Complete(0, null);
        else if (unsent.Length + unsentSecond.Length < before)
            send.Extend(SendTimeout);
    }

    private bool Flush()
    {
        FlushPart(ref unsent);
        FlushPart(ref unsentSecond);
        return unsent.Length + unsentSecond.Length == 0;
    }

    private void FlushPart(ref ReadOnlyMemory<byte> part)
    {
        var count = Math.Min(part.Length, room);
        if (count == 0)
            return;

        room = room == int.MaxValue ? room : room - count;
        sent.Write(part.Span[..count]);
        OnSent?.Invoke(part[..count]);
        part = part[count..];
    }

    private void Expire(Operation operation)
    {
        if (operation == receive)
            receive.Complete(0, new ChannelException(ChannelError.TimedOut, "Nothing was received in time."));
        else
            Close(new ChannelException(ChannelError.TimedOut, "Nothing could be sent in time."));
    }

    private void Close(ChannelException? reason = null)
    {
        if (isClosed)
            return;

        isClosed = true;
        reason ??= new ChannelException(ChannelError.Aborted, "The connection was closed on this side.");
        foreach (var operation in (Operation[])[receive, send])
        {
            if (operation.IsPending)
                loop.Post(_ => operation.Fail(reason), null);
        }
    }

    private void ThrowIfClosed()
    {
        if (isClosed)
            throw new ChannelException(ChannelError.Aborted, "The connection was closed on this side.");
    }

    /// <summary>A receive or a send that waits.</summary>
    private sealed class Operation(SimulatedChannel channel) : IValueTaskSource<int>, IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<int> core;
        private LoopTimer timer;

        public bool IsPending { get; private set; }

        public short Begin(TimeSpan timeout)
        {
            if (IsPending)
                throw new InvalidOperationException("One operation at a time.");

            IsPending = true;
            Extend(timeout);
            return core.Version;
        }

        public void Extend(TimeSpan timeout)
        {
            timer.Cancel();
            timer = timeout == Timeout.InfiniteTimeSpan ? default : channel.loop.StartTimer(timeout, static state => ((Operation)state!).Expire(), this);
        }

        public void Fail(Exception reason)
        {
            if (IsPending)
                Complete(0, reason);
        }

        public void Complete(int result, Exception? failure)
        {
            IsPending = false;
            timer.Cancel();
            if (failure is null)
                core.SetResult(result);
            else
                core.SetException(failure);
        }

        public int GetResult(short token)
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

        void IValueTaskSource.GetResult(short token) => GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            core.OnCompleted(continuation, state, token, flags);

        private void Expire()
        {
            if (IsPending)
                channel.Expire(this);
        }
    }
}
