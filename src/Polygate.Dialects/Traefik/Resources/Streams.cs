using k8s.Models;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>The <c>spec</c> of an <c>IngressRouteTCP</c>.</summary>
public sealed record IngressRouteTcpSpec
{
    public IReadOnlyList<string>? EntryPoints { get; init; }

    public string? IngressClassName { get; init; }

    public IReadOnlyList<TcpRouteSpec>? Routes { get; init; }

    public RouterTls? Tls { get; init; }
}

/// <summary>One TCP router.</summary>
public sealed record TcpRouteSpec
{
    public string? Match { get; init; }

    public IReadOnlyList<ObjectReference>? Middlewares { get; init; }

    public long? Priority { get; init; }

    public IReadOnlyList<TcpServiceReference>? Services { get; init; }

    public string? Syntax { get; init; }
}

/// <summary>A Service behind a TCP router.</summary>
public sealed record TcpServiceReference
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public bool? NativeLB { get; init; }

    public bool? NodePortLB { get; init; }

    public IntOrString? Port { get; init; }

    public ProxyProtocolSpec? ProxyProtocol { get; init; }

    public string? ServersTransport { get; init; }

    public int? TerminationDelay { get; init; }

    public bool? Tls { get; init; }

    public int? Weight { get; init; }
}

/// <summary>The PROXY protocol towards servers.</summary>
public sealed record ProxyProtocolSpec
{
    public int? Version { get; init; }
}

/// <summary>The <c>spec</c> of an <c>IngressRouteUDP</c>.</summary>
public sealed record IngressRouteUdpSpec
{
    public IReadOnlyList<string>? EntryPoints { get; init; }

    public string? IngressClassName { get; init; }

    public IReadOnlyList<UdpRouteSpec>? Routes { get; init; }
}

/// <summary>One UDP router.</summary>
public sealed record UdpRouteSpec
{
    public IReadOnlyList<UdpServiceReference>? Services { get; init; }
}

/// <summary>A Service behind a UDP router.</summary>
public sealed record UdpServiceReference
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public bool? NativeLB { get; init; }

    public bool? NodePortLB { get; init; }

    public IntOrString? Port { get; init; }

    public int? Weight { get; init; }
}

/// <summary>The <c>spec</c> of a <c>MiddlewareTCP</c>.</summary>
public sealed record MiddlewareTcpSpec
{
    public InFlightConnectionsSpec? InFlightConn { get; init; }

    public TcpAddressListSpec? IpAllowList { get; init; }

    public TcpAddressListSpec? IpWhiteList { get; init; }
}

/// <summary>A limit on simultaneous connections of one client address.</summary>
public sealed record InFlightConnectionsSpec
{
    public long? Amount { get; init; }
}

/// <summary>Client addresses that may connect.</summary>
public sealed record TcpAddressListSpec
{
    public IReadOnlyList<string>? SourceRange { get; init; }
}

/// <summary>The <c>spec</c> of a <c>ServersTransportTCP</c>.</summary>
public sealed record ServersTransportTcpSpec
{
    public IntOrString? DialKeepAlive { get; init; }

    public IntOrString? DialTimeout { get; init; }

    public ProxyProtocolSpec? ProxyProtocol { get; init; }

    public IntOrString? TerminationDelay { get; init; }

    public TcpTransportTls? Tls { get; init; }
}

/// <summary>TLS towards TCP servers.</summary>
public sealed record TcpTransportTls
{
    public IReadOnlyList<string>? CertificatesSecrets { get; init; }

    public bool? InsecureSkipVerify { get; init; }

    public IReadOnlyList<PeerCertificateName>? PeerCertSANs { get; init; }

    public string? PeerCertURI { get; init; }

    public IReadOnlyList<RootCertificates>? RootCAs { get; init; }

    public IReadOnlyList<string>? RootCAsSecrets { get; init; }

    public string? ServerName { get; init; }

    public SpiffeSpec? Spiffe { get; init; }
}
