using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>TLS connections, chosen by server name.</summary>
public sealed class TLSRoute : CustomResource<TLSRouteSpec>;

/// <summary>What a TLSRoute says.</summary>
public sealed class TLSRouteSpec : HostRouteSpec
{
    public IReadOnlyList<StreamRouteRule>? Rules { get; set; }
}

/// <summary>TCP connections of a listener.</summary>
public sealed class TCPRoute : CustomResource<StreamRouteSpec>;

/// <summary>UDP datagrams of a listener.</summary>
public sealed class UDPRoute : CustomResource<StreamRouteSpec>;

/// <summary>What a TCPRoute or UDPRoute says.</summary>
public sealed class StreamRouteSpec : RouteSpec
{
    public IReadOnlyList<StreamRouteRule>? Rules { get; set; }
}

/// <summary>Where a stream goes.</summary>
public sealed class StreamRouteRule
{
    public string? Name { get; set; }

    public IReadOnlyList<BackendRef>? BackendRefs { get; set; }
}
