using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Polygate.Dialects.Kong.Resources;

/// <summary>A plugin's type and configuration, in effect where an annotation names it.</summary>
public abstract class PluginResource : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>The plugin's own settings, whose form depends on <see cref="Plugin"/>.</summary>
    [JsonPropertyName("config")]
    public JsonElement? Config { get; set; }

    [JsonPropertyName("configFrom")]
    public ConfigSource? ConfigFrom { get; set; }

    [JsonPropertyName("configPatches")]
    public IReadOnlyList<ConfigPatch>? ConfigPatches { get; set; }

    /// <summary>Without effect, as in Kong.</summary>
    [JsonPropertyName("consumerRef")]
    public string? ConsumerRef { get; set; }

    [JsonPropertyName("disabled")]
    public bool? Disabled { get; set; }

    [JsonPropertyName("instance_name")]
    public string? InstanceName { get; set; }

    /// <summary>An Enterprise feature.</summary>
    [JsonPropertyName("ordering")]
    public PluginOrdering? Ordering { get; set; }

    /// <summary>The plugin's type, for example <c>cors</c>.</summary>
    [JsonPropertyName("plugin")]
    public string? Plugin { get; set; }

    /// <summary>Chooses between HTTP and streams only.</summary>
    [JsonPropertyName("protocols")]
    public IReadOnlyList<string>? Protocols { get; set; }

    /// <summary>Without effect, as in Kong.</summary>
    [JsonPropertyName("run_on")]
    public string? RunOn { get; set; }
}

/// <summary>A plugin for objects of its namespace.</summary>
public sealed class KongPlugin : PluginResource;

/// <summary>A plugin for objects of every namespace, or with the label <c>global: "true"</c> for everything.</summary>
public sealed class KongClusterPlugin : PluginResource;

/// <summary>The whole configuration in a Secret.</summary>
public sealed record ConfigSource
{
    [JsonPropertyName("secretKeyRef")]
    public SecretKey? SecretKeyRef { get; init; }
}

/// <summary>A value put into the configuration from a Secret.</summary>
public sealed record ConfigPatch
{
    [JsonPropertyName("path")]
    public string? Path { get; init; }

    [JsonPropertyName("valueFrom")]
    public ConfigSource? ValueFrom { get; init; }
}

/// <summary>A key of a Secret; the namespace is a KongClusterPlugin's.</summary>
public sealed record SecretKey
{
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("namespace")]
    public string? Namespace { get; init; }
}

/// <summary>Which plugins run before and after, by phase.</summary>
public sealed record PluginOrdering
{
    [JsonPropertyName("after")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? After { get; init; }

    [JsonPropertyName("before")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Before { get; init; }
}
