using System.Net;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Streams;

/// <summary>A connection to a backend, counted there until it is given back.</summary>
internal sealed record StreamLease(Channel Channel, UpstreamCluster Cluster, UpstreamEndpoint Endpoint, int Attempts)
{
    internal void Release()
    {
        Channel.Dispose();
        Endpoint.RequestEnded();
        Cluster.ReleaseConnection();
    }
}

/// <summary>No endpoint could be connected to.</summary>
internal sealed class StreamConnectException(string reason, UpstreamEndpoint? endpoint, int attempts, Exception? inner = null) : IOException(reason, inner)
{
    /// <summary>The last one tried.</summary>
    internal UpstreamEndpoint? Endpoint { get; } = endpoint;

    internal int Attempts { get; } = attempts;
}

/// <summary>Connects to the backends of stream routes, on one loop: another endpoint where one fails, the PROXY protocol, TLS.</summary>
internal sealed class StreamConnector(UpstreamConnections upstreams, IBackendTls? tls)
{
    /// <summary>What balancing looks at: of a connection only the client's address is known.</summary>
    private readonly RequestHead head = new();

    /// <summary>A connection to one of the route's backends.</summary>
    /// <exception cref="StreamConnectException">There is none to be had.</exception>
    internal async ValueTask<StreamLease> ConnectAsync(CompiledStreamRoute route, IPEndPoint client, IPEndPoint destination)
    {
        if (route.Pick() is not { Backend: { } backend } cluster)
        {
            throw new StreamConnectException("no-backend", null, 0);
        }

        UpstreamEndpoint? previous = null;
        Exception? failure = null;
        for (var attempt = 1; attempt <= Math.Max(1, route.Route.ConnectAttempts); attempt++)
        {
            if (PickEndpoint(cluster, client.Address, previous) is not { } endpoint)
            {
                throw new StreamConnectException("no-endpoint", null, attempt - 1);
            }

            if (endpoint == previous)
            {
                throw new StreamConnectException("connect-failed", endpoint, attempt - 1, failure);
            }

            if (!cluster.TryReserveConnection())
            {
                throw new StreamConnectException("too-many-connections", endpoint, attempt - 1);
            }

            endpoint.RequestStarted();
            try
            {
                var channel = await OpenAsync(endpoint, backend, route.Route.Tls, client, destination).ConfigureAwait(false);
                endpoint.ConnectSucceeded();
                upstreams.CountConnect(succeeded: true);
                return new StreamLease(channel, cluster, endpoint, attempt);
            }
            catch (IOException exception)
            {
                endpoint.ConnectFailed();
                endpoint.RequestEnded();
                cluster.ReleaseConnection();
                upstreams.CountConnect(succeeded: false);
                (previous, failure) = (endpoint, exception);
            }
        }

        throw new StreamConnectException("connect-failed", previous, Math.Max(1, route.Route.ConnectAttempts), failure);
    }

    /// <summary>An endpoint for a client; null when there is none.</summary>
    internal UpstreamEndpoint? PickEndpoint(UpstreamCluster cluster, IPAddress client, UpstreamEndpoint? exclude)
    {
        head.ClientAddress = client;
        return cluster.Pick(head, exclude);
    }

    private async ValueTask<Channel> OpenAsync(UpstreamEndpoint endpoint, Backend backend, StreamTls clientTls, IPEndPoint client, IPEndPoint destination)
    {
        var channel = await upstreams.Loop.ConnectAsync(endpoint.Address, backend.ConnectTimeout).ConfigureAwait(false);
        try
        {
            if (backend.ProxyProtocol != ProxyProtocolVersion.None)
            {
                var header = new byte[ProxyProtocolHeader.MaximumLength];
                var length = ProxyProtocolHeader.Write(header, backend.ProxyProtocol, client, destination);
                channel.SendTimeout = backend.ConnectTimeout;
                await channel.SendAsync(header.AsMemory(0, length)).ConfigureAwait(false);
                channel.SendTimeout = Timeout.InfiniteTimeSpan;
            }
        }
        catch
        {
            channel.Dispose();
            throw;
        }

        // What is passed through is the client's own TLS.
        return backend.Tls is { } settings && clientTls != StreamTls.Passthrough
            ? await HandshakeAsync(channel, settings, endpoint.Host, backend.ConnectTimeout).ConfigureAwait(false)
            : channel;
    }

    private ValueTask<Channel> HandshakeAsync(Channel channel, BackendTls settings, string host, TimeSpan timeout)
    {
        if (tls is not null)
        {
            return tls.HandshakeAsync(channel, settings, host, null, timeout);
        }

        channel.Dispose();
        throw new ChannelException(ChannelError.Tls, "TLS to backends is not set up.");
    }
}
