using k8s.Models;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>Buffers whole bodies and limits their size.</summary>
public sealed record BufferingSpec
{
    public long? MaxRequestBodyBytes { get; init; }

    public long? MaxResponseBodyBytes { get; init; }

    public long? MemRequestBodyBytes { get; init; }

    public long? MemResponseBodyBytes { get; init; }

    public string? RetryExpression { get; init; }
}

/// <summary>Several middlewares under one name.</summary>
public sealed record ChainSpec
{
    public IReadOnlyList<ObjectReference>? Middlewares { get; init; }
}

/// <summary>Stops requests to a service that fails.</summary>
public sealed record CircuitBreakerSpec
{
    public IntOrString? CheckPeriod { get; init; }

    public string? Expression { get; init; }

    public IntOrString? FallbackDuration { get; init; }

    public IntOrString? RecoveryDuration { get; init; }

    public int? ResponseCode { get; init; }
}

/// <summary>Compresses answers.</summary>
public sealed record CompressSpec
{
    public string? DefaultEncoding { get; init; }

    public IReadOnlyList<string>? Encodings { get; init; }

    public IReadOnlyList<string>? ExcludedContentTypes { get; init; }

    public IReadOnlyList<string>? IncludedContentTypes { get; init; }

    public int? MinResponseBodyBytes { get; init; }
}

/// <summary>Guesses the media type of answers without one.</summary>
public sealed record ContentTypeSpec
{
    public bool? AutoDetect { get; init; }
}

/// <summary>Replaces error answers by pages of a service.</summary>
public sealed record ErrorsSpec
{
    public IReadOnlyList<string>? ErrorRequestHeaders { get; init; }

    public string? Query { get; init; }

    public ServiceReference? Service { get; init; }

    public IReadOnlyList<string>? Status { get; init; }

    public IReadOnlyDictionary<string, int>? StatusRewrites { get; init; }
}

/// <summary>Translates gRPC-Web to gRPC.</summary>
public sealed record GrpcWebSpec
{
    public IReadOnlyList<string>? AllowOrigins { get; init; }
}

/// <summary>Repeats failed requests.</summary>
public sealed record RetrySpec
{
    /// <summary>All tries, the first included.</summary>
    public int? Attempts { get; init; }

    public bool? DisableRetryOnNetworkError { get; init; }

    public IntOrString? InitialInterval { get; init; }

    public long? MaxRequestBodyBytes { get; init; }

    public bool? RetryNonIdempotentMethod { get; init; }

    public IReadOnlyList<string>? Status { get; init; }

    public IntOrString? Timeout { get; init; }
}

/// <summary>Tells the service about the client's certificate.</summary>
public sealed record PassTlsClientCertSpec
{
    public ClientCertificateInfo? Info { get; init; }

    public bool? Pem { get; init; }
}

/// <summary>Which parts of the certificate are told.</summary>
public sealed record ClientCertificateInfo
{
    public DistinguishedNameParts? Issuer { get; init; }

    public bool? NotAfter { get; init; }

    public bool? NotBefore { get; init; }

    public bool? Sans { get; init; }

    public bool? SerialNumber { get; init; }

    public DistinguishedNameParts? Subject { get; init; }
}

/// <summary>Which attributes of a distinguished name are told.</summary>
public sealed record DistinguishedNameParts
{
    public bool? CommonName { get; init; }

    public bool? Country { get; init; }

    public bool? DomainComponent { get; init; }

    public bool? Locality { get; init; }

    public bool? Organization { get; init; }

    public bool? OrganizationalUnit { get; init; }

    public bool? Province { get; init; }

    public bool? SerialNumber { get; init; }
}
