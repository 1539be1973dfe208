using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>Where traffic comes in: addresses and listeners.</summary>
public sealed class Gateway : CustomResource<GatewaySpec>
{
    /// <summary>What was said of it before: the address it was given is kept.</summary>
    public GatewayStatus? Status { get; set; }
}

/// <summary>What of a Gateway's status is read back.</summary>
public sealed class GatewayStatus
{
    public IReadOnlyList<GatewayAddress>? Addresses { get; set; }

    /// <summary>The rest, which <see cref="GatewayApiTypes.Gateway"/> leaves out.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>What a Gateway says.</summary>
public sealed class GatewaySpec
{
    public string GatewayClassName { get; set; } = "";

    public IReadOnlyList<GatewayListener>? Listeners { get; set; }

    public IReadOnlyList<GatewayAddress>? Addresses { get; set; }

    public GatewayInfrastructure? Infrastructure { get; set; }

    /// <summary>Which ListenerSets may add listeners; absent: none.</summary>
    public AllowedListeners? AllowedListeners { get; set; }

    public GatewayTlsConfig? Tls { get; set; }

    /// <summary>Experimental: <c>All</c> makes this a default Gateway.</summary>
    public string? DefaultScope { get; set; }
}

/// <summary>A port, protocol and host name on which requests are taken. The same in Gateways and ListenerSets.</summary>
public sealed class GatewayListener
{
    public string Name { get; set; } = "";

    /// <summary>Exact, <c>*.suffix</c>, or absent for every host.</summary>
    public string? Hostname { get; set; }

    public int Port { get; set; }

    /// <summary><c>HTTP</c>, <c>HTTPS</c>, <c>TLS</c>, <c>TCP</c>, <c>UDP</c>, or a domain-prefixed name.</summary>
    public string Protocol { get; set; } = "";

    public ListenerTls? Tls { get; set; }

    public AllowedRoutes? AllowedRoutes { get; set; }
}

/// <summary>TLS of a listener.</summary>
public sealed class ListenerTls
{
    /// <summary><c>Terminate</c> (default) or <c>Passthrough</c>.</summary>
    public string? Mode { get; set; }

    public IReadOnlyList<SecretObjectReference>? CertificateRefs { get; set; }

    public IReadOnlyDictionary<string, string>? Options { get; set; }
}

/// <summary>Which routes a listener admits.</summary>
public sealed class AllowedRoutes
{
    public NamespacesFrom? Namespaces { get; set; }

    public IReadOnlyList<RouteGroupKind>? Kinds { get; set; }
}

/// <summary>Namespaces from which routes or ListenerSets are admitted.</summary>
public sealed class NamespacesFrom
{
    /// <summary><c>Same</c>, <c>All</c>, <c>Selector</c> or (ListenerSets only) <c>None</c>.</summary>
    public string? From { get; set; }

    public V1LabelSelector? Selector { get; set; }
}

/// <summary>A kind of route.</summary>
public sealed class RouteGroupKind
{
    public string? Group { get; set; }

    public string Kind { get; set; } = "";
}

/// <summary>An address asked for.</summary>
public sealed class GatewayAddress
{
    /// <summary><c>IPAddress</c> (default), <c>Hostname</c>, or a domain-prefixed name.</summary>
    public string? Type { get; set; }

    /// <summary>Absent: any address of the type.</summary>
    public string? Value { get; set; }
}

/// <summary>For the resources made for a Gateway.</summary>
public sealed class GatewayInfrastructure
{
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    public IReadOnlyDictionary<string, string>? Annotations { get; set; }

    public LocalObjectReference? ParametersRef { get; set; }
}

/// <summary>Which ListenerSets a Gateway admits.</summary>
public sealed class AllowedListeners
{
    public NamespacesFrom? Namespaces { get; set; }
}

/// <summary>TLS towards backends and clients for the whole Gateway.</summary>
public sealed class GatewayTlsConfig
{
    public GatewayBackendTls? Backend { get; set; }

    public FrontendTls? Frontend { get; set; }
}

/// <summary>The certificate shown to backends.</summary>
public sealed class GatewayBackendTls
{
    public SecretObjectReference? ClientCertificateRef { get; set; }
}

/// <summary>How clients' certificates are verified, by port.</summary>
public sealed class FrontendTls
{
    public FrontendTlsConfig? Default { get; set; }

    public IReadOnlyList<FrontendTlsPort>? PerPort { get; set; }
}

/// <summary>For one port instead of the default.</summary>
public sealed class FrontendTlsPort
{
    public int Port { get; set; }

    public FrontendTlsConfig? Tls { get; set; }
}

/// <summary>How clients' certificates are verified.</summary>
public sealed class FrontendTlsConfig
{
    public FrontendTlsValidation? Validation { get; set; }
}

/// <summary>The authorities that vouch for clients.</summary>
public sealed class FrontendTlsValidation
{
    public IReadOnlyList<ObjectReference>? CACertificateRefs { get; set; }

    /// <summary><c>AllowValidOnly</c> (default) or <c>AllowInsecureFallback</c>.</summary>
    public string? Mode { get; set; }
}
