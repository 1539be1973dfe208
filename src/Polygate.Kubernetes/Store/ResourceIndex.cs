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

    internal abstract bool IsSame(Resource before, Resource after);

    public override string ToString() => Name;
}

/// <inheritdoc/>
/// <example><c>new ResourceIndex&lt;V1Ingress&gt;("ingress-by-host", ingress => …hosts)</c></example>
public sealed class ResourceIndex<T> : ResourceIndex
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Func<Resource<T>, IEnumerable<string>> keys;
    private readonly Func<Resource<T>, Resource<T>, bool> isSame;

    /// <param name="name">For people.</param>
    /// <param name="keys">The keys an object is found by; duplicates are harmless. Must not throw.</param>
    /// <param name="isSame">
    /// Whether two states of an object say the same to everyone who finds it by this index, who then need not be told. It must cover the keys and all
    /// that any of them reads. Null when every change is of interest.
    /// </param>
    public ResourceIndex(string name, Func<Resource<T>, IEnumerable<string>> keys, Func<Resource<T>, Resource<T>, bool>? isSame = null)
        : base(name)
    {
        this.keys = keys;
        this.isSame = isSame ?? (static (_, _) => false);
    }

    public override Type ObjectType => typeof(T);

    internal override IEnumerable<string> KeysOf(Resource resource) => keys((Resource<T>)resource);

    internal override bool IsSame(Resource before, Resource after) => isSame((Resource<T>)before, (Resource<T>)after);
}
