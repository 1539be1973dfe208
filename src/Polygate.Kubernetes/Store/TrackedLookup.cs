using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Store;

/// <summary>Passes lookups on to the store and remembers them.</summary>
public sealed class TrackedLookup : IResourceLookup
{
    /// <summary>Most translations look at about so many.</summary>
    private const int Usual = 16;

    private readonly ResourceStore store;
    private readonly HashSet<Dependency> dependencies;

    /// <param name="store">Where it looks.</param>
    /// <param name="expected">How many lookups there were the last time; 0 when there was none.</param>
    public TrackedLookup(ResourceStore store, int expected = 0)
    {
        this.store = store;
        dependencies = new HashSet<Dependency>(expected > 0 ? expected : Usual);
    }

    /// <summary>What was looked at so far.</summary>
    public IReadOnlySet<Dependency> Dependencies => dependencies;

    public Resource<T>? Get<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        dependencies.Add(new Dependency(typeof(T), ns, name));
        return store.Get<T>(ns, name);
    }

    public IReadOnlyList<Resource<T>> List<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        dependencies.Add(new Dependency(typeof(T), null, null));
        return store.List<T>();
    }

    public IReadOnlyList<Resource<T>> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        dependencies.Add(new Dependency(typeof(T), ns, null));
        return store.List<T>(ns);
    }

    public IReadOnlyList<Resource<T>> Find<T>(ResourceIndex<T> index, string key)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        dependencies.Add(new Dependency(index, null, key));
        return store.Find(index, key);
    }
}
