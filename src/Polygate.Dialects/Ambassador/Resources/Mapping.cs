using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Ambassador.Resources;

/// <summary>
/// The <c>spec</c> of a <c>Mapping</c> (getambassador.io/v3alpha1; older versions are upgraded to it). Fields whose form differs
/// between versions are kept as they stand.
/// </summary>
public sealed record MappingSpec : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored:
        [
            "cluster_tag", "docs", "stats_name", "v2ExplicitTLS", "v2BoolHeaders", "v2BoolQueryParameters", "auth_context_extensions",
            "enable_ipv4", "enable_ipv6", "respect_dns_ttl", "dns_type", "envoy_override", "labels", "bypass_auth",
        ],
        unsupported:
        [
            "add_linkerd_headers", "bypass_error_response_overrides", "cluster_idle_timeout_ms", "cluster_max_connection_lifetime_ms",
            "error_response_overrides", "health_checks", "keepalive", "modules", "outlier_detection", "priority",
        ]);

    public JsonElement? AddRequestHeaders { get; init; }

    public JsonElement? AddResponseHeaders { get; init; }

    public IReadOnlyList<string>? AllowUpgrade { get; init; }

    public JsonElement? AmbassadorId { get; init; }

    public bool? AutoHostRewrite { get; init; }

    /// <summary>Default true.</summary>
    public bool? CaseSensitive { get; init; }

    public IReadOnlyList<CircuitBreaker>? CircuitBreakers { get; init; }

    public int? ConnectTimeoutMs { get; init; }

    public CorsSpec? Cors { get; init; }

    public bool? Grpc { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Headers { get; init; }

    public string? Host { get; init; }

    public bool? HostRedirect { get; init; }

    public bool? HostRegex { get; init; }

    public string? HostRewrite { get; init; }

    public string? Hostname { get; init; }

    public int? IdleTimeoutMs { get; init; }

    public LoadBalancer? LoadBalancer { get; init; }

    public string? Method { get; init; }

    public bool? MethodRegex { get; init; }

    public string? PathRedirect { get; init; }

    public int? Precedence { get; init; }

    public string? Prefix { get; init; }

    public bool? PrefixExact { get; init; }

    public string? PrefixRedirect { get; init; }

    public bool? PrefixRegex { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? QueryParameters { get; init; }

    public int? RedirectResponseCode { get; init; }

    public IReadOnlyDictionary<string, string>? RegexHeaders { get; init; }

    public IReadOnlyDictionary<string, string>? RegexQueryParameters { get; init; }

    public RegexRewriteSpec? RegexRedirect { get; init; }

    public RegexRewriteSpec? RegexRewrite { get; init; }

    public JsonElement? RemoveRequestHeaders { get; init; }

    public JsonElement? RemoveResponseHeaders { get; init; }

    public string? Resolver { get; init; }

    public RetryPolicySpec? RetryPolicy { get; init; }

    /// <summary>Absent: <c>/</c>; empty: the path is left alone.</summary>
    public string? Rewrite { get; init; }

    public string? Service { get; init; }

    public bool? Shadow { get; init; }

    public int? TimeoutMs { get; init; }

    public JsonElement? Tls { get; init; }

    public bool? UseWebsocket { get; init; }

    public int? Weight { get; init; }
}

/// <summary>Limits of what is open to a service at a time.</summary>
public sealed record CircuitBreaker
{
    public int? MaxConnections { get; init; }

    public int? MaxPendingRequests { get; init; }

    public int? MaxRequests { get; init; }

    public int? MaxRetries { get; init; }

    /// <summary><c>default</c> or <c>high</c>.</summary>
    public string? Priority { get; init; }
}

/// <summary>Cross-origin resource sharing. Lists are lists, or (before v3alpha1) text with commas.</summary>
public sealed record CorsSpec
{
    public bool? Credentials { get; init; }

    public JsonElement? ExposedHeaders { get; init; }

    public JsonElement? Headers { get; init; }

    public string? MaxAge { get; init; }

    public JsonElement? Methods { get; init; }

    public JsonElement? Origins { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("v2CommaSeparatedOrigins")]
    public bool? V2CommaSeparatedOrigins { get; init; }
}

/// <summary>How an endpoint is picked; needs a resolver that knows endpoints.</summary>
public sealed record LoadBalancer
{
    public LoadBalancerCookie? Cookie { get; init; }

    public string? Header { get; init; }

    /// <summary><c>round_robin</c>, <c>least_request</c>, <c>ring_hash</c> or <c>maglev</c>.</summary>
    public string? Policy { get; init; }

    public bool? SourceIp { get; init; }
}

/// <summary>A cookie to hash; with a lifetime the gateway sets it.</summary>
public sealed record LoadBalancerCookie
{
    public string? Name { get; init; }

    public string? Path { get; init; }

    public string? Ttl { get; init; }
}

/// <summary>A regular expression and what stands for it.</summary>
public sealed record RegexRewriteSpec
{
    public string? Pattern { get; init; }

    public string? Substitution { get; init; }
}

/// <summary>When an attempt is repeated.</summary>
public sealed record RetryPolicySpec
{
    public int? NumRetries { get; init; }

    public string? PerTryTimeout { get; init; }

    public string? RetryOn { get; init; }
}
