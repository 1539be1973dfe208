using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>A backend that a test scripts byte by byte: each accepted connection runs the script.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<TestConnection, Task> script;
    private readonly Task accepting;
    private int accepted;

    public TestBackend(Func<TestConnection, Task> script)
    {
        this.script = script;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Answers every request alike, for as long as the connection lasts.</summary>
    public static TestBackend Answering(string answer) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is not null)
            await connection.SendAsync(answer);
    });

    /// <summary>Answers every request with its own head and body as text.</summary>
    public static TestBackend Echoing() => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var text = request.Head + request.Body;
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.Latin1.GetByteCount(text)}\r\n\r\n{text}");
        }
    });

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref accepted);
            _ = RunAsync(socket);
        }
    }

    private async Task RunAsync(Socket socket)
    {
        using var connection = new TestConnection(socket);
        try
        {
            await script(connection);
        }
        catch (SocketException)
        {
            // The proxy broke off: some tests want just that.
        }
    }
}
