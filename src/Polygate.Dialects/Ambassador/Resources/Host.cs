using System.Text.Json;
using System.Text.Json.Serialization;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Ambassador.Resources;

/// <summary>The <c>spec</c> of a <c>Host</c>: a name, its TLS, and what happens to requests without TLS.</summary>
public sealed record HostSpec : OpenFields
{
    public static readonly FieldTable Fields = new(ignored: ["previewUrl"]);

    [JsonPropertyName("acmeProvider")]
    public AcmeProvider? AcmeProvider { get; init; }

    public JsonElement? AmbassadorId { get; init; }

    /// <summary>Default <c>*</c>; a <c>*</c> may stand first or last.</summary>
    public string? Hostname { get; init; }

    [JsonPropertyName("mappingSelector")]
    public LabelSelector? MappingSelector { get; init; }

    [JsonPropertyName("requestPolicy")]
    public RequestPolicy? RequestPolicy { get; init; }

    /// <summary>The older name of <see cref="MappingSelector"/>.</summary>
    public LabelSelector? Selector { get; init; }

    public TlsContextSpec? Tls { get; init; }

    [JsonPropertyName("tlsContext")]
    public NamedReference? TlsContext { get; init; }

    [JsonPropertyName("tlsSecret")]
    public NamedReference? TlsSecret { get; init; }
}

/// <summary>Where certificates are ordered; only the vendor's commercial edition does.</summary>
public sealed record AcmeProvider
{
    public string? Authority { get; init; }

    public string? Email { get; init; }

    [JsonPropertyName("privateKeySecret")]
    public NamedReference? PrivateKeySecret { get; init; }

    public string? Registration { get; init; }
}

/// <summary>An object by name.</summary>
public sealed record NamedReference
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }
}

/// <summary>Objects by labels.</summary>
public sealed record LabelSelector
{
    [JsonPropertyName("matchExpressions")]
    public JsonElement? MatchExpressions { get; init; }

    [JsonPropertyName("matchLabels")]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }
}

/// <summary>What happens to requests by how they came.</summary>
public sealed record RequestPolicy
{
    public InsecurePolicy? Insecure { get; init; }
}

/// <summary>What happens to requests without TLS.</summary>
public sealed record InsecurePolicy
{
    /// <summary><c>Redirect</c> (default), <c>Reject</c> or <c>Route</c>.</summary>
    public string? Action { get; init; }

    [JsonPropertyName("additionalPort")]
    public int? AdditionalPort { get; init; }
}

/// <summary>The <c>spec</c> of a <c>TLSContext</c>; Hosts may write the same fields under <c>tls</c>.</summary>
public sealed record TlsContextSpec : OpenFields
{
    public static readonly FieldTable Fields = new(
        unsupported:
        [
            "alpn_protocols", "cacert_chain_file", "cert_chain_file", "cipher_suites", "crl_secret", "ecdh_curves", "private_key_file",
            "redirect_cleartext_from", "secret_namespacing",
        ]);

    public JsonElement? AmbassadorId { get; init; }

    public string? CaSecret { get; init; }

    public bool? CertRequired { get; init; }

    public IReadOnlyList<string>? Hosts { get; init; }

    /// <summary><c>v1.0</c> to <c>v1.3</c>.</summary>
    public string? MaxTlsVersion { get; init; }

    public string? MinTlsVersion { get; init; }

    public string? Secret { get; init; }

    public string? Sni { get; init; }
}

/// <summary>The <c>spec</c> of a <c>Listener</c>: a port, how it is spoken to, and the Hosts on it.</summary>
public sealed record ListenerSpec : OpenFields
{
    public static readonly FieldTable Fields = new(ignored: ["statsPrefix"], unsupported: ["http2MaxConcurrentStreams"]);

    public JsonElement? AmbassadorId { get; init; }

    [JsonPropertyName("hostBinding")]
    public HostBinding? HostBinding { get; init; }

    [JsonPropertyName("l7Depth")]
    public int? L7Depth { get; init; }

    public int? Port { get; init; }

    /// <summary>HTTP, HTTPS, HTTPPROXY, HTTPSPROXY, TCP, TLS or UDP.</summary>
    public string? Protocol { get; init; }

    [JsonPropertyName("protocolStack")]
    public IReadOnlyList<string>? ProtocolStack { get; init; }

    /// <summary>XFP, SECURE or INSECURE.</summary>
    [JsonPropertyName("securityModel")]
    public string? SecurityModel { get; init; }
}

/// <summary>Which Hosts a Listener serves.</summary>
public sealed record HostBinding
{
    public NamespaceBinding? Namespace { get; init; }

    public LabelSelector? Selector { get; init; }
}

/// <summary>Hosts of which namespaces.</summary>
public sealed record NamespaceBinding
{
    /// <summary>SELF or ALL.</summary>
    public string? From { get; init; }
}
