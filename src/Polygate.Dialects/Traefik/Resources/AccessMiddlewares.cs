using k8s.Models;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>HTTP Basic or Digest authentication against a Secret.</summary>
public sealed record BasicAuthSpec
{
    public string? HeaderField { get; init; }

    public string? Realm { get; init; }

    public bool? RemoveHeader { get; init; }

    public string? Secret { get; init; }
}

/// <summary>Authentication by a service that is asked about each request.</summary>
public sealed record ForwardAuthSpec
{
    public IReadOnlyList<string>? AddAuthCookiesToResponse { get; init; }

    public string? Address { get; init; }

    public IReadOnlyList<string>? AuthRequestHeaders { get; init; }

    public IReadOnlyList<string>? AuthResponseHeaders { get; init; }

    public string? AuthResponseHeadersRegex { get; init; }

    public string? AuthSigninURL { get; init; }

    public bool? ForwardBody { get; init; }

    public string? HeaderField { get; init; }

    public long? MaxBodySize { get; init; }

    public long? MaxResponseBodySize { get; init; }

    public bool? PreserveLocationHeader { get; init; }

    public bool? PreserveRequestMethod { get; init; }

    public ForwardAuthTls? Tls { get; init; }

    public bool? TrustForwardHeader { get; init; }
}

/// <summary>TLS towards the authenticating service.</summary>
public sealed record ForwardAuthTls
{
    public bool? CaOptional { get; init; }

    public string? CaSecret { get; init; }

    public string? CertSecret { get; init; }

    public bool? InsecureSkipVerify { get; init; }
}

/// <summary>Client addresses that may pass.</summary>
public sealed record IpAllowListSpec
{
    public IpStrategy? IpStrategy { get; init; }

    public int? RejectStatusCode { get; init; }

    public IReadOnlyList<string>? SourceRange { get; init; }
}

/// <summary>Which address counts as the client's; absent or empty: the peer's.</summary>
public sealed record IpStrategy
{
    public int? Depth { get; init; }

    public IReadOnlyList<string>? ExcludedIPs { get; init; }

    public int? Ipv6Subnet { get; init; }
}

/// <summary>What names a client; absent: the middleware's own default.</summary>
public sealed record SourceCriterion
{
    public IpStrategy? IpStrategy { get; init; }

    public string? RequestHeaderName { get; init; }

    public bool? RequestHost { get; init; }
}

/// <summary>A limit on simultaneous requests.</summary>
public sealed record InFlightReqSpec
{
    public long? Amount { get; init; }

    public SourceCriterion? SourceCriterion { get; init; }
}

/// <summary>A limit on the rate of requests.</summary>
public sealed record RateLimitSpec
{
    public long? Average { get; init; }

    public long? Burst { get; init; }

    public IntOrString? Period { get; init; }

    public RedisSpec? Redis { get; init; }

    public SourceCriterion? SourceCriterion { get; init; }
}

/// <summary>A Redis that shares the counts between instances.</summary>
public sealed record RedisSpec
{
    public int? Db { get; init; }

    public IntOrString? DialTimeout { get; init; }

    public IReadOnlyList<string>? Endpoints { get; init; }

    public int? MaxActiveConns { get; init; }

    public int? MinIdleConns { get; init; }

    public int? PoolSize { get; init; }

    public IntOrString? ReadTimeout { get; init; }

    public string? Secret { get; init; }

    public RedisTls? Tls { get; init; }

    public IntOrString? WriteTimeout { get; init; }
}

/// <summary>TLS towards Redis.</summary>
public sealed record RedisTls
{
    public string? CaSecret { get; init; }

    public string? CertSecret { get; init; }

    public bool? InsecureSkipVerify { get; init; }
}

/// <summary>Refuses escapes in the path that are not allowed here.</summary>
public sealed record EncodedCharactersSpec
{
    public bool? AllowEncodedBackSlash { get; init; }

    public bool? AllowEncodedHash { get; init; }

    public bool? AllowEncodedNullCharacter { get; init; }

    public bool? AllowEncodedPercent { get; init; }

    public bool? AllowEncodedQuestionMark { get; init; }

    public bool? AllowEncodedSemicolon { get; init; }

    public bool? AllowEncodedSlash { get; init; }
}
