using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Store;

/// <summary>Finds objects. Lists come in a stable order: namespace, then name.</summary>
public interface IResourceLookup
{
    /// <summary>An object by name, or null.</summary>
    /// <param name="ns">Empty for cluster-scoped kinds.</param>
    /// <param name="name">The object's name.</param>
    Resource<T>? Get<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a kind.</summary>
    IReadOnlyList<Resource<T>> List<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>All objects of a kind in a namespace.</summary>
    IReadOnlyList<Resource<T>> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>The objects that an index has under a key.</summary>
    IReadOnlyList<Resource<T>> Find<T>(ResourceIndex<T> index, string key)
        where T : class, IKubernetesObject<V1ObjectMeta>;
}
