using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>The <c>spec</c> of a <c>RouteOption</c>: options that routes take by reference.</summary>
public sealed record RouteOptionSpec
{
    public JsonElement? NamespacedStatuses { get; init; }

    public RouteOptions? Options { get; init; }

    /// <summary>Read in Gateway API mode only.</summary>
    public JsonElement? TargetRefs { get; init; }
}

/// <summary>The <c>spec</c> of a <c>VirtualHostOption</c>: options that virtual hosts take by reference.</summary>
public sealed record VirtualHostOptionSpec
{
    public JsonElement? NamespacedStatuses { get; init; }

    public VirtualHostOptions? Options { get; init; }

    /// <summary>Read in Gateway API mode only.</summary>
    public JsonElement? TargetRefs { get; init; }
}

/// <summary>The options that routes and virtual hosts share.</summary>
public abstract record CommonOptions : OpenFields
{
    public BufferPerRoute? BufferPerRoute { get; init; }

    public CorsPolicy? Cors { get; init; }

    public HeaderManipulation? HeaderManipulation { get; init; }

    public RetrySpec? Retries { get; init; }

    public StagedTransformations? StagedTransformations { get; init; }
}

/// <summary>Options of a route.</summary>
public sealed record RouteOptions : CommonOptions
{
    public static readonly FieldTable Fields = new(
        ignored: ["envoyMetadata"],
        unsupported:
        [
            "ai", "extensions", "faults", "hostRewriteHeader", "hostRewritePathRegex", "maxStreamDuration", "tracing", "transformations",
        ],
        restricting: RestrictingFields.Names);

    public bool? AppendXForwardedHost { get; init; }

    public bool? AutoHostRewrite { get; init; }

    public string? HostRewrite { get; init; }

    public string? IdleTimeout { get; init; }

    public LbHash? LbHash { get; init; }

    public string? PrefixRewrite { get; init; }

    public RegexMatchAndSubstitute? RegexRewrite { get; init; }

    public Shadowing? Shadowing { get; init; }

    public string? Timeout { get; init; }

    public IReadOnlyList<UpgradeSpec>? Upgrades { get; init; }
}

/// <summary>Options of a virtual host.</summary>
public sealed record VirtualHostOptions : CommonOptions
{
    public static readonly FieldTable Fields = new(
        ignored: ["stats"],
        unsupported: ["corsPolicyMergeSettings", "extensions", "includeAttemptCountInResponse", "includeRequestAttemptCount", "transformations"],
        restricting: RestrictingFields.Names);
}

/// <summary>Options of one destination among several.</summary>
public sealed record DestinationOptions : OpenFields
{
    public static readonly FieldTable Fields = new(
        unsupported: ["bufferPerRoute", "extensions", "stagedTransformations", "transformations"],
        restricting: ["csrf", "extauth"]);

    public HeaderManipulation? HeaderManipulation { get; init; }
}

/// <summary>The options that restrict access, on routes and virtual hosts alike.</summary>
public static class RestrictingFields
{
    /// <summary>Alternatives of one decision stand together: what a route says of any of them replaces the virtual host's.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<string>> Groups =
    [
        ["csrf"], ["dlp"], ["extauth"], ["extProc"], ["extProcEarly"], ["extProcLate"],
        ["jwt", "jwtStaged", "jwtProvidersStaged"],
        ["rateLimitConfigs", "ratelimit"], ["rateLimitEarlyConfigs", "ratelimitEarly"], ["rateLimitRegularConfigs", "ratelimitRegular"],
        ["ratelimitBasic"], ["rbac"], ["waf"],
    ];

    public static readonly IReadOnlyList<string> Names = [.. Groups.SelectMany(group => group)];
}

/// <summary>A smaller or larger buffer than the gateway's.</summary>
public sealed record BufferPerRoute
{
    public BufferSpec? Buffer { get; init; }

    public bool? Disabled { get; init; }
}

/// <summary>How much of a request body is taken.</summary>
public sealed record BufferSpec
{
    public long? MaxRequestBytes { get; init; }
}

/// <summary>Cross-origin resource sharing.</summary>
public sealed record CorsPolicy
{
    public bool? AllowCredentials { get; init; }

    public IReadOnlyList<string>? AllowHeaders { get; init; }

    public IReadOnlyList<string>? AllowMethods { get; init; }

    public IReadOnlyList<string>? AllowOrigin { get; init; }

    public IReadOnlyList<string>? AllowOriginRegex { get; init; }

    public bool? DisableForRoute { get; init; }

    public IReadOnlyList<string>? ExposeHeaders { get; init; }

    /// <summary>Seconds, as text.</summary>
    public string? MaxAge { get; init; }
}

/// <summary>Headers to add and to remove.</summary>
public sealed record HeaderManipulation
{
    public IReadOnlyList<HeaderToAdd>? RequestHeadersToAdd { get; init; }

    public IReadOnlyList<string>? RequestHeadersToRemove { get; init; }

    public IReadOnlyList<HeaderToAdd>? ResponseHeadersToAdd { get; init; }

    public IReadOnlyList<string>? ResponseHeadersToRemove { get; init; }
}

/// <summary>A header to append (the default) or to overwrite.</summary>
public sealed record HeaderToAdd
{
    public bool? Append { get; init; }

    public KeyAndValue? Header { get; init; }

    public ResourceRef? HeaderSecretRef { get; init; }
}

/// <summary>A header's name and value.</summary>
public sealed record KeyAndValue
{
    public string? Key { get; init; }

    public string? Value { get; init; }
}

/// <summary>When an attempt is repeated.</summary>
public sealed record RetrySpec : OpenFields
{
    public static readonly FieldTable Fields = new(unsupported: ["previousPriorities", "rateLimitedRetryBackOff"]);

    public int? NumRetries { get; init; }

    public string? PerTryTimeout { get; init; }

    public IReadOnlyList<int>? RetriableStatusCodes { get; init; }

    public RetryBackOff? RetryBackOff { get; init; }

    public string? RetryOn { get; init; }
}

/// <summary>The waits between attempts.</summary>
public sealed record RetryBackOff
{
    public string? BaseInterval { get; init; }

    public string? MaxInterval { get; init; }
}

/// <summary>What consistent hashing hashes.</summary>
public sealed record LbHash
{
    public IReadOnlyList<HashPolicy>? HashPolicies { get; init; }
}

/// <summary>One thing to hash.</summary>
public sealed record HashPolicy
{
    public HashCookie? Cookie { get; init; }

    public string? Header { get; init; }

    public bool? SourceIp { get; init; }

    public bool? Terminal { get; init; }
}

/// <summary>A cookie to hash; with a lifetime the gateway sets it.</summary>
public sealed record HashCookie
{
    public string? Name { get; init; }

    public string? Path { get; init; }

    public string? Ttl { get; init; }
}

/// <summary>Copies of requests.</summary>
public sealed record Shadowing
{
    public bool? DisableShadowHostSuffixAppend { get; init; }

    public string? HostRewriteLiteral { get; init; }

    public double? Percentage { get; init; }

    public ResourceRef? Upstream { get; init; }
}

/// <summary>A protocol that a connection may change to.</summary>
public sealed record UpgradeSpec
{
    public JsonElement? Connect { get; init; }

    public JsonElement? ConnectTerminate { get; init; }

    public UpgradeSwitch? Websocket { get; init; }
}

/// <summary>Whether an upgrade is allowed; so it is unless it says otherwise.</summary>
public sealed record UpgradeSwitch
{
    public bool? Enabled { get; init; }
}
