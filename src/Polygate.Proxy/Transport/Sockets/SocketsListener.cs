using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Transport;

/// <summary>Accepts on the thread pool and gives each connection to the loop that has the fewest.</summary>
internal sealed class SocketsListener : IListeningSocket
{
    private const int Backlog = 4096;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket socket;
    private readonly SocketsLoop[] loops;
    private readonly Action<Channel> onConnection;
    private readonly Action<string, Exception?> report;
    private readonly int maximumConnections;
    private readonly CancellationTokenSource stopped = new();

    internal SocketsListener(IPEndPoint endpoint, SocketsLoop[] loops, Action<Channel> onConnection, TransportOptions options)
    {
        this.loops = loops;
        this.onConnection = onConnection;
        report = options.Report;
        maximumConnections = options.MaximumConnections;
        socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        stopped.Cancel();
        socket.Dispose();
    }

    internal void Start() => _ = AcceptAsync();

    private async Task AcceptAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await WaitForRoomAsync().ConfigureAwait(false);
                var accepted = await socket.AcceptAsync(stopped.Token).ConfigureAwait(false);
                var loop = Quietest();
                loop.CountConnection(1);
                loop.Post(static state =>
                {
                    var (listener, loop, socket) = ((SocketsListener, SocketsLoop, Socket))state!;
                    listener.Hand(loop, socket);
                }, (this, loop, accepted));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Out of descriptors, or a connection that went away before it was accepted.
                report($"Could not accept a connection on {EndPoint}.", exception);
                await Task.Delay(PauseAfterFailure).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Clients beyond the limit stay in the system's queue.</summary>
    private async Task WaitForRoomAsync()
    {
        for (var isTold = false; loops.Sum(loop => (long)loop.Connections) >= maximumConnections; isTold = true)
        {
            if (!isTold)
            {
                report($"{maximumConnections} connections are open, as many as there may be: others wait on {EndPoint}.", null);
            }

            await Task.Delay(PauseAfterFailure, stopped.Token).ConfigureAwait(false);
        }
    }

    private void Hand(SocketsLoop loop, Socket accepted)
    {
        var channel = loop.TryAdopt(accepted, isAccepted: true);
        if (channel is null)
        {
            return;
        }

        try
        {
            onConnection(channel);
        }
        catch
        {
            channel.Abort();
            throw;
        }
    }

    private SocketsLoop Quietest()
    {
        var best = loops[0];
        foreach (var loop in loops)
        {
            if (loop.Connections < best.Connections)
            {
                best = loop;
            }
        }

        return best;
    }
}
