using k8s.Models;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>A Service or TraefikService with the settings of the way to it.</summary>
public record ServiceReference
{
    public ActiveHealthCheck? HealthCheck { get; init; }

    /// <summary><c>Service</c> (the default) or <c>TraefikService</c>.</summary>
    public string? Kind { get; init; }

    public IReadOnlyList<ObjectReference>? Middlewares { get; init; }

    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public bool? NativeLB { get; init; }

    public bool? NodePortLB { get; init; }

    public bool? PassHostHeader { get; init; }

    public PassiveHealthCheck? PassiveHealthCheck { get; init; }

    /// <summary>A port number or the name of one.</summary>
    public IntOrString? Port { get; init; }

    public ResponseForwarding? ResponseForwarding { get; init; }

    public string? Scheme { get; init; }

    public string? ServersTransport { get; init; }

    public Sticky? Sticky { get; init; }

    public string? Strategy { get; init; }

    public int? Weight { get; init; }
}

/// <summary>Probing of the servers of an ExternalName service.</summary>
public sealed record ActiveHealthCheck
{
    public bool? FollowRedirects { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public string? Hostname { get; init; }

    public IntOrString? Interval { get; init; }

    public string? Method { get; init; }

    public string? Mode { get; init; }

    public string? Path { get; init; }

    public int? Port { get; init; }

    public string? Scheme { get; init; }

    public int? Status { get; init; }

    public IntOrString? Timeout { get; init; }

    public IntOrString? UnhealthyInterval { get; init; }
}

/// <summary>Taking out servers that fail requests.</summary>
public sealed record PassiveHealthCheck
{
    public IntOrString? FailureWindow { get; init; }

    public int? MaxFailedAttempts { get; init; }
}

/// <summary>How answers are passed on.</summary>
public sealed record ResponseForwarding
{
    public string? FlushInterval { get; init; }
}

/// <summary>Stickiness.</summary>
public sealed record Sticky
{
    public StickyCookieSpec? Cookie { get; init; }
}

/// <summary>The cookie that keeps a client on its server.</summary>
public sealed record StickyCookieSpec
{
    public string? Domain { get; init; }

    public bool? HttpOnly { get; init; }

    public int? MaxAge { get; init; }

    public string? Name { get; init; }

    public string? Path { get; init; }

    public string? SameSite { get; init; }

    public bool? Secure { get; init; }
}
