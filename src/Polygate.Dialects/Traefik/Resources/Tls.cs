using k8s.Models;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>The <c>spec</c> of a <c>TLSOption</c>: parameters of TLS connections, chosen per host.</summary>
public sealed record TlsOptionSpec
{
    public IReadOnlyList<string>? AlpnProtocols { get; init; }

    public IReadOnlyList<string>? CipherSuites { get; init; }

    public ClientAuthentication? ClientAuth { get; init; }

    public IReadOnlyList<string>? CurvePreferences { get; init; }

    public bool? DisableSessionTickets { get; init; }

    public string? MaxVersion { get; init; }

    public string? MinVersion { get; init; }

    public bool? PreferServerCipherSuites { get; init; }

    public bool? SniStrict { get; init; }
}

/// <summary>Client certificates.</summary>
public sealed record ClientAuthentication
{
    public string? ClientAuthType { get; init; }

    public IReadOnlyList<string>? SecretNames { get; init; }
}

/// <summary>The <c>spec</c> of a <c>TLSStore</c>: certificates of the whole gateway.</summary>
public sealed record TlsStoreSpec
{
    public IReadOnlyList<SecretReference>? Certificates { get; init; }

    public SecretReference? DefaultCertificate { get; init; }

    public GeneratedCertificate? DefaultGeneratedCert { get; init; }
}

/// <summary>A Secret in the object's namespace.</summary>
public sealed record SecretReference
{
    public string? SecretName { get; init; }
}

/// <summary>A default certificate that a resolver obtains.</summary>
public sealed record GeneratedCertificate
{
    public TlsDomain? Domain { get; init; }

    public string? Resolver { get; init; }
}

/// <summary>The <c>spec</c> of a <c>ServersTransport</c>: how connections to servers are made.</summary>
public sealed record ServersTransportSpec
{
    public IReadOnlyList<string>? CertificatesSecrets { get; init; }

    public IReadOnlyList<string>? CipherSuites { get; init; }

    public bool? DisableHTTP2 { get; init; }

    public ForwardingTimeouts? ForwardingTimeouts { get; init; }

    public bool? InsecureSkipVerify { get; init; }

    public int? MaxIdleConnsPerHost { get; init; }

    public string? MaxVersion { get; init; }

    public string? MinVersion { get; init; }

    public IReadOnlyList<PeerCertificateName>? PeerCertSANs { get; init; }

    public string? PeerCertURI { get; init; }

    public IReadOnlyList<RootCertificates>? RootCAs { get; init; }

    public IReadOnlyList<string>? RootCAsSecrets { get; init; }

    public string? ServerName { get; init; }

    public SpiffeSpec? Spiffe { get; init; }
}

/// <summary>Time limits towards servers: integers are seconds, texts Go durations.</summary>
public sealed record ForwardingTimeouts
{
    public IntOrString? DialTimeout { get; init; }

    public IntOrString? IdleConnTimeout { get; init; }

    public IntOrString? PingTimeout { get; init; }

    public IntOrString? ReadIdleTimeout { get; init; }

    public IntOrString? ResponseHeaderTimeout { get; init; }
}

/// <summary>A name that the server's certificate must carry.</summary>
public sealed record PeerCertificateName
{
    /// <summary><c>URI</c> or <c>DNSName</c>.</summary>
    public string? Type { get; init; }

    public string? Value { get; init; }
}

/// <summary>Trusted authorities in a ConfigMap or a Secret.</summary>
public sealed record RootCertificates
{
    public string? ConfigMap { get; init; }

    public string? Secret { get; init; }
}

/// <summary>SPIFFE identities of servers.</summary>
public sealed record SpiffeSpec
{
    public IReadOnlyList<string>? Ids { get; init; }

    public string? TrustDomain { get; init; }
}
