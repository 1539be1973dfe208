using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Http2;

/// <summary>
/// The HTTP/2 side of the proxy towards clients (RFC 9113): Kestrel's HTTP server without anything of ASP.NET above it,
/// fed with connections of our loops. Frames and HPACK run on the thread pool; requests run on the loop of their
/// connection, like all others. One for all loops.
/// </summary>
public sealed class Http2Front : IAsyncDisposable
{
    private const int StreamsPerConnection = 128;

    private readonly ConnectionQueue queue = new();
    private readonly KestrelServer server;
    private readonly Lazy<Task> started;

    /// <param name="limits">How large and how slow messages may be.</param>
    public Http2Front(HttpLimits limits)
    {
        server = new KestrelServer(Options.Create(Configure(limits)), queue, NullLoggerFactory.Instance);
        started = new Lazy<Task>(() => server.StartAsync(new Application(), CancellationToken.None));
    }

    /// <summary>The server of one loop.</summary>
    public IHttp2Server CreateServer(IHttp2Engine engine) => new Http2LoopServer(this, engine);

    /// <summary>Ends every connection at once: what is to be finished was drained before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (started.IsValueCreated)
        {
            await started.Value.ConfigureAwait(false);
            using var now = new CancellationTokenSource();
            await now.CancelAsync().ConfigureAwait(false);
            await server.StopAsync(now.Token).ConfigureAwait(false);
        }

        server.Dispose();
    }

    /// <summary>Hands a connection to Kestrel; false when it has stopped.</summary>
    internal bool TryAdd(ChannelConnection connection)
    {
        _ = started.Value;
        return queue.TryAdd(connection);
    }

    private static KestrelServerOptions Configure(HttpLimits limits)
    {
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            AllowAlternateSchemes = true,
            RequestHeaderEncodingSelector = static _ => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static _ => Encoding.Latin1,
        };
        options.Limits.MaxRequestLineSize = limits.RequestLine;
        options.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        options.Limits.MaxRequestHeaderCount = limits.HeaderCount;
        options.Limits.RequestHeadersTimeout = limits.HeaderTimeout;
        options.Limits.KeepAliveTimeout = limits.IdleTimeout;
        options.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        options.Limits.Http2.MaxRequestHeaderFieldSize = limits.HeaderBytes;

        // Bodies are limited by routes, and their pace by the exchange: a stream that says nothing for a while is no attack.
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Listen(new IPEndPoint(IPAddress.Loopback, 0), static listen => listen.Protocols = HttpProtocols.Http2);
        return options;
    }

    /// <summary>What Kestrel calls for each request, on the thread pool.</summary>
    private sealed class Application : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context)
        {
            var connection = context.GetRequiredFeature<ChannelConnection>();
            return connection.Server.ServeAsync(connection, context);
        }

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}
