using System.Text.Json;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>The <c>spec</c> of a <c>Middleware</c>: exactly one of its members is meant to be there.</summary>
public sealed record MiddlewareSpec
{
    public AddPrefixSpec? AddPrefix { get; init; }

    public BasicAuthSpec? BasicAuth { get; init; }

    public BufferingSpec? Buffering { get; init; }

    public ChainSpec? Chain { get; init; }

    public CircuitBreakerSpec? CircuitBreaker { get; init; }

    public CompressSpec? Compress { get; init; }

    public ContentTypeSpec? ContentType { get; init; }

    public BasicAuthSpec? DigestAuth { get; init; }

    public EncodedCharactersSpec? EncodedCharacters { get; init; }

    public ErrorsSpec? Errors { get; init; }

    public ForwardAuthSpec? ForwardAuth { get; init; }

    public GrpcWebSpec? GrpcWeb { get; init; }

    public HeadersSpec? Headers { get; init; }

    public InFlightReqSpec? InFlightReq { get; init; }

    public IpAllowListSpec? IpAllowList { get; init; }

    public IpAllowListSpec? IpWhiteList { get; init; }

    public PassTlsClientCertSpec? PassTLSClientCert { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Plugin { get; init; }

    public RateLimitSpec? RateLimit { get; init; }

    public RedirectRegexSpec? RedirectRegex { get; init; }

    public RedirectSchemeSpec? RedirectScheme { get; init; }

    public ReplacePathSpec? ReplacePath { get; init; }

    public ReplacePathRegexSpec? ReplacePathRegex { get; init; }

    public RetrySpec? Retry { get; init; }

    public StripPrefixSpec? StripPrefix { get; init; }

    public StripPrefixRegexSpec? StripPrefixRegex { get; init; }
}
