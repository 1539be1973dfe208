using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Polygate.Proxy.Tests.Transport;

namespace Polygate.Proxy.Tests.Streams;

/// <summary>A backend made of ordinary sockets: a test gets each connection and does with it what it likes.</summary>
internal sealed class TcpBackend : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Channel<Socket> accepted = Channel.CreateUnbounded<Socket>();

    internal TcpBackend()
    {
        listener.Bind(TransportHost.AnyPort);
        listener.Listen();
        _ = AcceptAsync();
    }

    internal IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    internal Task<Socket> AcceptedAsync() => accepted.Reader.ReadAsync().AsTask().WaitAsync(TransportHost.Patience);

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                accepted.Writer.TryWrite(await listener.AcceptAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            accepted.Writer.Complete();
        }
    }
}

/// <summary>What tests do with sockets.</summary>
internal static class SocketSteps
{
    internal static async Task<byte[]> ReadExactlyAsync(this Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(TransportHost.Patience);
            Assert.NotEqual(0, received);
            read += received;
        }

        return bytes;
    }

    internal static async Task<int> ReadSomeAsync(this Socket socket) =>
        await socket.ReceiveAsync(new byte[4096]).WaitAsync(TransportHost.Patience);
}
