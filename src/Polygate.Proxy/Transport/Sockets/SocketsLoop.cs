using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Transport;

/// <summary>A loop whose events are posted work: completions of .NET's sockets.</summary>
internal sealed class SocketsLoop(int index, TransportOptions options) : ThreadLoop(index, options)
{
    private readonly HashSet<SocketsChannel> channels = [];
    private readonly object gate = new();
    private bool awake;

    public override async ValueTask<Channel> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var limit = new CancellationTokenSource(timeout);
            await socket.ConnectAsync(endpoint, limit.Token).ConfigureAwait(false);
            await SwitchTo();
            return TryAdopt(socket, isAccepted: false) ?? throw new ChannelException(ChannelError.ConnectFailed, $"{endpoint} went away at once.");
        }
        catch (Exception exception)
        {
            socket.Dispose();
            await SwitchTo();
            throw exception switch
            {
                OperationCanceledException => new ChannelException(ChannelError.TimedOut, $"Connecting to {endpoint} took too long."),
                SocketException { SocketErrorCode: SocketError.TimedOut } =>
                    new ChannelException(ChannelError.TimedOut, $"Connecting to {endpoint} took too long."),
                SocketException failed => new ChannelException(
                    ChannelError.ConnectFailed, $"Could not connect to {endpoint}: {failed.Message}", failed),
                _ => exception,
            };
        }
    }

    /// <summary>Makes a channel of a connected socket (counted already when accepted); null when the other side is gone.</summary>
    internal SocketsChannel? TryAdopt(Socket socket, bool isAccepted)
    {
        try
        {
            socket.NoDelay = true;
            socket.Blocking = false;
            var channel = new SocketsChannel(this, socket, isAccepted);
            channels.Add(channel);
            return channel;
        }
        catch (SocketException)
        {
            socket.Dispose();
            CountConnection(isAccepted ? -1 : 0);
            return null;
        }
    }

    public override DatagramChannel ConnectDatagrams(IPEndPoint endpoint, IDatagramHandler handler) => SocketsDatagrams.Connect(this, endpoint, handler);

    internal void Remove(SocketsChannel channel)
    {
        if (channels.Remove(channel))
        {
            CountConnection(channel.IsAccepted ? -1 : 0);
        }
    }

    protected override void WaitForEvents(int timeout)
    {
        lock (gate)
        {
            if (!awake && timeout != 0)
            {
                Monitor.Wait(gate, timeout);
            }

            awake = false;
        }
    }

    protected override void DispatchEvents()
    {
    }

    protected override void Wake()
    {
        lock (gate)
        {
            awake = true;
            Monitor.Pulse(gate);
        }
    }

    protected override void AbortAll()
    {
        foreach (var channel in channels.ToArray())
        {
            channel.Abort();
        }
    }

    protected override void Release()
    {
    }
}
