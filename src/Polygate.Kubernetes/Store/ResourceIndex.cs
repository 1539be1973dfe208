using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Store;

/// <summary>A named way to find objects of one kind by something they say, kept up to date by the store.</summary>
public abstract class ResourceIndex
{
    private protected ResourceIndex(string name) => Name = name;

    public string Name { get; }

    public abstract Type ObjectType { get; }

    internal abstract IEnumerable<string> KeysOf(Resource resource);

    public override string ToString() => Name;
}

/// <inheritdoc/>
/// <example><c>new ResourceIndex&lt;V1Ingress&gt;("ingress-by-host", ingress => …hosts)</c></example>
public sealed class ResourceIndex<T> : ResourceIndex
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Func<Resource<T>, IEnumerable<string>> keys;

    /// <param name="name">For people.</param>
    /// <param name="keys">The keys an object is found by; duplicates are harmless. Must not throw.</param>
    public ResourceIndex(string name, Func<Resource<T>, IEnumerable<string>> keys)
        : base(name) => this.keys = keys;

    public override Type ObjectType => typeof(T);

    internal override IEnumerable<string> KeysOf(Resource resource) => keys((Resource<T>)resource).Distinct(StringComparer.Ordinal);
}
