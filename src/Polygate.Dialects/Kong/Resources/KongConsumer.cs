using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>Someone who authenticates.</summary>
public sealed class KongConsumer : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("consumerGroups")]
    public IReadOnlyList<string>? ConsumerGroups { get; set; }

    [JsonPropertyName("credentials")]
    public IReadOnlyList<string>? Credentials { get; set; }

    [JsonPropertyName("custom_id")]
    public string? CustomId { get; set; }

    [JsonPropertyName("spec")]
    public ConsumerSpec? Spec { get; set; }

    [JsonPropertyName("username")]
    public string? Username { get; set; }
}

/// <summary>Where a consumer is managed.</summary>
public sealed record ConsumerSpec
{
    public ControlPlaneReference? ControlPlaneRef { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>A control plane, possibly in Konnect.</summary>
public sealed record ControlPlaneReference
{
    public string? KonnectID { get; init; }

    public KonnectReference? KonnectNamespacedRef { get; init; }

    public string? Type { get; init; }
}

/// <summary>A control plane object in the cluster.</summary>
public sealed record KonnectReference
{
    public string? Name { get; init; }

    public string? Namespace { get; init; }
}

/// <summary>Consumers under one name.</summary>
public sealed class KongConsumerGroup : CustomResource<ConsumerGroupSpec>;

/// <inheritdoc cref="KongConsumerGroup"/>
public sealed record ConsumerGroupSpec
{
    public ControlPlaneReference? ControlPlaneRef { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }
}
