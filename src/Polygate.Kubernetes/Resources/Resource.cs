using k8s;
using k8s.Models;
using Polygate.Model;

namespace Polygate.Kubernetes.Resources;

/// <summary>Where an object was read from: a file with lines, or a cluster.</summary>
public interface IResourceSource
{
    /// <summary>Relative to the configuration folder; null for a cluster.</summary>
    string? File { get; }

    /// <summary>The line (from 1) of a field such as <c>spec.rules[0].host</c>, or of its nearest ancestor that is written; 0 when unknown.</summary>
    int LineOf(string field);
}

/// <summary>An object with its identity and where it came from. Immutable by convention: nobody changes the object after it is read.</summary>
public abstract class Resource
{
    private protected Resource(ResourceType type, V1ObjectMeta metadata, IResourceSource source)
    {
        Type = type;
        Metadata = metadata;
        Source = source;
        Key = new ResourceKey(type.Group, type.Kind, type.Namespaced ? metadata.NamespaceProperty : "", metadata.Name ?? "");
        FullName = Key.Namespace.Length == 0 ? Key.Name : Key.Namespace + "/" + Key.Name;
        Created = metadata.CreationTimestamp is { } time ? new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeSeconds() : 0;
    }

    public ResourceType Type { get; }

    public ResourceKey Key { get; }

    public V1ObjectMeta Metadata { get; }

    public IResourceSource Source { get; }

    public string Namespace => Key.Namespace;

    public string Name => Key.Name;

    /// <summary>Namespace/name, the usual tie-break.</summary>
    public string FullName { get; }

    /// <summary>Creation time in Unix seconds; 0 when unknown (files rarely say).</summary>
    public long Created { get; }

    /// <summary>An annotation's value, or null.</summary>
    public string? Annotation(string name) => Metadata.Annotations is { } all && all.TryGetValue(name, out var value) ? value : null;

    /// <summary>A label's value, or null.</summary>
    public string? Label(string name) => Metadata.Labels is { } all && all.TryGetValue(name, out var value) ? value : null;

    /// <summary>The origin of something this object says.</summary>
    /// <param name="dialect">The dialect that reads it.</param>
    /// <param name="field">The field path, for example <c>spec.rules[0]</c>; empty for the object.</param>
    public Origin Origin(string dialect, string field = "") =>
        new(dialect, Key.Kind, Key.Namespace, Key.Name, Source.File, Source.LineOf(field), field);

    public override string ToString() => Key.ToString();

    /// <summary>The same object, read from another place.</summary>
    internal abstract Resource MovedTo(IResourceSource source);

    /// <summary>Whether the other resource is this object in another place.</summary>
    internal abstract bool IsMoved(Resource other);
}

/// <inheritdoc/>
public sealed class Resource<T> : Resource
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public Resource(ResourceType<T> type, T value, IResourceSource source)
        : base(type, value.Metadata, source) => Value = value;

    public T Value { get; }

    internal override Resource MovedTo(IResourceSource source) => new Resource<T>((ResourceType<T>)Type, Value, source);

    internal override bool IsMoved(Resource other) => other is Resource<T> same && ReferenceEquals(Value, same.Value);
}
