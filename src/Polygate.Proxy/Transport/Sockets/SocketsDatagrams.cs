using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A UDP socket of .NET on a loop. On a socket bound to every address, answers go out from the address the system picks: .NET's sockets
/// cannot name another.
/// </summary>
internal sealed class SocketsDatagrams : DatagramChannel, IListeningSocket
{
    private readonly SocketsLoop loop;
    private readonly Socket socket;
    private readonly IDatagramHandler handler;
    private readonly bool isListening;
    private volatile bool isClosed;

    private SocketsDatagrams(SocketsLoop loop, Socket socket, IDatagramHandler handler, bool isListening)
    {
        this.loop = loop;
        this.socket = socket;
        this.handler = handler;
        this.isListening = isListening;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        socket.Blocking = false;
        _ = ReceiveAsync();
    }

    public override EventLoop Loop => loop;

    public override IPEndPoint LocalEndPoint { get; }

    public IPEndPoint EndPoint => LocalEndPoint;

    /// <exception cref="SocketException">The address is in use or not to be had.</exception>
    internal static SocketsDatagrams Listen(SocketsLoop loop, IPEndPoint endpoint, IDatagramHandler handler)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endpoint);
            return new SocketsDatagrams(loop, socket, handler, isListening: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="SocketException">The system gives no socket, or knows no way to the peer.</exception>
    internal static SocketsDatagrams Connect(SocketsLoop loop, IPEndPoint endpoint, IDatagramHandler handler)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(endpoint);
            return new SocketsDatagrams(loop, socket, handler, isListening: false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override bool TrySend(ReadOnlySpan<byte> payload)
    {
        if (isClosed)
        {
            return false;
        }

        socket.Send(payload, SocketFlags.None, out var error);
        if (error == SocketError.ConnectionRefused)
        {
            handler.OnUnreachable(this);
        }

        return error == SocketError.Success;
    }

    public override bool TrySend(ReadOnlySpan<byte> payload, in DatagramPath path)
    {
        try
        {
            var client = path.ToEndPoint();
            if (LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6 && client.AddressFamily == AddressFamily.InterNetwork)
            {
                client = new IPEndPoint(client.Address.MapToIPv6(), client.Port);
            }

            return !isClosed && socket.SendTo(payload, client) == payload.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isClosed)
        {
            isClosed = true;
            socket.Dispose();
            if (isListening)
            {
                loop.Post(_ => handler.OnClosed(this), null);
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[MaximumPayload];
        var any = new IPEndPoint(LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!isClosed)
        {
            try
            {
                var (count, client) = isListening ? await ReceiveFromAsync(buffer, any).ConfigureAwait(false)
                    : (await socket.ReceiveAsync(buffer).ConfigureAwait(false), default);
                await loop.SwitchTo();
                if (!isClosed)
                {
                    Guard(buffer.AsMemory(0, count), client);
                }
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused && !isListening)
            {
                await loop.SwitchTo();
                if (!isClosed)
                {
                    handler.OnUnreachable(this);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Closed, or (a message about an earlier answer) of no concern.
                await Task.Yield();
            }
        }
    }

    private async ValueTask<(int Count, DatagramPath Path)> ReceiveFromAsync(byte[] buffer, IPEndPoint any)
    {
        var result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any).ConfigureAwait(false);
        return (result.ReceivedBytes, DatagramPath.Of((IPEndPoint)result.RemoteEndPoint, UInt128.Zero));
    }

    /// <summary>What a handler throws ends neither the loop nor the receiving.</summary>
    private void Guard(ReadOnlyMemory<byte> payload, DatagramPath path)
    {
        try
        {
            handler.OnDatagram(this, path, payload.Span);
        }
        catch (Exception exception)
        {
            loop.Report("An exception escaped to an event loop.", exception);
        }
    }
}
