using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>A destination outside of the cluster's Services (experimental, GEP-4894).</summary>
public sealed class XBackend : CustomResource<XBackendSpec>;

/// <summary>What an XBackend says.</summary>
public sealed class XBackendSpec
{
    /// <summary><c>ExternalHostname</c>.</summary>
    public string Type { get; set; } = "";

    public XBackendPort? Port { get; set; }

    public ExternalHostname? ExternalHostname { get; set; }

    /// <summary><c>HTTP</c>, <c>HTTP11</c>, <c>HTTP2</c>, <c>H2C</c>, <c>TCP</c>, <c>MCP</c>; absent: what the route speaks.</summary>
    public string? Protocol { get; set; }

    public XBackendTls? Tls { get; set; }
}

/// <summary>The port of an XBackend.</summary>
public sealed class XBackendPort
{
    public string? Name { get; set; }

    public int Port { get; set; }
}

/// <summary>A host by its name.</summary>
public sealed class ExternalHostname
{
    public string Hostname { get; set; } = "";
}

/// <summary>TLS to an XBackend.</summary>
public sealed class XBackendTls
{
    /// <summary><c>None</c>, <c>ServerOnly</c> or <c>ClientAndServer</c>.</summary>
    public string Mode { get; set; } = "";

    public SecretObjectReference? ClientCertificateRef { get; set; }

    public BackendTLSValidation? Validation { get; set; }
}
