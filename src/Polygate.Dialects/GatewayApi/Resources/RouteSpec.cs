using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>What all routes say.</summary>
public abstract class RouteSpec
{
    private static readonly RecentValues<ParentReference[]> Known = new(256, new ArrayComparer<ParentReference>());

    /// <summary>Those of routes that want the same are the same.</summary>
    public IReadOnlyList<ParentReference>? ParentRefs { get; set => field = value is null ? null : Known.Share([.. value]); }

    /// <summary>Experimental: <c>All</c> attaches to the default Gateways.</summary>
    public string? UseDefaultGateways { get; set; }
}

/// <summary>What routes with host names say.</summary>
public abstract class HostRouteSpec : RouteSpec
{
    /// <summary>Exact or <c>*.suffix</c>; none: the listener's.</summary>
    public IReadOnlyList<string>? Hostnames { get; set => field = value?.ToArray(); }
}

/// <summary>Keeps a session on its backend (experimental).</summary>
public sealed class SessionPersistence
{
    public string? SessionName { get; set; }

    /// <summary>A duration.</summary>
    public string? AbsoluteTimeout { get; set; }

    /// <summary><c>Cookie</c> (default) or <c>Header</c>.</summary>
    public string? Type { get; set; }

    public SessionCookie? CookieConfig { get; set; }
}

/// <summary>The cookie of a session.</summary>
public sealed class SessionCookie
{
    /// <summary><c>Session</c> (default) or <c>Permanent</c>.</summary>
    public string? LifetimeType { get; set; }
}

/// <summary>Field changes, each name in at most one of them.</summary>
public sealed class HeaderModifier
{
    public IReadOnlyList<HeaderField>? Set { get; set; }

    public IReadOnlyList<HeaderField>? Add { get; set; }

    public IReadOnlyList<string>? Remove { get; set; }
}

/// <summary>A header field.</summary>
public sealed class HeaderField
{
    public string Name { get; set; } = "";

    public string Value { get; set; } = "";
}

/// <summary>A copy of requests, or of a share of them, to another backend.</summary>
public sealed class RequestMirror
{
    public BackendObjectReference? BackendRef { get; set; }

    /// <summary>0 to 100.</summary>
    public int? Percent { get; set; }

    public Fraction? Fraction { get; set; }
}

/// <summary>A share.</summary>
public sealed class Fraction
{
    public int Numerator { get; set; }

    /// <summary>100 when absent.</summary>
    public int? Denominator { get; set; }
}
