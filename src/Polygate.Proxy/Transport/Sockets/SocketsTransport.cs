using System.Net;

namespace Polygate.Proxy.Transport;

/// <summary>
/// The portable transport: .NET's sockets, whose completions are brought to one thread a loop. Behaves like
/// <see cref="EpollTransport"/> and costs a thread hand-off an event more.
/// </summary>
public sealed class SocketsTransport : ITransport
{
    private readonly SocketsLoop[] loops;
    private readonly TransportOptions options;
    private readonly Lock gate = new();
    private readonly List<SocketsListener> listeners = [];
    private readonly List<IListeningSocket> datagramListeners = [];

    public SocketsTransport(TransportOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Loops, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Loops, TransportOptions.MaximumLoops);
        this.options = options;
        loops = new SocketsLoop[options.Loops];
        for (var i = 0; i < loops.Length; i++)
        {
            loops[i] = new SocketsLoop(i, options);
            loops[i].Start();
        }
    }

    public IReadOnlyList<EventLoop> Loops => loops;

    public IListeningSocket Listen(IPEndPoint endpoint, Action<Channel> onConnection)
    {
        var listener = new SocketsListener(endpoint, loops, onConnection, options);
        lock (gate)
        {
            listeners.Add(listener);
        }

        listener.Start();
        return listener;
    }

    public IListeningSocket ListenDatagrams(IPEndPoint endpoint, IDatagramHandler handler)
    {
        // One socket, and so one loop: those of several listeners are spread.
        lock (gate)
        {
            var listener = SocketsDatagrams.Listen(loops[datagramListeners.Count % loops.Length], endpoint, handler);
            datagramListeners.Add(listener);
            return listener;
        }
    }

    /// <summary>Stops listening, breaks every connection and ends the loops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            listeners.ForEach(listener => listener.Dispose());
            datagramListeners.ForEach(listener => listener.Dispose());
        }

        foreach (var loop in loops)
        {
            loop.Stop();
        }

        await Task.WhenAll(loops.Select(loop => loop.Ended)).ConfigureAwait(false);
    }
}
