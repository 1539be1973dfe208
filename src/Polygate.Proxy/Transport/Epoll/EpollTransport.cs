using System.Net;
using System.Runtime.InteropServices;

namespace Polygate.Proxy.Transport;

/// <summary>
/// The transport of Linux: one event loop a thread on epoll, edge-triggered, with one listening socket a loop
/// (SO_REUSEPORT), so that neither a lock nor another thread stands between a connection and the code that serves it.
/// </summary>
public sealed class EpollTransport : ITransport
{
    private readonly EpollLoop[] loops;
    private readonly int maximumConnections;
    private readonly Lock gate = new();
    private readonly List<IListeningSocket> listeners = [];

    /// <exception cref="System.Net.Sockets.SocketException">The system gives no descriptors.</exception>
    public EpollTransport(TransportOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Loops, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Loops, TransportOptions.MaximumLoops);
        maximumConnections = options.MaximumConnections;
        loops = new EpollLoop[options.Loops];
        for (var i = 0; i < loops.Length; i++)
        {
            loops[i] = new EpollLoop(i, options);
        }

        Array.ForEach(loops, loop => loop.Start());
    }

    /// <summary>Whether this machine has it: Linux on x86-64 or arm64.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public IReadOnlyList<EventLoop> Loops => loops;

    public IListeningSocket Listen(IPEndPoint endpoint, Action<Channel> onConnection)
    {
        var listener = new EpollListener(endpoint, loops, maximumConnections, onConnection);
        lock (gate)
        {
            listeners.Add(listener);
        }

        return listener;
    }

    public IListeningSocket ListenDatagrams(IPEndPoint endpoint, IDatagramHandler handler)
    {
        var listener = new EpollDatagramListener(endpoint, loops, handler);
        lock (gate)
        {
            listeners.Add(listener);
        }

        return listener;
    }

    /// <summary>Stops listening, breaks every connection and ends the loops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            listeners.ForEach(listener => listener.Dispose());
        }

        Array.ForEach(loops, loop => loop.Stop());
        await Task.WhenAll(loops.Select(loop => loop.Ended)).ConfigureAwait(false);
    }
}
