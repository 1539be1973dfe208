using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// TLS over another channel, by <see cref="SslStream"/>, which runs where the other channel completes: on its loop.
/// While nothing is in flight no buffer is held.
/// </summary>
public sealed class TlsChannel : Channel
{
    /// <summary>The largest piece that goes into one record (RFC 8446 section 5.1).</summary>
    private const int RecordPayload = 16 * 1024;

    private readonly Channel inner;
    private readonly SslStream stream;
    private bool isSending;
    private bool isClosed;

    private TlsChannel(Channel inner, ReadOnlyMemory<byte> received)
    {
        this.inner = inner;
        stream = new SslStream(new ChannelStream(inner, received), leaveInnerStreamOpen: true);
    }

    public override EventLoop Loop => inner.Loop;

    public override IPEndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public override IPEndPoint LocalEndPoint => inner.LocalEndPoint;

    /// <summary>The ALPN result; empty when there was none.</summary>
    public string Protocol => stream.NegotiatedApplicationProtocol.ToString();

    public SslProtocols Version => stream.SslProtocol;

    /// <summary>Does the server's part of a handshake. On success the new channel owns the inner one, otherwise it is disposed.</summary>
    /// <param name="inner">What TLS is spoken over.</param>
    /// <param name="received">What was received already; left alone until the handshake has consumed it.</param>
    /// <param name="options">Certificate, versions, protocols.</param>
    /// <exception cref="ChannelException">The handshake failed (<see cref="ChannelError.Tls"/>) or the connection did.</exception>
    public static Task<TlsChannel> AcceptAsync(Channel inner, ReadOnlyMemory<byte> received, SslServerAuthenticationOptions options) =>
        HandshakeAsync(new TlsChannel(inner, received), options, static (stream, options) => stream.AuthenticateAsServerAsync(options));

    /// <summary>Does the client's part of a handshake. On success the new channel owns the inner one, otherwise it is disposed.</summary>
    /// <exception cref="ChannelException">The handshake failed (<see cref="ChannelError.Tls"/>) or the connection did.</exception>
    public static Task<TlsChannel> ConnectAsync(Channel inner, SslClientAuthenticationOptions options) =>
        HandshakeAsync(new TlsChannel(inner, default), options, static (stream, options) => stream.AuthenticateAsClientAsync(options));

    /// <summary>What the client presented to a listener that asked it to; null without a verifier.</summary>
    internal ClientIdentity? ClientBy(ClientVerifier? verifier) => verifier?.IdentityOf(stream);

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ThrowIfClosed();
        return ReadAsync(buffer);
    }

    public override ValueTask WaitToReceiveAsync()
    {
        ThrowIfClosed();
        return WaitAsync();
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => SendAsync(buffer, default);

    /// <summary>What fits goes into one record, and one system call.</summary>
    public override ValueTask SendAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        ThrowIfClosed();
        inner.SendTimeout = SendTimeout;
        return WriteAsync(first, second);
    }

    public override async ValueTask ShutdownSendAsync()
    {
        ThrowIfClosed();
        inner.SendTimeout = SendTimeout;
        try
        {
            await stream.ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ChannelException)
        {
            throw Translate(exception);
        }

        await inner.ShutdownSendAsync().ConfigureAwait(false);
    }

    public override void Abort()
    {
        if (!isClosed)
        {
            isClosed = true;
            inner.Abort();
            Release();
        }
    }

    protected override void LimitReceive(TimeSpan timeout) => inner.ReceiveTimeout = timeout;

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isClosed)
        {
            isClosed = true;
            if (!isSending)
            {
                SayGoodbye();
            }

            Release();
        }
    }

    private static async Task<TlsChannel> HandshakeAsync<TOptions>(
        TlsChannel channel, TOptions options, Func<SslStream, TOptions, Task> authenticate)
    {
        try
        {
            await authenticate(channel.stream, options).ConfigureAwait(false);
            channel.inner.ReceiveTimeout = channel.ReceiveTimeout;
            return channel;
        }
        catch (Exception exception)
        {
            channel.isClosed = true;
            channel.Release();
            if (exception is ChannelException)
            {
                throw;
            }

            throw Translate(exception);
        }
    }

    private static ChannelException Translate(Exception exception) => exception.InnerException as ChannelException
        ?? new ChannelException(ChannelError.Tls, (exception.InnerException ?? exception).Message, exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ChannelException)
        {
            throw Translate(exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync() => await ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        isSending = true;
        try
        {
            if (first.Length > 0 && second.Length > 0)
            {
                second = second[await WriteJoinedAsync(first, second).ConfigureAwait(false)..];
                first = default;
            }

            if (first.Length > 0)
            {
                await stream.WriteAsync(first).ConfigureAwait(false);
            }

            if (second.Length > 0)
            {
                await stream.WriteAsync(second).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is not ChannelException)
        {
            throw Translate(exception);
        }
        finally
        {
            isSending = false;
        }
    }

    /// <summary>Sends the first buffer with as much of the second as one record takes; says how much that was.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WriteJoinedAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        if (first.Length >= RecordPayload)
        {
            await stream.WriteAsync(first).ConfigureAwait(false);
            return 0;
        }

        var taken = Math.Min(second.Length, RecordPayload - first.Length);
        var joined = ArrayPool<byte>.Shared.Rent(RecordPayload);
        try
        {
            first.CopyTo(joined);
            second[..taken].CopyTo(joined.AsMemory(first.Length));
            await stream.WriteAsync(joined.AsMemory(0, first.Length + taken)).ConfigureAwait(false);
            return taken;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    /// <summary>close_notify, if it goes at once: a client that waits for none is not waited for.</summary>
    private void SayGoodbye()
    {
        try
        {
            _ = ForgetAsync(stream.ShutdownAsync());
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // The connection is gone, or said goodbye before.
        }

        static async Task ForgetAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Release()
    {
        stream.Dispose();
        inner.Dispose();
    }

    private void ThrowIfClosed()
    {
        if (isClosed)
        {
            throw SocketErrors.ClosedHere();
        }
    }
}
