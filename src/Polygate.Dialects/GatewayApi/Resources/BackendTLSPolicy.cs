using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Resources;

/// <summary>TLS towards Services.</summary>
public sealed class BackendTLSPolicy : CustomResource<BackendTLSPolicySpec>;

/// <summary>What a BackendTLSPolicy says.</summary>
public sealed class BackendTLSPolicySpec
{
    public IReadOnlyList<PolicyTargetReference>? TargetRefs { get; set; }

    public BackendTLSValidation? Validation { get; set; }

    public IReadOnlyDictionary<string, string>? Options { get; set; }
}

/// <summary>What a policy applies to, in its own namespace.</summary>
public sealed class PolicyTargetReference
{
    public string Group { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    /// <summary>The name of the Service's port; absent: all ports.</summary>
    public string? SectionName { get; set; }
}

/// <summary>How a backend's certificate is verified.</summary>
public sealed class BackendTLSValidation
{
    public IReadOnlyList<LocalObjectReference>? CACertificateRefs { get; set; }

    /// <summary><c>System</c>: the authorities of the machine.</summary>
    public string? WellKnownCACertificates { get; set; }

    public string Hostname { get; set; } = "";

    public IReadOnlyList<SubjectAltName>? SubjectAltNames { get; set; }
}

/// <summary>A name of which the certificate must carry one.</summary>
public sealed class SubjectAltName
{
    /// <summary><c>Hostname</c> or <c>URI</c>.</summary>
    public string Type { get; set; } = "";

    public string? Hostname { get; set; }

    public string? URI { get; set; }
}
