using System.Buffers;
using System.Net.Security;

namespace Polygate.Proxy.Transport.Tls;

/// <summary>
/// The server's way into TLS: reads the ClientHello before a byte is sent, lets the settings be chosen by it, then does
/// the handshake.
/// </summary>
internal static class TlsAcceptor
{
    private const int FirstRead = 4 * 1024;
    private const int Limit = ClientHelloReader.MaximumLength + 1024;

    /// <summary>Makes TLS of an accepted connection. On failure the channel is disposed.</summary>
    /// <param name="channel">Nothing was received from it yet.</param>
    /// <param name="choose">The settings for a ClientHello.</param>
    /// <exception cref="ChannelException">The client speaks no TLS, or the handshake failed, or the connection did.</exception>
    internal static async Task<(TlsChannel Channel, TlsInfo Info)> AcceptAsync(
        Channel channel, Func<ClientHello, SslServerAuthenticationOptions> choose)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var count = 0;
            ClientHello? hello;
            while (true)
            {
                var status = ClientHelloReader.TryRead(buffer.AsSpan(0, count), out hello);
                if (status == ClientHelloStatus.Complete)
                {
                    break;
                }

                if (status == ClientHelloStatus.Invalid || count == Limit)
                {
                    throw new ChannelException(ChannelError.Tls, "The client did not begin with a valid ClientHello.");
                }

                buffer = count == buffer.Length ? Enlarge(buffer) : buffer;
                var received = await channel.ReceiveAsync(buffer.AsMemory(count, Math.Min(buffer.Length, Limit) - count)).ConfigureAwait(false);
                count += received > 0 ? received : throw new ChannelException(ChannelError.Reset, "The client left before it said anything.");
            }

            var secure = await TlsChannel.AcceptAsync(channel, buffer.AsMemory(0, count), choose(hello!)).ConfigureAwait(false);
            return (secure, new TlsInfo(hello!.ServerName, secure.Protocol, secure.Version));
        }
        catch
        {
            channel.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
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
