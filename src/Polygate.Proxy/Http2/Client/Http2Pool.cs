using System.Runtime.CompilerServices;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2.Hpack;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Http2.Client;

/// <summary>The HTTP/2 connections of one loop to all endpoints, and the streams that requests borrow.</summary>
internal sealed class Http2Pools(UpstreamConnections owner)
{
    private const int StreamsKept = 1024;

    private readonly Dictionary<UpstreamEndpoint, Http2Pool> pools = [];
    private readonly Stack<ClientStream> streams = new();

    public EventLoop Loop => owner.Loop;

    /// <summary>For one block at a time.</summary>
    public FieldEncoder Encoder { get; } = new();

    /// <summary>A stream to an endpoint, on a connection that is there or on a new one.</summary>
    /// <param name="cluster">The backend.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="timeout">For the connection, if one is made.</param>
    /// <exception cref="ChannelException">The endpoint could not be reached.</exception>
    /// <exception cref="UpstreamOverloadedException">The backend has all the connections, or requests waiting for one, it may have.</exception>
    public ValueTask<UpstreamExchange> OpenAsync(UpstreamCluster cluster, UpstreamEndpoint endpoint, TimeSpan timeout)
    {
        if (!pools.TryGetValue(endpoint, out var pool))
            pools.Add(endpoint, pool = new Http2Pool(owner, this, cluster, endpoint));

        return pool.TryOpen() is { } stream ? new ValueTask<UpstreamExchange>(stream) : pool.OpenNewAsync(timeout);
    }

    public ClientStream Rent() => streams.TryPop(out var stream) ? stream : new ClientStream(this);

    public void Return(ClientStream stream)
    {
        if (streams.Count < StreamsKept)
            streams.Push(stream);
    }

    /// <summary>A pool without connections need not be kept.</summary>
    public void Forget(UpstreamEndpoint endpoint) => pools.Remove(endpoint);
}

/// <summary>The HTTP/2 connections of one loop to one endpoint: usually one.</summary>
internal sealed class Http2Pool(UpstreamConnections owner, Http2Pools pools, UpstreamCluster cluster, UpstreamEndpoint endpoint)
{
    private readonly List<ClientConnection> connections = [];
    private Task? connecting;
    private int open;

    public HttpLimits Limits => owner.Limits;

    public UpstreamOptions Options => owner.Options;

    /// <summary>Whether connections end with the streams they have.</summary>
    public bool IsRetiring => owner.IsDraining || endpoint.IsRetired;

    /// <summary>A stream on a connection that has room; null when there is none.</summary>
    public ClientStream? TryOpen()
    {
        foreach (var connection in connections)
        {
            if (connection.HasRoom)
                return connection.Lease(pools.Rent());
        }

        return null;
    }

    /// <summary>A stream on a connection that is being made: one for all who wait.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<UpstreamExchange> OpenNewAsync(TimeSpan timeout)
    {
        if (!cluster.TryBeginPending())
            throw new UpstreamOverloadedException("too many requests waiting for a connection");

        try
        {
            while (true)
            {
                var made = connecting ??= ConnectAsync(timeout);
                try
                {
                    await made;
                }
                finally
                {
                    // Of several who wait for a task, all but one are woken elsewhere.
                    await owner.Loop.SwitchTo();
                    if (connecting == made)
                        connecting = null;
                }

                if (TryOpen() is { } stream)
                    return stream;
            }
        }
        finally
        {
            cluster.EndPending();
        }
    }

    /// <summary>A connection takes no more streams.</summary>
    public void Remove(ClientConnection connection) => connections.Remove(connection);

    /// <summary>A connection is closed.</summary>
    public void Forget(ClientConnection connection)
    {
        connections.Remove(connection);
        Release();
    }

    private async Task ConnectAsync(TimeSpan timeout)
    {
        if (!cluster.TryReserveConnection())
        {
            if (open == 0)
                pools.Forget(endpoint);

            throw new UpstreamOverloadedException();
        }

        open++;
        var isSecure = cluster.Backend?.Tls is not null;
        try
        {
            var channel = await owner.ConnectAsync(cluster, endpoint, timeout, BackendProtocol.Http2);
            endpoint.ConnectSucceeded();
            var connection = new ClientConnection(this, channel, isSecure);
            connections.Add(connection);
            connection.Start();
        }
        catch
        {
            endpoint.ConnectFailed();
            Release();
            throw;
        }
    }

    private void Release()
    {
        cluster.ReleaseConnection();
        if (--open == 0)
            pools.Forget(endpoint);
    }
}
