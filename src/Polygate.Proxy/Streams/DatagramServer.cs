using System.Net.Sockets;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Streams;

/// <summary>What the UDP sessions of one loop share.</summary>
internal sealed record DatagramLoop(
    EventLoop Loop, StreamConnector Connector, LoopMetrics Metrics, StreamOptions Options, IAccessLog? Log, Action<string, Exception?> Report);

/// <summary>Receives the datagrams of a listener, on whichever loop they come in.</summary>
internal sealed class DatagramFront(BoundListener listener, IReadOnlyList<DatagramLoop> loops) : IDatagramHandler
{
    /// <summary>By loop; each is made and used on its loop alone.</summary>
    private readonly DatagramServer?[] servers = new DatagramServer?[loops.Count];

    public void OnDatagram(DatagramChannel channel, in DatagramPath path, ReadOnlySpan<byte> payload)
    {
        ref var server = ref servers[channel.Loop.Index];
        server ??= new DatagramServer(listener, loops[channel.Loop.Index], channel);
        server.Take(path, payload);
    }

    public void OnUnreachable(DatagramChannel channel)
    {
        // Only connected channels hear of it.
    }

    public void OnClosed(DatagramChannel channel) => servers[channel.Loop.Index]?.Close();
}

/// <summary>
/// The UDP sessions of one listening socket on one loop: the datagrams of a client's address and port go to one endpoint, whose answers go
/// back to it, until both have been silent for a time.
/// </summary>
internal sealed class DatagramServer(BoundListener listener, DatagramLoop shared, DatagramChannel channel)
{
    /// <summary>How often sessions are looked through for those that have ended.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<DatagramPath, DatagramSession> sessions = [];
    private LoopTimer sweep;
    private bool isSweeping;

    internal DatagramLoop Shared => shared;

    internal BoundListener Listener => listener;

    internal void Take(in DatagramPath path, ReadOnlySpan<byte> payload)
    {
        if (!sessions.TryGetValue(path, out var session) && (session = Open(path)) is null)
        {
            return;
        }

        session.Forward(payload);
    }

    /// <summary>Sends an answer to a client; false when it was lost on the spot.</summary>
    internal bool Answer(in DatagramPath path, ReadOnlySpan<byte> payload) => channel.TrySend(payload, path);

    internal void Forget(in DatagramPath path) => sessions.Remove(path);

    /// <summary>Without its listening socket no session can be answered.</summary>
    internal void Close()
    {
        sweep.Cancel();
        foreach (var session in sessions.Values)
        {
            session.End("listener-closed");
        }
    }

    /// <summary>A session for a client; null when there is to be none.</summary>
    private DatagramSession? Open(in DatagramPath path)
    {
        var client = path.ToEndPoint();
        if (listener.Streams.Find(new StreamContext { ServerName = default, Client = client.Address }) is not { } route)
        {
            return null;
        }

        var counters = shared.Metrics.OfStream(route.Route.Id);
        if (sessions.Count >= shared.Options.MaximumSessions || !route.Admits(client.Address) || !route.TryEnter(client.Address))
        {
            counters.Dropped++;
            return null;
        }

        var session = new DatagramSession(this, path, client, route, counters);
        try
        {
            if (!session.TryConnect())
            {
                route.Leave(client.Address);
                counters.Dropped++;
                return null;
            }
        }
        catch (SocketException exception)
        {
            shared.Report($"No socket for a session with {route.Route.Id}.", exception);
            route.Leave(client.Address);
            counters.Dropped++;
            return null;
        }

        sessions.Add(path, session);
        if (!isSweeping)
        {
            isSweeping = true;
            sweep = shared.Loop.StartTimer(SweepInterval, static server => ((DatagramServer)server!).Sweep(), this);
        }

        return session;
    }

    private void Sweep()
    {
        foreach (var session in sessions.Values)
        {
            session.EndIfIdle();
        }

        isSweeping = sessions.Count > 0;
        if (isSweeping)
        {
            sweep = shared.Loop.StartTimer(SweepInterval, static server => ((DatagramServer)server!).Sweep(), this);
        }
    }
}
