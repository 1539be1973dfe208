using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.Soak;

/// <summary>Clients that do not behave: slow ones, and ones that break off. What becomes of their own requests does not count.</summary>
internal sealed class SoakTroublemakers(string address)
{
    private static readonly byte[] Large = "GET /1/large HTTP/1.1\r\nHost: soak.example\r\n\r\n"u8.ToArray();

    private long slow;
    private long resets;

    public long SlowClients => Interlocked.Read(ref slow);

    public long Resets => Interlocked.Read(ref resets);

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
    [
        .. Enumerable.Range(0, 8).Select(_ => RepeatAsync(DribbleAsync, stop)),
        .. Enumerable.Range(0, 8).Select(_ => RepeatAsync(ReadSlowlyAsync, stop)),
        .. Enumerable.Range(0, 4).Select(_ => RepeatAsync(BreakOffAsync, stop)),
    ]);

    private async Task RepeatAsync(Func<Socket, CancellationToken, Task> trouble, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(IPAddress.Parse(address), 8080, stop);
                await trouble(socket, stop);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The gateway may well end it.
            }

            await Task.WhenAny(Task.Delay(100, stop));
        }
    }

    /// <summary>A byte of the head now and then.</summary>
    private async Task DribbleAsync(Socket socket, CancellationToken stop)
    {
        Interlocked.Increment(ref slow);
        foreach (var value in Encoding.ASCII.GetBytes("GET /2/small HTTP/1.1\r\nHost: soak.example\r\n\r\n"))
        {
            await socket.SendAsync(new[] { value }, stop);
            await Task.Delay(100, stop);
        }

        await socket.ReceiveAsync(new byte[512], stop);
    }

    private async Task ReadSlowlyAsync(Socket socket, CancellationToken stop)
    {
        Interlocked.Increment(ref slow);
        await socket.SendAsync(Large, stop);
        var buffer = new byte[1024];
        for (var read = 0; read < SoakBackends.LargeAnswer;)
        {
            var count = await socket.ReceiveAsync(buffer, stop);
            if (count == 0)
                break;

            read += count;
            await Task.Delay(50, stop);
        }
    }

    /// <summary>Resets in the middle of a request or of an answer.</summary>
    private async Task BreakOffAsync(Socket socket, CancellationToken stop)
    {
        Interlocked.Increment(ref resets);
        var isWhole = Random.Shared.Next(3) > 0;
        await socket.SendAsync(isWhole ? Large : Large.AsMemory(0, 20), stop);
        if (isWhole && Random.Shared.Next(2) == 0)
            await socket.ReceiveAsync(new byte[512], stop);

        socket.LingerState = new LingerOption(true, 0);
    }
}
