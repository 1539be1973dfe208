namespace Polygate.Dialects.Traefik.Resources;

/// <summary>Changes header fields, answers CORS preflights, and sets well-known security headers.</summary>
public sealed record HeadersSpec
{
    public bool? AccessControlAllowCredentials { get; init; }

    public IReadOnlyList<string>? AccessControlAllowHeaders { get; init; }

    public IReadOnlyList<string>? AccessControlAllowMethods { get; init; }

    public IReadOnlyList<string>? AccessControlAllowOriginList { get; init; }

    public IReadOnlyList<string>? AccessControlAllowOriginListRegex { get; init; }

    public IReadOnlyList<string>? AccessControlExposeHeaders { get; init; }

    public int? AccessControlMaxAge { get; init; }

    public bool? AddVaryHeader { get; init; }

    public IReadOnlyList<string>? AllowedHosts { get; init; }

    public bool? BrowserXssFilter { get; init; }

    public string? ContentSecurityPolicy { get; init; }

    public string? ContentSecurityPolicyReportOnly { get; init; }

    public bool? ContentTypeNosniff { get; init; }

    public string? CustomBrowserXSSValue { get; init; }

    public string? CustomFrameOptionsValue { get; init; }

    public IReadOnlyDictionary<string, string>? CustomRequestHeaders { get; init; }

    public IReadOnlyDictionary<string, string>? CustomResponseHeaders { get; init; }

    public string? FeaturePolicy { get; init; }

    public bool? ForceSTSHeader { get; init; }

    public bool? FrameDeny { get; init; }

    public IReadOnlyList<string>? HostsProxyHeaders { get; init; }

    public bool? IsDevelopment { get; init; }

    public string? PermissionsPolicy { get; init; }

    public string? PublicKey { get; init; }

    public string? ReferrerPolicy { get; init; }

    public bool? SslForceHost { get; init; }

    public string? SslHost { get; init; }

    public IReadOnlyDictionary<string, string>? SslProxyHeaders { get; init; }

    public bool? SslRedirect { get; init; }

    public bool? SslTemporaryRedirect { get; init; }

    public bool? StsIncludeSubdomains { get; init; }

    public bool? StsPreload { get; init; }

    public long? StsSeconds { get; init; }
}
