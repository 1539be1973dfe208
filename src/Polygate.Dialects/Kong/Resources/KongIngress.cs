using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>
/// Settings of routes, services and upstreams in Kong's own words. An Ingress takes the <c>route</c> section of the object it
/// names (or that has its name), a Service the <c>proxy</c> and <c>upstream</c> sections.
/// </summary>
public sealed class KongIngress : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("proxy")]
    public ProxySection? Proxy { get; set; }

    [JsonPropertyName("route")]
    public RouteSection? Route { get; set; }

    [JsonPropertyName("upstream")]
    public UpstreamSection? Upstream { get; set; }
}

/// <summary>How a Service is reached. Times are in milliseconds.</summary>
public sealed record ProxySection
{
    [JsonPropertyName("connect_timeout")]
    public long? ConnectTimeout { get; init; }

    [JsonPropertyName("path")]
    public string? Path { get; init; }

    [JsonPropertyName("protocol")]
    public string? Protocol { get; init; }

    [JsonPropertyName("read_timeout")]
    public long? ReadTimeout { get; init; }

    [JsonPropertyName("retries")]
    public int? Retries { get; init; }

    [JsonPropertyName("write_timeout")]
    public long? WriteTimeout { get; init; }
}

/// <summary>What requests a route takes, and how they are passed on.</summary>
public sealed record RouteSection
{
    [JsonPropertyName("headers")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Headers { get; init; }

    [JsonPropertyName("https_redirect_status_code")]
    public int? HttpsRedirectStatusCode { get; init; }

    [JsonPropertyName("methods")]
    public IReadOnlyList<string>? Methods { get; init; }

    [JsonPropertyName("path_handling")]
    public string? PathHandling { get; init; }

    [JsonPropertyName("preserve_host")]
    public bool? PreserveHost { get; init; }

    [JsonPropertyName("protocols")]
    public IReadOnlyList<string>? Protocols { get; init; }

    [JsonPropertyName("regex_priority")]
    public int? RegexPriority { get; init; }

    [JsonPropertyName("request_buffering")]
    public bool? RequestBuffering { get; init; }

    [JsonPropertyName("response_buffering")]
    public bool? ResponseBuffering { get; init; }

    [JsonPropertyName("snis")]
    public IReadOnlyList<string>? Snis { get; init; }

    [JsonPropertyName("strip_path")]
    public bool? StripPath { get; init; }
}

/// <summary>How the endpoints of a Service are balanced.</summary>
public sealed record UpstreamSection
{
    [JsonPropertyName("algorithm")]
    public string? Algorithm { get; init; }

    [JsonPropertyName("hash_fallback")]
    public string? HashFallback { get; init; }

    [JsonPropertyName("hash_fallback_header")]
    public string? HashFallbackHeader { get; init; }

    [JsonPropertyName("hash_fallback_query_arg")]
    public string? HashFallbackQueryArg { get; init; }

    [JsonPropertyName("hash_fallback_uri_capture")]
    public string? HashFallbackUriCapture { get; init; }

    [JsonPropertyName("hash_on")]
    public string? HashOn { get; init; }

    [JsonPropertyName("hash_on_cookie")]
    public string? HashOnCookie { get; init; }

    [JsonPropertyName("hash_on_cookie_path")]
    public string? HashOnCookiePath { get; init; }

    [JsonPropertyName("hash_on_header")]
    public string? HashOnHeader { get; init; }

    [JsonPropertyName("hash_on_query_arg")]
    public string? HashOnQueryArg { get; init; }

    [JsonPropertyName("hash_on_uri_capture")]
    public string? HashOnUriCapture { get; init; }

    [JsonPropertyName("healthchecks")]
    public JsonElement? Healthchecks { get; init; }

    [JsonPropertyName("host_header")]
    public string? HostHeader { get; init; }

    [JsonPropertyName("slots")]
    public int? Slots { get; init; }
}
