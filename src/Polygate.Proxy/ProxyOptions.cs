using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy;

/// <summary>How a <see cref="ProxyServer"/> is set up: what an installation decides, in contrast to the configuration.</summary>
public sealed record ProxyOptions
{
    /// <summary>Event loops, 1 to 1,024; by default one a core.</summary>
    public int Loops { get; init; } = Environment.ProcessorCount;

    /// <inheritdoc cref="TransportOptions.MaximumConnections"/>
    public int MaximumConnections { get; init; } = int.MaxValue;

    /// <summary>Makes the transport; by default what suits the machine.</summary>
    public Func<TransportOptions, ITransport> Transport { get; init; } = Transports.Create;

    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    public StreamOptions Streams { get; init; } = new();

    public UpstreamOptions Upstream { get; init; } = new();

    /// <summary>Networks of the proxies before this one, in CIDR notation, that are believed about their clients.</summary>
    public TrustedProxies TrustedProxies { get; init; } = TrustedProxies.None;

    /// <summary>Whether backends are told of clients by <c>Forwarded</c> as well.</summary>
    public ForwardedHeader Forwarded { get; init; }

    public ListenerOptions Listeners { get; init; } = new();

    /// <summary>TLS to backends; null for the proxy's own, which presents client certificates of the configuration.</summary>
    public IBackendTls? BackendTls { get; init; }

    /// <summary>What serves connections that speak HTTP/2; null for the proxy's own.</summary>
    public Func<IHttp2Engine, IHttp2Server>? Http2Server { get; init; }

    /// <summary>Null for none.</summary>
    public IAccessLog? AccessLog { get; init; }

    /// <summary>Whether requests are counted by method and status as well, about a kilobyte for each combination that a route sees on a loop.</summary>
    public bool CountsByMethodAndStatus { get; init; }

    /// <inheritdoc cref="TransportOptions.ReportHeld"/>
    public Action<string> ReportHeld { get; init; } = static _ => { };

    /// <summary>Told what backends have to say to who runs them (FastCGI's standard error), at most ten times a second for each loop. Must not throw.</summary>
    public Action<string> ReportBackend { get; init; } = static _ => { };

    /// <summary>Told of errors inside the proxy that cost a connection or request. Called on any thread; must not throw.</summary>
    public Action<string, Exception?> Report { get; init; } = static (_, _) => { };
}
