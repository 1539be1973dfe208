using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Transport;

/// <summary>The implementations every contract test runs over.</summary>
public enum TransportKind
{
    Sockets,
    Epoll,
}

/// <summary>One transport under test, and how a test gets onto its loops.</summary>
internal sealed class TransportHost : IAsyncDisposable
{
    /// <summary>Long enough that only a hang reaches it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What functions that serve connections failed with: assertions, above all.</summary>
    private readonly ConcurrentQueue<Exception> served = new();

    internal TransportHost(TransportKind kind, int loops = 2)
    {
        var options = new TransportOptions
        {
            Loops = loops,
            ReportHeld = Holds.Enqueue,
            Report = (message, exception) => Reports.Enqueue(exception ?? new InvalidOperationException(message)),
        };
        Assert.SkipUnless(kind == TransportKind.Sockets || EpollTransport.IsSupported, "This machine has no epoll.");
        Transport = kind == TransportKind.Epoll ? new EpollTransport(options) : new SocketsTransport(options);
    }

    internal static TheoryData<TransportKind> Kinds => [TransportKind.Sockets, TransportKind.Epoll];

    internal ITransport Transport { get; }

    /// <summary>What was said of held loops.</summary>
    internal ConcurrentQueue<string> Holds { get; } = new();

    /// <summary>What escaped to the loops.</summary>
    internal ConcurrentQueue<Exception> Reports { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        Assert.Empty(served);
    }

    internal static IPEndPoint AnyPort => new(IPAddress.Loopback, 0);

    /// <summary>Listens and serves each connection with a function that runs on its loop; the connection ends with it.</summary>
    internal IListeningSocket Serve(Func<Channel, Task> serve, IPEndPoint? endpoint = null) =>
        Transport.Listen(endpoint ?? AnyPort, channel => _ = RunAsync(channel, serve, served));

    /// <summary>Accepts one connection and gives it away.</summary>
    internal (IListeningSocket Listener, Task<Channel> Accepted) ListenForOne()
    {
        var accepted = new TaskCompletionSource<Channel>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Transport.Listen(AnyPort, channel => accepted.TrySetResult(channel)), accepted.Task.WaitAsync(Patience));
    }

    internal Task On(Channel channel, Func<Task> work) => On(channel.Loop, work);

    /// <summary>Runs a function on a loop and waits for its end.</summary>
    internal Task On(EventLoop loop, Func<Task> work) => On(loop, async () =>
    {
        await work().ConfigureAwait(false);
        return true;
    });

    internal Task<T> On<T>(Channel channel, Func<Task<T>> work) => On(channel.Loop, work);

    internal async Task<T> On<T>(EventLoop loop, Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => _ = Run(), null);
        return await done.Task.WaitAsync(Patience);

        async Task Run()
        {
            try
            {
                done.SetResult(await work().ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }
    }

    /// <summary>An ordinary client, independent of what is tested.</summary>
    internal static async Task<Socket> DialAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        return socket;
    }

    internal static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        for (int count; (count = await socket.ReceiveAsync(buffer).WaitAsync(Patience)) > 0;)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private static async Task RunAsync(Channel channel, Func<Channel, Task> serve, ConcurrentQueue<Exception> failures)
    {
        try
        {
            await serve(channel).ConfigureAwait(false);
        }
        catch (ChannelException)
        {
            // The other side went away: its test looks at its own end.
        }
        catch (Exception exception)
        {
            failures.Enqueue(exception);
        }
        finally
        {
            channel.Dispose();
        }
    }
}
