using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>A place that secrets are read from.</summary>
public sealed class KongVault : CustomResource<VaultSpec>;

/// <inheritdoc cref="KongVault"/>
public sealed record VaultSpec
{
    public string? Backend { get; init; }

    public JsonElement? Config { get; init; }

    public ControlPlaneReference? ControlPlaneRef { get; init; }

    public string? Description { get; init; }

    public string? Prefix { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>An entity of Kong's own data model.</summary>
public sealed class KongCustomEntity : CustomResource<CustomEntitySpec>;

/// <inheritdoc cref="KongCustomEntity"/>
public sealed record CustomEntitySpec
{
    public string? ControllerName { get; init; }

    public JsonElement? Fields { get; init; }

    public PluginReference? ParentRef { get; init; }

    public string? Type { get; init; }
}

/// <summary>The plugin whose bindings an entity follows.</summary>
public sealed record PluginReference
{
    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public string? Namespace { get; init; }
}

/// <summary>Parameters of an IngressClass.</summary>
public sealed class IngressClassParameters : CustomResource<IngressClassParametersSpec>;

/// <inheritdoc cref="IngressClassParameters"/>
public sealed record IngressClassParametersSpec
{
    /// <summary>Whether paths with characters beyond <c>[a-zA-Z0-9._~/%-]</c> are regular expressions.</summary>
    public bool? EnableLegacyRegexDetection { get; init; }

    /// <summary>Whether requests go to the Service's own address instead of its endpoints.</summary>
    public bool? ServiceUpstream { get; init; }
}

/// <summary>A Service by another name, for use as an Ingress's resource backend.</summary>
public sealed class KongServiceFacade : CustomResource<ServiceFacadeSpec>;

/// <inheritdoc cref="KongServiceFacade"/>
public sealed record ServiceFacadeSpec
{
    public FacadeBackend? BackendRef { get; init; }
}

/// <summary>The Service behind a facade.</summary>
public sealed record FacadeBackend
{
    public string? Name { get; init; }

    public int? Port { get; init; }
}

/// <summary>A licence of the Enterprise edition.</summary>
public sealed class KongLicense : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("enabled")]
    public bool? Enabled { get; set; }

    [JsonPropertyName("rawLicenseString")]
    public string? RawLicenseString { get; set; }
}
