using System.Runtime.CompilerServices;
using Polygate.Model;
using Polygate.Proxy.FastCgi;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2.Client;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>How connections to backends are kept.</summary>
public sealed record UpstreamOptions
{
    /// <summary>How long a connection may rest unused.</summary>
    public TimeSpan IdleConnectionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After this age a connection serves no further request.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Resting connections for each loop and endpoint.</summary>
    public int MaximumIdleConnections { get; init; } = 256;

    /// <summary>Between two reads or writes, where a route does not say otherwise.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a tunnel (WebSocket) may be silent in both directions.</summary>
    public TimeSpan TunnelTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether nothing is ever sent to a <see cref="LocalAddress"/>, written as an address or found by a name: for configuration whose authors
    /// must not reach what else listens on the gateway's machine (its admin port, the cloud's metadata).
    /// </summary>
    public bool RefusesLocalAddresses { get; init; }
}

/// <summary>Puts TLS over connections to backends.</summary>
public interface IBackendTls
{
    /// <summary>Shakes hands as a client; the answer owns the channel given.</summary>
    /// <param name="channel">Connected.</param>
    /// <param name="tls">What is asked for.</param>
    /// <param name="host">The endpoint's host, which is verified where <paramref name="tls"/> names no other.</param>
    /// <param name="protocol">What ALPN offers; null for none.</param>
    /// <param name="timeout">For the handshake.</param>
    /// <exception cref="ChannelException">The handshake failed; the channel is closed.</exception>
    ValueTask<Channel> HandshakeAsync(Channel channel, BackendTls tls, string host, BackendProtocol? protocol, TimeSpan timeout);
}

/// <summary>A backend bears no more.</summary>
/// <param name="reason">Which limit it is, as access logs have it.</param>
public sealed class UpstreamOverloadedException(string reason = "too many connections") : IOException("The backend bears no more: " + reason + ".")
{
    public string Reason => reason;
}

/// <summary>The connections of one loop to backends, by endpoint. Nothing of it is shared with other loops.</summary>
internal sealed class UpstreamConnections(EventLoop loop, HttpLimits limits, UpstreamOptions options, IBackendTls? tls, Action<string> reportBackend)
{
    private readonly Dictionary<UpstreamEndpoint, Http1Pool> pools = [];
    private Http2Pools? http2;

    public EventLoop Loop => loop;

    public HttpLimits Limits => limits;

    public UpstreamOptions Options => options;

    /// <summary>What FastCGI applications write to their standard errors.</summary>
    public FastCgiErrorLog FastCgiErrors { get; } = new(loop, reportBackend);

    public bool IsDraining { get; set; }

    /// <summary>Connections made, and attempts that failed; counted on the loop.</summary>
    public long Connects { get; private set; }

    public long ConnectFailures { get; private set; }

    /// <summary>A connection to the endpoint that was used before; null when none rests.</summary>
    public UpstreamExchange? TryTake(UpstreamEndpoint endpoint, BackendProtocol protocol) =>
        protocol == BackendProtocol.Http1 && pools.TryGetValue(endpoint, out var pool) ? pool.TryTake() : null;

    /// <summary>An exchange with an endpoint, on a new connection (where the protocol shares them: on one that stands).</summary>
    /// <param name="cluster">The backend.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="backend">The backend's settings.</param>
    /// <param name="protocol">What to speak.</param>
    /// <exception cref="ChannelException">The endpoint could not be reached.</exception>
    /// <exception cref="UpstreamOverloadedException">The backend has all the connections it may have.</exception>
    public ValueTask<UpstreamExchange> ConnectAsync(UpstreamCluster cluster, UpstreamEndpoint endpoint, Backend backend, BackendProtocol protocol)
    {
        if (protocol == BackendProtocol.Http2)
            return (http2 ??= new Http2Pools(this)).OpenAsync(cluster, endpoint, backend.ConnectTimeout);

        if (protocol == BackendProtocol.FastCgi)
            return FastCgiExchange.ConnectAsync(this, cluster, endpoint, backend.ConnectTimeout);

        if (!pools.TryGetValue(endpoint, out var pool))
            pools.Add(endpoint, pool = new Http1Pool(this, cluster, endpoint));

        return ConnectAsync(pool, backend.ConnectTimeout);
    }

    /// <inheritdoc cref="ConnectAsync(UpstreamCluster, UpstreamEndpoint, Backend, BackendProtocol)"/>
    public ValueTask<UpstreamExchange> OpenAsync(UpstreamCluster cluster, UpstreamEndpoint endpoint, Backend backend, BackendProtocol protocol, bool fresh) =>
        !fresh && TryTake(endpoint, protocol) is { } rested ? new(rested) : ConnectAsync(cluster, endpoint, backend, protocol);

    /// <summary>
    /// As <see cref="ConnectAsync(UpstreamCluster, UpstreamEndpoint, TimeSpan, BackendProtocol)"/>, within the backend's limits: who closes the channel
    /// calls <see cref="UpstreamCluster.ReleaseConnection"/>.
    /// </summary>
    /// <exception cref="ChannelException">The endpoint could not be reached.</exception>
    /// <exception cref="UpstreamOverloadedException">The backend has all the connections it may have.</exception>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<Channel> ReserveAndConnectAsync(UpstreamCluster cluster, UpstreamEndpoint endpoint, TimeSpan timeout)
    {
        if (!cluster.TryReserveConnection())
            throw new UpstreamOverloadedException();

        if (!cluster.TryBeginPending())
        {
            cluster.ReleaseConnection();
            throw new UpstreamOverloadedException("too many requests waiting for a connection");
        }

        try
        {
            var channel = await ConnectAsync(cluster, endpoint, timeout);
            endpoint.ConnectSucceeded();
            return channel;
        }
        catch
        {
            endpoint.ConnectFailed();
            cluster.ReleaseConnection();
            throw;
        }
        finally
        {
            cluster.EndPending();
        }
    }

    /// <summary>A channel to an endpoint, with TLS where the backend has it.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<Channel> ConnectAsync(
        UpstreamCluster cluster, UpstreamEndpoint endpoint, TimeSpan timeout, BackendProtocol protocol = BackendProtocol.Http1)
    {
        try
        {
            var channel = await loop.ConnectAsync(endpoint.Address, timeout);
            if (cluster.Backend?.Tls is { } settings)
            {
                if (tls is null)
                {
                    channel.Dispose();
                    throw new ChannelException(ChannelError.Tls, "TLS to backends is not set up.");
                }

                channel = await tls.HandshakeAsync(channel, settings, endpoint.Host, protocol, timeout);
            }

            Connects++;
            return channel;
        }
        catch
        {
            ConnectFailures++;
            throw;
        }
    }

    /// <summary>Counts an attempt made elsewhere.</summary>
    public void CountConnect(bool succeeded)
    {
        Connects += succeeded ? 1 : 0;
        ConnectFailures += succeeded ? 0 : 1;
    }

    /// <summary>A pool without connections need not be kept.</summary>
    public void Forget(Http1Pool pool) => pools.Remove(pool.Endpoint);

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private static async ValueTask<UpstreamExchange> ConnectAsync(Http1Pool pool, TimeSpan timeout) => await pool.ConnectAsync(timeout);
}
