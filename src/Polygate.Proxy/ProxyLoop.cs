using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy;

/// <summary>What a server for HTTP/2 gets from the proxy: one for each loop.</summary>
public interface IHttp2Engine
{
    EventLoop Loop { get; }

    HttpLimits Limits { get; }

    /// <summary>Whether connections are to end with the requests under way.</summary>
    bool IsDraining { get; }

    /// <summary>Answers a request; when this completes the answer was sent, or the exchange was aborted. Never fails.</summary>
    ValueTask HandleAsync(HttpExchange exchange);
}

/// <summary>Everything of the proxy that lives on one loop.</summary>
internal sealed class ProxyLoop : IHttp2Engine
{
    private readonly HttpServerLoop http1;
    private readonly RequestPipeline pipeline;
    private readonly Action<string, Exception?> report;
    private int http2Connections;

    public ProxyLoop(EventLoop loop, ProxyOptions options)
    {
        Loop = loop;
        Limits = options.Limits;
        report = options.Report;
        Metrics = new LoopMetrics(loop.Index, options.CountsByMethodAndStatus);
        Upstreams = new UpstreamConnections(loop, options.Limits, options.Upstream, options.BackendTls, options.ReportBackend);
        Streams = new StreamServer(Upstreams, options.BackendTls, Metrics, options.Streams, options.AccessLog, options.Report);
        Datagrams = new DatagramLoop(loop, Streams.Connector, Metrics, options.Streams, options.AccessLog, options.Report);
        pipeline = new RequestPipeline(Upstreams, Metrics, new ForwardedFields(options.TrustedProxies, options.Forwarded), options.AccessLog, options.Report);
        Http2 = options.Http2Server?.Invoke(this);
        http1 = new HttpServerLoop(options.Limits, pipeline, Http2 is null ? null : new CountedHttp2(this), options.Report);
    }

    public EventLoop Loop { get; }

    public HttpLimits Limits { get; }

    public bool IsDraining => http1.IsDraining;

    public LoopMetrics Metrics { get; }

    public UpstreamConnections Upstreams { get; }

    public StreamServer Streams { get; }

    public DatagramLoop Datagrams { get; }

    /// <summary>Open connections of clients.</summary>
    public int Connections => http1.Connections + Volatile.Read(ref http2Connections) + Streams.Connections;

    private IHttp2Server? Http2 { get; }

    public ValueTask HandleAsync(HttpExchange exchange) => pipeline.HandleAsync(exchange);

    /// <summary>Serves a connection to its end. On the loop.</summary>
    /// <param name="channel">Owned from here on.</param>
    /// <param name="client">Who it is.</param>
    /// <param name="protocol">What ALPN agreed on; empty without.</param>
    public void Serve(Channel channel, ClientConnection client, string protocol)
    {
        if (protocol != "h2")
        {
            _ = new Http1ServerConnection(channel, client, http1).RunAsync();
        }
        else if (Http2 is null)
        {
            channel.Dispose();
        }
        else
        {
            _ = new CountedHttp2(this).ServeAsync(channel, client, default);
        }
    }

    /// <summary>Runs something on the loop, soon. From any thread.</summary>
    public void Post(Action<ProxyLoop> action) => Loop.Post(_ => action(this), null);

    /// <summary>Closes what is idle; the rest ends with what is under way. On the loop.</summary>
    public void Drain()
    {
        Upstreams.IsDraining = true;
        http1.Drain();
        Http2?.Drain();
    }

    /// <summary>Counts the connections that speak HTTP/2, and keeps their failures from the loop.</summary>
    private sealed class CountedHttp2(ProxyLoop owner) : IHttp2Server
    {
        public async Task ServeAsync(Channel channel, ClientConnection client, ReadOnlyMemory<byte> received)
        {
            Interlocked.Increment(ref owner.http2Connections);
            try
            {
                await owner.Http2!.ServeAsync(channel, client, received);
            }
            catch (Exception exception)
            {
                owner.report("An HTTP/2 connection failed.", exception);
                channel.Abort();
            }
            finally
            {
                Interlocked.Decrement(ref owner.http2Connections);
            }
        }

        public void Drain() => owner.Http2!.Drain();
    }
}
