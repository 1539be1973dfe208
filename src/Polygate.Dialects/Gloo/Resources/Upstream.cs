using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>The <c>spec</c> of an <c>Upstream</c>: a destination and how it is used.</summary>
public sealed record UpstreamSpec : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["discoveryMetadata", "namespacedStatuses", "disableIstioAutoMtls", "maxConcurrentStreams", "initialStreamWindowSize", "initialConnectionWindowSize"],
        unsupported:
        [
            "dnsRefreshRate", "failover", "healthChecks", "httpConnectHeaders", "httpConnectSslConfig", "httpProxyHostname",
            "ignoreHealthOnHostRemoval", "outlierDetection", "overrideStreamErrorOnInvalidHttpMessage", "preconnectPolicy", "protocolSelection",
            "proxyProtocolVersion", "respectDnsTtl",
        ]);

    /// <summary>Kinds of upstream that cannot be reached yet.</summary>
    public static readonly IReadOnlyList<string> UnsupportedTypes = ["ai", "aws", "awsEc2", "azure", "consul", "gcp", "pipe"];

    /// <summary><see cref="Fields"/> with the types, which are told of once as what they are.</summary>
    public static readonly FieldTable FieldsBesideTypes = Fields.IgnoringAlso(UnsupportedTypes);

    public UpstreamCircuitBreakers? CircuitBreakers { get; init; }

    public ConnectionConfig? ConnectionConfig { get; init; }

    public KubeUpstream? Kube { get; init; }

    public LoadBalancerConfig? LoadBalancerConfig { get; init; }

    public SslConfig? SslConfig { get; init; }

    public StaticUpstream? Static { get; init; }

    public bool? UseHttp2 { get; init; }
}

/// <summary>Limits of what is open to an upstream at a time.</summary>
public sealed record UpstreamCircuitBreakers : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["trackRemaining"], unsupported: ["maxPendingRequests", "maxRequests", "maxRetries"]);

    public int? MaxConnections { get; init; }
}

/// <summary>How connections are made.</summary>
public sealed record ConnectionConfig : OpenFields
{
    public static readonly FieldTable Fields = new(
        unsupported: ["commonHttpProtocolOptions", "http1ProtocolOptions", "maxRequestsPerConnection", "perConnectionBufferLimitBytes", "tcpKeepalive"]);

    public string? ConnectTimeout { get; init; }
}

/// <summary>How an endpoint is picked.</summary>
public sealed record LoadBalancerConfig : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["updateMergeWindow"],
        unsupported: ["closeConnectionsOnHostSetChange", "healthyPanicThreshold", "localityWeightedLbConfig", "useHostnameForHashing"]);

    public LeastRequestConfig? LeastRequest { get; init; }

    public JsonElement? Maglev { get; init; }

    public JsonElement? Random { get; init; }

    public RingHashConfig? RingHash { get; init; }

    public RoundRobinConfig? RoundRobin { get; init; }
}

/// <summary>Fewest open requests among some random endpoints.</summary>
public sealed record LeastRequestConfig
{
    public int? ChoiceCount { get; init; }

    public JsonElement? SlowStartConfig { get; init; }
}

/// <summary>One after the other.</summary>
public sealed record RoundRobinConfig
{
    public JsonElement? SlowStartConfig { get; init; }
}

/// <summary>A ring of virtual nodes.</summary>
public sealed record RingHashConfig
{
    /// <summary>The size of the ring; the engine chooses its own.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("ringHashConfig")]
    public JsonElement? Size { get; init; }
}

/// <summary>A Service's port.</summary>
public sealed record KubeUpstream
{
    public IReadOnlyDictionary<string, string>? Selector { get; init; }

    public string? ServiceName { get; init; }

    public string? ServiceNamespace { get; init; }

    public int? ServicePort { get; init; }

    public JsonElement? ServiceSpec { get; init; }

    public JsonElement? SubsetSpec { get; init; }
}

/// <summary>Addresses written out.</summary>
public sealed record StaticUpstream
{
    public bool? AutoSniRewrite { get; init; }

    public IReadOnlyList<StaticHost>? Hosts { get; init; }

    public JsonElement? ServiceSpec { get; init; }

    public bool? UseTls { get; init; }
}

/// <summary>An address or host name with a port.</summary>
public sealed record StaticHost
{
    public string? Addr { get; init; }

    public JsonElement? HealthCheckConfig { get; init; }

    public int? LoadBalancingWeight { get; init; }

    public JsonElement? Metadata { get; init; }

    public int? Port { get; init; }

    public string? SniAddr { get; init; }
}

/// <summary>The <c>spec</c> of an <c>UpstreamGroup</c>: destinations with shares.</summary>
public sealed record UpstreamGroupSpec
{
    public IReadOnlyList<WeightedDestination>? Destinations { get; init; }

    public JsonElement? NamespacedStatuses { get; init; }
}
