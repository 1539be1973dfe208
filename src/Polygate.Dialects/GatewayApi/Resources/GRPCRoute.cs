using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Rules for gRPC calls.</summary>
public sealed class GRPCRoute : CustomResource<GRPCRouteSpec>;

/// <summary>What a GRPCRoute says.</summary>
public sealed class GRPCRouteSpec : HostRouteSpec
{
    public IReadOnlyList<GRPCRouteRule>? Rules { get; set; }
}

/// <summary>What happens to the calls that fit one of the matches.</summary>
public sealed class GRPCRouteRule
{
    public string? Name { get; set; }

    public IReadOnlyList<GRPCRouteMatch>? Matches { get; set; }

    public IReadOnlyList<GRPCRouteFilter>? Filters { get; set; }

    public IReadOnlyList<GRPCBackendRef>? BackendRefs { get; set; }

    public SessionPersistence? SessionPersistence { get; set; }
}

/// <summary>Conditions that all must hold.</summary>
public sealed class GRPCRouteMatch
{
    public GRPCMethodMatch? Method { get; set; }

    public IReadOnlyList<HTTPValueMatch>? Headers { get; set; }
}

/// <summary>The service and method called; an absent one is any.</summary>
public sealed class GRPCMethodMatch
{
    /// <summary><c>Exact</c> (default) or <c>RegularExpression</c>.</summary>
    public string? Type { get; set; }

    public string? Service { get; set; }

    public string? Method { get; set; }
}

/// <summary>A backend with filters of its own.</summary>
public sealed class GRPCBackendRef : BackendRef
{
    public IReadOnlyList<GRPCRouteFilter>? Filters { get; set; }
}

/// <summary>One step of processing; the field named like <see cref="Type"/> says how.</summary>
public sealed class GRPCRouteFilter
{
    public string Type { get; set; } = "";

    public HeaderModifier? RequestHeaderModifier { get; set; }

    public HeaderModifier? ResponseHeaderModifier { get; set; }

    public RequestMirror? RequestMirror { get; set; }

    public LocalObjectReference? ExtensionRef { get; set; }
}
