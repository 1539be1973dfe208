using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.Bench;

/// <summary>WebSocket messages to and fro: a backend that sends back what it gets, and clients that wait for each message before the next.</summary>
internal static class EchoLoad
{
    private const int MessageSize = 128;

    private static readonly byte[] Upgrade = Encoding.ASCII.GetBytes(
        "GET /echo HTTP/1.1\r\nHost: bench.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    // RFC 6455 section 1.3: the answer to that very key.
    private static readonly byte[] Switch = Encoding.ASCII.GetBytes(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");

    /// <summary>Starts the backend; it ends when disposed.</summary>
    public static TcpListener StartBackend()
    {
        var listener = new TcpListener(IPEndPoint.Parse(Setup.EchoBackend));
        listener.Start(512);
        _ = AcceptAsync(listener);
        return listener;
    }

    public static LoadResult Run(int port, int connections, int seconds)
    {
        var until = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        var clients = Enumerable.Range(0, connections).Select(_ => ExchangeAsync(port, until)).ToArray();
        Task.WaitAll(clients);
        var messages = clients.Sum(client => (long)client.Result);
        return new LoadResult(messages, clients.Count(client => client.Result == 0), messages / (double)seconds);
    }

    private static async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = EchoAsync(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using var owned = socket;
        socket.NoDelay = true;
        var buffer = new byte[16 * 1024];
        var isFirst = true;
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                await socket.SendAsync(isFirst ? Switch : buffer.AsMemory(0, count));
                isFirst = false;
            }
        }
        catch (SocketException)
        {
            // The proxy was stopped.
        }
    }

    /// <summary>Counts the messages that came back; 0 when something went wrong.</summary>
    private static async Task<int> ExchangeAsync(int port, long until)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // RFC 6455 section 5.2: a whole binary message, masked, its length in two bytes; the mask is zero.
        var frame = new byte[8 + MessageSize];
        (frame[0], frame[1], frame[3]) = (0x82, 0x80 | 126, MessageSize);
        var answer = new byte[1024];
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(Upgrade);
            var head = 0;
            while (answer.AsSpan(0, head).IndexOf("\r\n\r\n"u8) < 0)
            {
                var count = await socket.ReceiveAsync(answer.AsMemory(head));
                head += count > 0 ? count : throw new IOException("The proxy closed the connection.");
            }

            var messages = 0;
            while (Stopwatch.GetTimestamp() < until)
            {
                await socket.SendAsync(frame);
                for (var left = frame.Length; left > 0;)
                {
                    var count = await socket.ReceiveAsync(answer.AsMemory(0, left));
                    left -= count > 0 ? count : throw new IOException("The proxy closed the connection.");
                }

                messages++;
            }

            return messages;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return 0;
        }
    }
}
