using System.Buffers;
using System.Net.Security;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>The first bytes of a connection, read before one is sent.</summary>
/// <param name="Hello">The ClientHello; null when the client speaks something else.</param>
/// <param name="Buffer">Of the shared pool; whoever has this gives it back.</param>
/// <param name="Count">How much of the buffer was received.</param>
internal readonly record struct ClientGreeting(ClientHello? Hello, byte[] Buffer, int Count)
{
    internal ReadOnlyMemory<byte> Received => Buffer.AsMemory(0, Count);
}

/// <summary>
/// The server's way into TLS: reads the ClientHello before a byte is sent, lets the settings be chosen by it, then does
/// the handshake.
/// </summary>
internal static class TlsAcceptor
{
    private const int FirstRead = 4 * 1024;
    private const int Limit = ClientHelloReader.MaximumLength + 1024;

    /// <summary>The first byte of a handshake record (RFC 8446 section 5.1).</summary>
    private const byte HandshakeRecord = 22;

    /// <summary>Makes TLS of an accepted connection. On failure the channel is disposed.</summary>
    /// <param name="channel">Nothing was received from it yet.</param>
    /// <param name="choose">The settings for a ClientHello.</param>
    /// <exception cref="ChannelException">The client speaks no TLS, or the handshake failed, or the connection did.</exception>
    internal static async Task<(TlsChannel Channel, TlsInfo Info)> AcceptAsync(
        Channel channel, Func<ClientHello, SslServerAuthenticationOptions> choose)
    {
        try
        {
            var greeting = await GreetAsync(channel, mayBeOther: false).ConfigureAwait(false);
            try
            {
                return await HandshakeAsync(channel, greeting, choose(greeting.Hello!), null).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(greeting.Buffer);
            }
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Reads the ClientHello, and what came with it.</summary>
    /// <param name="channel">Nothing was received from it yet.</param>
    /// <param name="mayBeOther">Whether a client that speaks no TLS is welcome.</param>
    /// <exception cref="ChannelException">The client began with neither, or the connection failed.</exception>
    internal static async ValueTask<ClientGreeting> GreetAsync(Channel channel, bool mayBeOther)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var count = 0;
            while (true)
            {
                var status = ClientHelloReader.TryRead(buffer.AsSpan(0, count), out var hello);
                if (status == ClientHelloStatus.Complete || (mayBeOther && count > 0 && buffer[0] != HandshakeRecord))
                {
                    return new ClientGreeting(hello, buffer, count);
                }

                if (status == ClientHelloStatus.Invalid || count == Limit)
                {
                    throw new ChannelException(ChannelError.Tls, "The client did not begin with a valid ClientHello.");
                }

                buffer = count == buffer.Length ? Enlarge(buffer) : buffer;
                var received = await channel.ReceiveAsync(buffer.AsMemory(count, Math.Min(buffer.Length, Limit) - count)).ConfigureAwait(false);
                count += received > 0 ? received : throw new ChannelException(ChannelError.Reset, "The client left before it said anything.");
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Does the handshake that a ClientHello began. On success the new channel owns the one given, otherwise that is as it was or closed.</summary>
    /// <param name="channel">Where the greeting came from.</param>
    /// <param name="greeting">With a ClientHello.</param>
    /// <param name="options">The settings.</param>
    /// <param name="verifier">Made the settings' demand for a certificate; null without.</param>
    /// <exception cref="ChannelException">The handshake failed, or the connection did.</exception>
    internal static async Task<(TlsChannel Channel, TlsInfo Info)> HandshakeAsync(
        Channel channel, ClientGreeting greeting, SslServerAuthenticationOptions options, ClientVerifier? verifier)
    {
        var secure = await TlsChannel.AcceptAsync(channel, greeting.Received, options).ConfigureAwait(false);
        return (secure, new TlsInfo(greeting.Hello!.ServerName, secure.Protocol, secure.Version) { Client = secure.ClientBy(verifier) });
    }

    /// <summary>Tells the client why there is no handshake, then closes. A client that does not listen is not waited for.</summary>
    /// <param name="channel">Closed in every case.</param>
    /// <param name="alert">What to say.</param>
    internal static async ValueTask RefuseAsync(Channel channel, TlsAlert alert)
    {
        // A fatal alert in a record of its own (RFC 8446 sections 5.1 and 6); nothing is encrypted yet.
        byte[] record = [21, 3, 3, 0, 2, 2, (byte)alert];
        try
        {
            channel.SendTimeout = TimeSpan.FromSeconds(1);
            await channel.SendAsync(record).ConfigureAwait(false);
            await channel.ShutdownSendAsync().ConfigureAwait(false);
        }
        catch (ChannelException)
        {
            // It is gone.
        }
        finally
        {
            channel.Dispose();
        }
    }

    private static byte[] Enlarge(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, Limit));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>Descriptions of alerts (RFC 8446 section 6.2, RFC 6066 section 3).</summary>
internal enum TlsAlert : byte
{
    HandshakeFailure = 40,
    InternalError = 80,
    UnrecognizedName = 112,
}
