using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Rules for HTTP requests.</summary>
public sealed class HTTPRoute : CustomResource<HTTPRouteSpec>;

/// <summary>What an HTTPRoute says.</summary>
/// <remarks>Lists become arrays of their size: there are ten thousand routes, and most of their lists have one item.</remarks>
public sealed class HTTPRouteSpec : HostRouteSpec
{
    /// <summary>Absent: one rule that matches everything.</summary>
    public IReadOnlyList<HTTPRouteRule>? Rules { get; set => field = value?.ToArray(); }
}

/// <summary>What happens to the requests that fit one of the matches.</summary>
public sealed class HTTPRouteRule
{
    public string? Name { get; set; }

    /// <summary>Alternatives; none: everything.</summary>
    public IReadOnlyList<HTTPRouteMatch>? Matches { get; set => field = value?.ToArray(); }

    public IReadOnlyList<HTTPRouteFilter>? Filters { get; set; }

    public IReadOnlyList<HTTPBackendRef>? BackendRefs { get; set => field = value?.ToArray(); }

    public HTTPRouteTimeouts? Timeouts { get; set; }

    public HTTPRouteRetry? Retry { get; set; }

    public SessionPersistence? SessionPersistence { get; set; }
}

/// <summary>Conditions that all must hold.</summary>
public sealed class HTTPRouteMatch
{
    public HTTPPathMatch? Path { get; set; }

    public IReadOnlyList<HTTPValueMatch>? Headers { get; set; }

    public IReadOnlyList<HTTPValueMatch>? QueryParams { get; set; }

    public string? Method { get; set; }
}

/// <summary>A path condition; absent fields mean the prefix <c>/</c>.</summary>
public sealed class HTTPPathMatch
{
    /// <summary><c>PathPrefix</c> (default), <c>Exact</c> or <c>RegularExpression</c>.</summary>
    public string? Type { get; set; }

    public string? Value { get; set; }
}

/// <summary>A condition over a header or query parameter.</summary>
public sealed class HTTPValueMatch
{
    /// <summary><c>Exact</c> (default) or <c>RegularExpression</c>.</summary>
    public string? Type { get; set; }

    public string Name { get; set; } = "";

    public string Value { get; set; } = "";
}

/// <summary>A backend with filters of its own.</summary>
public sealed class HTTPBackendRef : BackendRef
{
    public IReadOnlyList<HTTPRouteFilter>? Filters { get; set; }
}

/// <summary>One step of processing; the field named like <see cref="Type"/> says how.</summary>
public sealed class HTTPRouteFilter
{
    public string Type { get; set; } = "";

    public HeaderModifier? RequestHeaderModifier { get; set; }

    public HeaderModifier? ResponseHeaderModifier { get; set; }

    public RequestMirror? RequestMirror { get; set; }

    public HTTPRequestRedirect? RequestRedirect { get; set; }

    public HTTPURLRewrite? URLRewrite { get; set; }

    public HTTPCORS? CORS { get; set; }

    public LocalObjectReference? ExtensionRef { get; set; }

    public HTTPExternalAuth? ExternalAuth { get; set; }
}

/// <summary>What a redirect changes; what is absent is the request's.</summary>
public sealed class HTTPRequestRedirect
{
    public string? Scheme { get; set; }

    public string? Hostname { get; set; }

    public HTTPPathModifier? Path { get; set; }

    public int? Port { get; set; }

    /// <summary>302 when absent.</summary>
    public int? StatusCode { get; set; }
}

/// <summary>What the backend sees instead of the request's host and path.</summary>
public sealed class HTTPURLRewrite
{
    public string? Hostname { get; set; }

    public HTTPPathModifier? Path { get; set; }
}

/// <summary>How a path changes.</summary>
public sealed class HTTPPathModifier
{
    /// <summary><c>ReplaceFullPath</c> or <c>ReplacePrefixMatch</c>.</summary>
    public string Type { get; set; } = "";

    public string? ReplaceFullPath { get; set; }

    public string? ReplacePrefixMatch { get; set; }
}

/// <summary>Cross-origin resource sharing.</summary>
public sealed class HTTPCORS
{
    public IReadOnlyList<string>? AllowOrigins { get; set; }

    public bool? AllowCredentials { get; set; }

    public IReadOnlyList<string>? AllowMethods { get; set; }

    public IReadOnlyList<string>? AllowHeaders { get; set; }

    public IReadOnlyList<string>? ExposeHeaders { get; set; }

    /// <summary>Seconds; 5 when absent.</summary>
    public int? MaxAge { get; set; }
}

/// <summary>Authorization by another service (experimental).</summary>
public sealed class HTTPExternalAuth
{
    /// <summary><c>HTTP</c> or <c>GRPC</c>.</summary>
    public string Protocol { get; set; } = "";

    public BackendObjectReference? BackendRef { get; set; }

    public GRPCAuthConfig? GRPC { get; set; }

    public HTTPAuthConfig? HTTP { get; set; }

    public ForwardBodyConfig? ForwardBody { get; set; }
}

/// <summary>For the ext_authz protocol.</summary>
public sealed class GRPCAuthConfig
{
    public IReadOnlyList<string>? AllowedHeaders { get; set; }
}

/// <summary>For authorization over HTTP.</summary>
public sealed class HTTPAuthConfig
{
    public string? Path { get; set; }

    public IReadOnlyList<string>? AllowedHeaders { get; set; }

    public IReadOnlyList<string>? AllowedResponseHeaders { get; set; }
}

/// <summary>How much of the body the authorization service sees.</summary>
public sealed class ForwardBodyConfig
{
    public int? MaxSize { get; set; }
}

/// <summary>Durations; zero disables.</summary>
public sealed class HTTPRouteTimeouts
{
    /// <summary>The whole exchange, retries included.</summary>
    public string? Request { get; set; }

    /// <summary>One attempt.</summary>
    public string? BackendRequest { get; set; }
}

/// <summary>When an attempt is repeated (experimental).</summary>
public sealed class HTTPRouteRetry
{
    public IReadOnlyList<int>? Codes { get; set; }

    /// <summary>Attempts after the first.</summary>
    public int? Attempts { get; set; }

    /// <summary>The least wait between attempts, a duration.</summary>
    public string? Backoff { get; set; }
}
