using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace Polygate.Kubernetes.Resources;

/// <summary>A kind that the gateway reads: how it is named in the API and how its JSON becomes an object.</summary>
public abstract class ResourceType
{
    private protected ResourceType(string group, string kind, string plural, bool namespaced, IReadOnlyList<string> versions)
    {
        Group = group;
        Kind = kind;
        Plural = plural;
        Namespaced = namespaced;
        Versions = versions;
    }

    /// <summary>Empty for the core group.</summary>
    public string Group { get; }

    public string Kind { get; }

    /// <summary>The name in URLs.</summary>
    public string Plural { get; }

    public bool Namespaced { get; }

    /// <summary>Versions understood, the preferred one first.</summary>
    public IReadOnlyList<string> Versions { get; }

    /// <summary>The C# type of an object.</summary>
    public abstract Type ObjectType { get; }

    /// <summary>How the object is read, for checks that walk its fields.</summary>
    public abstract JsonTypeInfo JsonType { get; }

    /// <summary>Makes the typed resource.</summary>
    /// <exception cref="JsonException">The JSON does not fit the kind.</exception>
    public abstract Resource Read(JsonNode json, IResourceSource source);

    /// <summary>Makes the typed resource from what an API server sends, which it has validated: fields that are not known are passed over.</summary>
    /// <param name="json">The object in UTF-8.</param>
    /// <param name="version">The version it was asked for in, one of <see cref="Versions"/>.</param>
    /// <exception cref="JsonException">The JSON does not fit the kind.</exception>
    public abstract Resource Read(ReadOnlySpan<byte> json, string version);

    public override string ToString() => Group.Length == 0 ? Kind : $"{Kind}.{Group}";
}

/// <inheritdoc/>
/// <typeparam name="T">The C# type of an object.</typeparam>
public sealed class ResourceType<T> : ResourceType
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly JsonTypeInfo<T> json;
    private readonly JsonTypeInfo<T> pooled;
    private readonly Action<JsonNode>? upgrade;

    /// <param name="group">Empty for the core group.</param>
    /// <param name="kind">As written in <c>kind</c>.</param>
    /// <param name="plural">The name in URLs.</param>
    /// <param name="namespaced">False for cluster-scoped kinds.</param>
    /// <param name="versions">Versions understood, the preferred one first.</param>
    /// <param name="json">Source-generated serialization metadata.</param>
    /// <param name="upgrade">Rewrites the JSON of an older version to the preferred one, in place.</param>
    public ResourceType(
        string group, string kind, string plural, bool namespaced, IReadOnlyList<string> versions,
        JsonTypeInfo<T> json, Action<JsonNode>? upgrade = null)
        : base(group, kind, plural, namespaced, versions)
    {
        this.json = json;
        this.upgrade = upgrade;
        pooled = (JsonTypeInfo<T>)TextPool.With(json.Options).GetTypeInfo(typeof(T));
    }

    public override Type ObjectType => typeof(T);

    public override JsonTypeInfo JsonType => json;

    public override Resource Read(JsonNode json, IResourceSource source)
    {
        upgrade?.Invoke(json);
        return Make(JsonSerializer.Deserialize(json, pooled), source);
    }

    public override Resource Read(ReadOnlySpan<byte> json, string version)
    {
        if (upgrade is null || version == Versions[0])
        {
            return Make(JsonSerializer.Deserialize(json, pooled), ClusterObjects.Instance);
        }

        var node = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("The object is empty.");
        node["apiVersion"] ??= Group.Length == 0 ? version : $"{Group}/{version}";
        return Read(node, ClusterObjects.Instance);
    }

    private Resource<T> Make(T? value, IResourceSource source)
    {
        if (value is null)
        {
            throw new JsonException("The object is empty.");
        }

        value.Metadata ??= new V1ObjectMeta();
        if (Namespaced && string.IsNullOrEmpty(value.Metadata.NamespaceProperty))
        {
            value.Metadata.NamespaceProperty = "default";
        }

        return new Resource<T>(this, value, source);
    }
}

/// <summary>The place of objects that come from an API server: it has no files.</summary>
internal sealed class ClusterObjects : IResourceSource
{
    public static readonly ClusterObjects Instance = new();

    public string? File => null;

    public int LineOf(string field) => 0;
}
