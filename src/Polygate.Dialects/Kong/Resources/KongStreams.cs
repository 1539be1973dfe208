using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>TCP streams by port and server name.</summary>
public sealed class TcpIngress : CustomResource<TcpIngressSpec>;

/// <inheritdoc cref="TcpIngress"/>
public sealed record TcpIngressSpec
{
    public IReadOnlyList<StreamRule>? Rules { get; init; }

    public IReadOnlyList<StreamTls>? Tls { get; init; }
}

/// <summary>UDP streams by port.</summary>
public sealed class UdpIngress : CustomResource<UdpIngressSpec>;

/// <inheritdoc cref="UdpIngress"/>
public sealed record UdpIngressSpec
{
    public IReadOnlyList<StreamRule>? Rules { get; init; }
}

/// <summary>A port and what is behind it.</summary>
public sealed record StreamRule
{
    public StreamBackend? Backend { get; init; }

    /// <summary>The server name of the TLS handshake.</summary>
    public string? Host { get; init; }

    public int? Port { get; init; }
}

/// <summary>A Service port.</summary>
public sealed record StreamBackend
{
    public string? ServiceName { get; init; }

    public int? ServicePort { get; init; }
}

/// <summary>The certificate of server names.</summary>
public sealed record StreamTls
{
    public IReadOnlyList<string>? Hosts { get; init; }

    public string? SecretName { get; init; }
}
