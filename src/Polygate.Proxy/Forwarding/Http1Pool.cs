using System.Runtime.CompilerServices;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>The HTTP/1.1 connections of one loop to one endpoint: those that rest, the last used on top.</summary>
internal sealed class Http1Pool(UpstreamConnections owner, UpstreamCluster cluster, UpstreamEndpoint endpoint)
{
    private readonly List<Http1UpstreamConnection> resting = [];
    private int open;

    public UpstreamEndpoint Endpoint => endpoint;

    /// <summary>A connection that was used before; null when none rests.</summary>
    public Http1UpstreamConnection? TryTake()
    {
        var now = owner.Loop.Now;
        while (resting.Count > 0)
        {
            var connection = resting[^1];
            resting.RemoveAt(resting.Count - 1);
            if (now - connection.Created < owner.Options.ConnectionLifetime.TotalMilliseconds)
            {
                connection.Lease();
                return connection;
            }

            Close(connection);
        }

        return null;
    }

    /// <summary>A new connection.</summary>
    /// <exception cref="Transport.ChannelException">The endpoint could not be reached.</exception>
    /// <exception cref="UpstreamOverloadedException">The backend has all the connections it may have.</exception>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<Http1UpstreamConnection> ConnectAsync(TimeSpan timeout)
    {
        open++;
        try
        {
            var channel = await owner.ReserveAndConnectAsync(cluster, endpoint, timeout);
            var connection = new Http1UpstreamConnection(this, channel, owner.Limits);
            connection.Lease();
            return connection;
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Takes back a connection that may serve again.</summary>
    public void Return(Http1UpstreamConnection connection)
    {
        if (endpoint.IsRetired || owner.IsDraining || resting.Count >= owner.Options.MaximumIdleConnections)
        {
            Close(connection);
            return;
        }

        resting.Add(connection);
        connection.Rest(owner.Options.IdleConnectionTimeout);
    }

    /// <summary>Closes a connection that serves no more.</summary>
    public void Discard(Http1UpstreamConnection connection)
    {
        resting.Remove(connection);
        Close(connection);
    }

    private void Close(Http1UpstreamConnection connection)
    {
        connection.Close();
        cluster.ReleaseConnection();
        Forget();
    }

    private void Forget()
    {
        if (--open == 0)
            owner.Forget(this);
    }
}
