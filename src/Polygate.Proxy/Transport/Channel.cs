using System.Net;
using System.Runtime.CompilerServices;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A duplex stream of bytes that belongs to one <see cref="EventLoop"/>: a TCP socket, or TLS over one. One receive and
/// one send may be under way at a time. Awaiting a member on the loop resumes on the loop, without a thread hop. A send that
/// fails leaves receiving possible (an answer may have come before the connection broke); whoever owns the channel
/// disposes it in every case. All members but the addresses are for the loop only.
/// </summary>
public abstract class Channel : IDisposable
{
    /// <summary>The loop all of this channel's work runs on.</summary>
    public abstract EventLoop Loop { get; }

    public abstract IPEndPoint RemoteEndPoint { get; }

    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>
    /// How long a receive or a wait may take before it fails with <see cref="ChannelException"/> (reason
    /// <see cref="ChannelError.TimedOut"/>); <see cref="Timeout.InfiniteTimeSpan"/> for ever. Coarse: within 100 ms late.
    /// Changed while one is under way, it gives that one so much time from now on. The connection stays usable: an answer can still be sent, and a
    /// later receive loses nothing.
    /// </summary>
    public TimeSpan ReceiveTimeout
    {
        get;
        set
        {
            field = value;
            LimitReceive(value);
        }
    }

    = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long a send may go without the other side taking a byte before it fails like a receive; the connection is
    /// then broken, for what was taken of the buffers is not known.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Receives at least one byte; 0 means the other side has finished sending.</summary>
    /// <exception cref="ChannelException">The connection broke, timed out or was aborted.</exception>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Completes when there is something to receive (or the end), so that an idle connection holds no buffer.</summary>
    /// <exception cref="ChannelException">The connection broke, timed out or was aborted.</exception>
    public abstract ValueTask WaitToReceiveAsync();

    /// <summary>
    /// Receives at least one byte into a buffer that is asked for only when there is something to receive, so that a connection that waits holds
    /// none; 0 means the other side has finished sending.
    /// </summary>
    /// <param name="buffer">Asked on the loop; it must not use any channel meanwhile.</param>
    /// <exception cref="ChannelException">The connection broke, timed out or was aborted.</exception>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    internal virtual async ValueTask<int> ReceiveAsync(IReceiveBuffer buffer)
    {
        await WaitToReceiveAsync();
        return await ReceiveAsync(buffer.GetRoom());
    }

    /// <summary>
    /// Sends all of the bytes. The buffer may be reused once this completes. Bytes may be held back until the loop's
    /// current batch of events is done, so that one system call carries them together; the task then still completes
    /// only when the buffer is free.
    /// </summary>
    /// <exception cref="ChannelException">The connection broke, timed out or was aborted.</exception>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> buffer);

    /// <summary>Sends several buffers as one, in order.</summary>
    /// <exception cref="ChannelException">The connection broke, timed out or was aborted.</exception>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second);

    /// <summary>Says that nothing more will be sent (FIN, or TLS close_notify and FIN).</summary>
    public abstract ValueTask ShutdownSendAsync();

    /// <summary>Breaks the connection at once (RST where the system can); operations under way fail. Safe to call twice, and from the loop only.</summary>
    public abstract void Abort();

    /// <summary>Gives the receive or wait under way, if there is one, this much time from now on.</summary>
    protected abstract void LimitReceive(TimeSpan timeout);

    /// <summary>Closes the connection and gives back what it holds.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>Where what is received goes.</summary>
internal interface IReceiveBuffer
{
    /// <summary>Room for at least one byte, which stays until the receive has ended or <see cref="ReturnRoom"/>.</summary>
    Memory<byte> GetRoom();

    /// <summary>There was nothing to receive after all: the wait goes on without the room.</summary>
    void ReturnRoom();
}

/// <summary>Why a <see cref="Channel"/> failed.</summary>
public enum ChannelError
{
    /// <summary>The other side reset or vanished.</summary>
    Reset,

    /// <summary>A time limit passed.</summary>
    TimedOut,

    /// <summary><see cref="Channel.Abort"/> was called.</summary>
    Aborted,

    /// <summary>The connection could not be made.</summary>
    ConnectFailed,

    /// <summary>The TLS handshake or record layer failed.</summary>
    Tls,
}

/// <summary>An operation on a <see cref="Channel"/> failed.</summary>
public sealed class ChannelException : IOException
{
    public ChannelException(ChannelError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    public ChannelError Error { get; }
}
