using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>The <c>spec</c> of a Gloo <c>Gateway</c>: one address and port, and the virtual services served there.</summary>
public sealed record GlooGatewaySpec : OpenFields
{
    public static readonly FieldTable Fields = new(ignored: ["namespacedStatuses", "proxyNames"]);

    public string? BindAddress { get; init; }

    public int? BindPort { get; init; }

    public HttpGateway? HttpGateway { get; init; }

    public HybridGateway? HybridGateway { get; init; }

    public ListenerOptions? Options { get; init; }

    public IReadOnlyList<string>? ProxyNames { get; init; }

    public RouteOptionsOfGateway? RouteOptions { get; init; }

    public bool? Ssl { get; init; }

    public JsonElement? TcpGateway { get; init; }

    public bool? UseProxyProto { get; init; }
}

/// <summary>Settings for all routes of a gateway.</summary>
public sealed record RouteOptionsOfGateway
{
    public long? MaxDirectResponseBodySizeBytes { get; init; }

    public bool? MostSpecificHeaderMutationsWins { get; init; }
}

/// <summary>Options of the listening socket.</summary>
public sealed record ListenerOptions : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["tcpStats", "perConnectionBufferLimitBytes"],
        unsupported:
        [
            "accessLoggingService", "connectionBalanceConfig", "extensions", "listenerAccessLoggingService", "proxyProtocol", "socketOptions",
        ]);
}

/// <summary>Which virtual services a gateway serves: by expressions, else by selector, else by name, else all.</summary>
public sealed record HttpGateway
{
    public HttpListenerOptions? Options { get; init; }

    public LabelExpressions? VirtualServiceExpressions { get; init; }

    public IReadOnlyList<string>? VirtualServiceNamespaces { get; init; }

    public IReadOnlyDictionary<string, string>? VirtualServiceSelector { get; init; }

    public IReadOnlyList<ResourceRef>? VirtualServices { get; init; }
}

/// <summary>Options of the HTTP filters on a gateway.</summary>
public sealed record HttpListenerOptions : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["disableExtProc", "disableExtProcEarly", "disableExtProcLate", "extauth", "ratelimitServer", "router", "sanitizeClusterHeader"],
        unsupported:
        [
            "caching", "connectionLimit", "dynamicForwardProxy", "extensions", "grpcJsonTranscoder", "grpcWeb", "gzip", "headerValidationSettings", "healthCheck",
            "leftmostXffAddress", "proxyLatency", "statefulSession", "tap",
        ],
        restricting:
        [
            "csrf", "dlp", "extProc", "extProcEarly", "extProcLate", "httpLocalRatelimit", "networkLocalRatelimit", "waf",
            "wasm",
        ]);

    public BufferSpec? Buffer { get; init; }

    public ConnectionManagerSettings? HttpConnectionManagerSettings { get; init; }
}

/// <summary>How HTTP is spoken on a gateway.</summary>
public sealed record ConnectionManagerSettings : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["codecType", "delayedCloseTimeout", "drainTimeout", "generateRequestId", "http2ProtocolOptions"],
        unsupported:
        [
            "acceptHttp10", "allowChunkedLength", "appendXForwardedPort", "defaultHostForHttp10", "earlyHeaderManipulation", "enableTrailers",
            "forwardClientCertDetails", "headersWithUnderscoresAction", "idleTimeout", "internalAddressConfig", "maxConnectionDuration",
            "maxHeadersCount", "maxRequestHeadersKb", "maxRequestsPerConnection", "maxStreamDuration", "mergeSlashes", "normalizePath",
            "pathWithEscapedSlashesAction", "preserveCaseHeaderKeyFormat", "preserveExternalRequestId", "properCaseHeaderKeyFormat",
            "proxy100Continue", "requestHeadersTimeout", "requestTimeout", "serverHeaderTransformation", "serverName",
            "setCurrentClientCertDetails", "skipXffAppend", "streamIdleTimeout", "tracing", "useRemoteAddress", "uuidRequestIdConfig", "via",
            "xffNumTrustedHops",
        ]);

    public bool? StripAnyHostPort { get; init; }

    public IReadOnlyList<UpgradeSpec>? Upgrades { get; init; }
}

/// <summary>Several gateways on one port, chosen by TLS and client address.</summary>
public sealed record HybridGateway
{
    public DelegatedHttpGateways? DelegatedHttpGateways { get; init; }

    public JsonElement? DelegatedTcpGateways { get; init; }

    public IReadOnlyList<MatchedGateway>? MatchedGateways { get; init; }
}

/// <summary>A gateway with the connections it is for.</summary>
public sealed record MatchedGateway
{
    public HttpGateway? HttpGateway { get; init; }

    public GatewayMatcher? Matcher { get; init; }

    public JsonElement? TcpGateway { get; init; }
}

/// <summary>Which connections a gateway is for.</summary>
public sealed record GatewayMatcher
{
    public IReadOnlyList<string>? PassthroughCipherSuites { get; init; }

    public JsonElement? SourcePrefixRanges { get; init; }

    public SslConfig? SslConfig { get; init; }
}

/// <summary>Gateways that stand in objects of their own.</summary>
public sealed record DelegatedHttpGateways
{
    public ConnectionManagerSettings? HttpConnectionManagerSettings { get; init; }

    public bool? PreventChildOverrides { get; init; }

    public ResourceRef? Ref { get; init; }

    public ObjectSelector? Selector { get; init; }

    public SslConfig? SslConfig { get; init; }
}

/// <summary>The <c>spec</c> of a <c>MatchableHttpGateway</c>: a part of a hybrid gateway.</summary>
public sealed record MatchableHttpGatewaySpec
{
    public HttpGateway? HttpGateway { get; init; }

    public GatewayMatcher? Matcher { get; init; }

    public JsonElement? NamespacedStatuses { get; init; }
}

/// <summary>The <c>spec</c> of a <c>MatchableTcpGateway</c>.</summary>
public sealed record MatchableTcpGatewaySpec
{
    public GatewayMatcher? Matcher { get; init; }

    public JsonElement? NamespacedStatuses { get; init; }

    public JsonElement? TcpGateway { get; init; }
}

/// <summary>The <c>spec</c> of a <c>ListenerOption</c> (Gateway API mode only).</summary>
public sealed record ListenerOptionSpec
{
    public JsonElement? NamespacedStatuses { get; init; }

    public JsonElement? Options { get; init; }

    public JsonElement? TargetRefs { get; init; }
}

/// <summary>The <c>spec</c> of an <c>HttpListenerOption</c> (Gateway API mode only).</summary>
public sealed record HttpListenerOptionSpec
{
    public JsonElement? NamespacedStatuses { get; init; }

    public JsonElement? Options { get; init; }

    public JsonElement? TargetRefs { get; init; }
}
