using System.Net;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Streams;

/// <summary>The datagrams of one client's address and port, and the endpoint they go to.</summary>
internal sealed class DatagramSession : IDatagramHandler
{
    private readonly DatagramServer server;
    private readonly DatagramPath path;
    private readonly IPEndPoint client;
    private readonly CompiledStreamRoute route;
    private readonly StreamCounters counters;
    private readonly long started;
    private readonly long limit;
    private UpstreamCluster? cluster;
    private UpstreamEndpoint? endpoint;
    private DatagramChannel? upstream;
    private long lastActive;
    private long received;
    private long sent;
    private long expectedReplies;
    private bool wasAnswered;
    private bool hasEnded;

    internal DatagramSession(DatagramServer server, in DatagramPath path, IPEndPoint client, CompiledStreamRoute route, StreamCounters counters)
    {
        this.server = server;
        this.path = path;
        this.client = client;
        this.route = route;
        this.counters = counters;
        started = lastActive = server.Shared.Loop.Now;
        var idle = route.Route.IdleTimeout is { Ticks: > 0 } own ? own : server.Shared.Options.SessionTimeout;
        limit = (long)idle.TotalMilliseconds;
    }

    /// <summary>
    /// Finds an endpoint; false when there is none at present. A session that drew an invalid reference has none and keeps it so: its share of
    /// the clients is not served.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system gives no socket.</exception>
    internal bool TryConnect()
    {
        cluster = route.Pick();
        if (cluster is not null)
        {
            endpoint = server.Shared.Connector.PickEndpoint(cluster, client.Address, null);
            if (endpoint is null || !cluster.TryReserveConnection())
            {
                return false;
            }

            try
            {
                upstream = server.Shared.Loop.ConnectDatagrams(endpoint.Address, this);
            }
            catch
            {
                cluster.ReleaseConnection();
                throw;
            }

            endpoint.RequestStarted();
        }

        counters.Opened++;
        counters.Active++;
        counters.Refused += cluster is null ? 1 : 0;
        return true;
    }

    /// <summary>Passes a datagram of the client on.</summary>
    internal void Forward(ReadOnlySpan<byte> payload)
    {
        lastActive = server.Shared.Loop.Now;
        if (upstream is null)
        {
            counters.Dropped++;
            return;
        }

        received += payload.Length;
        counters.BytesReceived += payload.Length;
        expectedReplies += route.Route.ExpectedReplies ?? 0;
        if (!upstream.TrySend(payload))
        {
            counters.Dropped++;
        }
        else if (route.Route.ExpectedReplies == 0)
        {
            End("");
        }
    }

    public void OnDatagram(DatagramChannel channel, in DatagramPath from, ReadOnlySpan<byte> payload)
    {
        if (hasEnded)
        {
            return;
        }

        lastActive = server.Shared.Loop.Now;
        if (!wasAnswered)
        {
            wasAnswered = true;
            endpoint!.ConnectSucceeded();
        }

        if (server.Answer(path, payload))
        {
            sent += payload.Length;
            counters.BytesSent += payload.Length;
        }
        else
        {
            counters.Dropped++;
        }

        if (route.Route.ExpectedReplies is not null && --expectedReplies <= 0)
        {
            End("");
        }
    }

    /// <summary>Nobody listens there: the client's next datagram finds another endpoint.</summary>
    public void OnUnreachable(DatagramChannel channel)
    {
        if (!hasEnded)
        {
            endpoint!.ConnectFailed();
            End("backend-unreachable");
        }
    }

    public void OnClosed(DatagramChannel channel)
    {
        // Only listening channels hear of it.
    }

    internal void EndIfIdle()
    {
        if (server.Shared.Loop.Now - lastActive >= limit)
        {
            End("");
        }
    }

    internal void End(string reason)
    {
        if (hasEnded)
        {
            return;
        }

        hasEnded = true;
        server.Forget(path);
        route.Leave(client.Address);
        counters.Active--;
        if (upstream is not null)
        {
            upstream.Dispose();
            endpoint!.RequestEnded();
            cluster!.ReleaseConnection();
        }

        Log(upstream is null ? "no-backend" : reason);
    }

    private void Log(string reason)
    {
        if (server.Shared.Log is { IsEnabled: true } log)
        {
            log.Log(new StreamLogEntry
            {
                Client = client,
                Listener = server.Listener,
                Route = route,
                Protocol = "udp",
                ServerName = "",
                Duration = server.Shared.Loop.Now - started,
                BytesReceived = received,
                BytesSent = sent,
                Endpoint = endpoint,
                Attempts = endpoint is null ? 0 : 1,
                Reason = reason,
            });
        }
    }
}
