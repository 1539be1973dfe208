using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Polygate.Kubernetes.Resources;

/// <summary>
/// The base of our own types for custom resources: what every object has, and a spec. A dialect declares
/// <c>public sealed class Mapping : CustomResource&lt;MappingSpec&gt;;</c> and lists its kinds in a source-generated
/// <c>JsonSerializerContext</c> with
/// <c>[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]</c>.
/// </summary>
/// <remarks>
/// Names are case-sensitive, as in Kubernetes. What the type does not declare is reported as <c>unknown-field</c>; a
/// property marked <c>[JsonExtensionData]</c>, or of type <c>JsonNode</c>, <c>JsonElement</c> or <c>object</c>, takes anything. <c>status</c> is
/// output and never reported.
/// </remarks>
/// <typeparam name="TSpec">The spec, with properties for every field that has a meaning.</typeparam>
public abstract class CustomResource<TSpec> : IKubernetesObject<V1ObjectMeta>
    where TSpec : class, new()
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Never null: an object without a spec has an empty one.</summary>
    [JsonPropertyName("spec")]
    public TSpec Spec { get; set; } = new();
}
