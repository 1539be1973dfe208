using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Transport;
using Polygate.Proxy.Transport.Tls;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Http2;

/// <summary>
/// HTTP/2 towards backends (RFC 9113), by prior knowledge without TLS and by ALPN with it, through .NET's HTTP client.
/// Connections are shared by all loops and kept for each backend and endpoint (with TLS also for each host asked for).
/// </summary>
public sealed class Http2Upstream(UpstreamOptions options, BackendTlsConnector tls) : IHttp2Upstream
{
    private const int StreamWindow = 256 * 1024;
    private const int ResponseHeaderKilobytes = 64;
    private static readonly HttpRequestOptionsKey<UpstreamEndpoint> EndpointKey = new("endpoint");

    private readonly ConditionalWeakTable<UpstreamCluster, Client> clients = [];

    public ValueTask<UpstreamExchange> OpenAsync(EventLoop loop, UpstreamCluster cluster, UpstreamEndpoint endpoint, TimeSpan timeout)
    {
        var client = clients.GetValue(cluster, added => new Client(this, added, timeout));
        if (!client.IsFor(cluster.Backend?.Tls, timeout))
        {
            // Exchanges under way keep the old one, whose connections end with them.
            client = new Client(this, cluster, timeout);
            clients.AddOrUpdate(cluster, client);
        }

        var tag = new HttpRequestOptions();
        tag.Set(EndpointKey, endpoint);
        var origin = $"{(client.Tls is null ? "http" : "https")}://{endpoint.Address}";
        return new ValueTask<UpstreamExchange>(new Http2UpstreamExchange(loop, client.Invoker, origin, tag));
    }

    /// <summary>The connections of one backend with one setting.</summary>
    private sealed class Client
    {
        private readonly Http2Upstream owner;
        private readonly UpstreamCluster cluster;
        private readonly TimeSpan timeout;

        internal Client(Http2Upstream owner, UpstreamCluster cluster, TimeSpan timeout)
        {
            this.owner = owner;
            this.cluster = cluster;
            this.timeout = timeout;
            Tls = cluster.Backend?.Tls;
            Invoker = new HttpMessageInvoker(new SocketsHttpHandler
            {
                ActivityHeadersPropagator = null,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                UseProxy = false,
                EnableMultipleHttp2Connections = true,
                InitialHttp2StreamWindowSize = StreamWindow,
                MaxResponseHeadersLength = ResponseHeaderKilobytes,
                ConnectTimeout = timeout,
                ConnectCallback = ConnectAsync,
                PooledConnectionIdleTimeout = owner.Options.IdleConnectionTimeout,
                PooledConnectionLifetime = owner.Options.ConnectionLifetime,
                RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            });
        }

        internal BackendTls? Tls { get; }

        internal HttpMessageInvoker Invoker { get; }

        internal bool IsFor(BackendTls? settings, TimeSpan connectTimeout) => timeout == connectTimeout && Tls == settings;

        /// <summary>A stream to the endpoint; with TLS done, so that names and trust are the backend's, whatever host is asked for.</summary>
        private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            context.InitialRequestMessage.Options.TryGetValue(EndpointKey, out var endpoint);
            if (!cluster.TryReserveConnection())
            {
                throw new UpstreamOverloadedException();
            }

            var socket = new Socket(endpoint!.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(endpoint.Address, cancellationToken).ConfigureAwait(false);
                endpoint.ConnectSucceeded();
            }
            catch
            {
                endpoint.ConnectFailed();
                cluster.ReleaseConnection();
                socket.Dispose();
                throw;
            }

            var stream = new CountedStream(socket, cluster);
            return Tls is null ? stream : await SecureAsync(stream, endpoint, cancellationToken).ConfigureAwait(false);
        }

        private async ValueTask<Stream> SecureAsync(Stream stream, UpstreamEndpoint endpoint, CancellationToken cancellationToken)
        {
            var secure = new SslStream(stream);
            try
            {
                var settings = owner.Connector.OptionsFor(Tls!, endpoint.Host, BackendProtocol.Http2);
                await secure.AuthenticateAsClientAsync(settings, cancellationToken).ConfigureAwait(false);
                return secure.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
                    ? secure
                    : throw new ChannelException(ChannelError.Tls, $"{endpoint} does not speak HTTP/2.");
            }
            catch
            {
                await secure.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private UpstreamOptions Options => options;

    private BackendTlsConnector Connector => tls;

    /// <summary>A socket that counts among the backend's connections until it is closed.</summary>
    private sealed class CountedStream(Socket socket, UpstreamCluster cluster) : NetworkStream(socket, ownsSocket: true)
    {
        private int disposed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref disposed, 1) == 0)
            {
                cluster.ReleaseConnection();
            }
        }
    }
}
