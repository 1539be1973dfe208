using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Store;

/// <summary>
/// The objects the gateway knows, with their indexes. Written and read by one thread: the one that turns changes into
/// configuration.
/// </summary>
public sealed class ResourceStore : IResourceLookup
{
    private readonly Dictionary<Type, Kind> kinds = [];
    private readonly Dictionary<ResourceIndex, Dictionary<string, SmallSet<Resource>>> indexes = [];
    private readonly Dictionary<Type, ResourceIndex[]> indexesOfKind;

    public ResourceStore(IEnumerable<ResourceIndex> indexes)
    {
        foreach (var index in indexes.Distinct())
        {
            this.indexes.Add(index, new Dictionary<string, SmallSet<Resource>>(StringComparer.Ordinal));
        }

        indexesOfKind = this.indexes.Keys.GroupBy(index => index.ObjectType).ToDictionary(group => group.Key, group => group.ToArray());
    }

    /// <summary>How many objects there are.</summary>
    public int Count { get; private set; }

    /// <summary>Every object of every kind.</summary>
    public IEnumerable<Resource> All => kinds.Values.SelectMany(kind => kind.All);

    /// <summary>Adds an object, or replaces the one with its key.</summary>
    /// <param name="resource">The object.</param>
    /// <param name="changed">Receives every dependency that the change concerns.</param>
    public void Set(Resource resource, ISet<Dependency> changed)
    {
        ref var kind = ref CollectionsMarshal.GetValueRefOrAddDefault(kinds, resource.Type.ObjectType, out _);
        kind ??= new Kind();
        var before = kind.Get(resource.Namespace, resource.Name);
        kind.Set(resource);
        Count += before is null ? 1 : 0;
        Touch(resource, changed);
        foreach (var index in IndexesOf(resource))
        {
            if (before is not null && index.IsSame(before, resource))
            {
                Replace(index, before, resource);
                continue;
            }

            if (before is not null)
            {
                RemoveFrom(index, before, changed);
            }

            foreach (var key in index.KeysOf(resource))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(indexes[index], key, out _).Add(resource, ByName.Instance);
                changed.Add(new Dependency(index, null, key));
            }
        }
    }

    /// <summary>Removes an object; nothing happens when there is none.</summary>
    /// <param name="type">The object type.</param>
    /// <param name="ns">Empty for cluster-scoped kinds.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="changed">Receives every dependency that the change concerns.</param>
    public void Remove(Type type, string ns, string name, ISet<Dependency> changed)
    {
        if (kinds.TryGetValue(type, out var kind) && kind.Get(ns, name) is { } resource)
        {
            kind.Remove(resource);
            Count--;
            Touch(resource, changed);
            foreach (var index in IndexesOf(resource))
            {
                RemoveFrom(index, resource, changed);
            }
        }
    }

    public Resource<T>? Get<T>(string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        kinds.TryGetValue(typeof(T), out var kind) ? (Resource<T>?)kind.Get(ns, name) : null;

    public IReadOnlyList<Resource<T>> List<T>()
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        kinds.TryGetValue(typeof(T), out var kind) ? [.. kind.All.Cast<Resource<T>>()] : [];

    public IReadOnlyList<Resource<T>> List<T>(string ns)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        kinds.TryGetValue(typeof(T), out var kind) ? [.. kind.In(ns).Cast<Resource<T>>()] : [];

    public IReadOnlyList<Resource<T>> Find<T>(ResourceIndex<T> index, string key)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        indexes[index].TryGetValue(key, out var found) ? [.. found.Items.Cast<Resource<T>>()] : [];

    /// <summary>Puts an object in the place of one that has the same keys.</summary>
    private void Replace(ResourceIndex index, Resource before, Resource after)
    {
        foreach (var key in index.KeysOf(after))
        {
            ref var found = ref CollectionsMarshal.GetValueRefOrAddDefault(indexes[index], key, out _);
            found.Remove(before);
            found.Add(after, ByName.Instance);
        }
    }

    private void RemoveFrom(ResourceIndex index, Resource resource, ISet<Dependency> changed)
    {
        var entries = indexes[index];
        foreach (var key in index.KeysOf(resource))
        {
            changed.Add(new Dependency(index, null, key));
            ref var found = ref CollectionsMarshal.GetValueRefOrNullRef(entries, key);
            if (Unsafe.IsNullRef(ref found))
            {
                continue;
            }

            found.Remove(resource);
            if (found.IsEmpty)
            {
                entries.Remove(key);
            }
        }
    }

    private static void Touch(Resource resource, ISet<Dependency> changed)
    {
        var type = resource.Type.ObjectType;
        changed.Add(new Dependency(type, resource.Namespace, resource.Name));
        changed.Add(new Dependency(type, resource.Namespace, null));
        changed.Add(new Dependency(type, null, null));
    }

    private ResourceIndex[] IndexesOf(Resource resource) => indexesOfKind.GetValueOrDefault(resource.Type.ObjectType, []);

    /// <summary>The objects of one kind, by namespace and name.</summary>
    private sealed class Kind
    {
        private readonly SortedDictionary<string, SortedDictionary<string, Resource>> namespaces = new(StringComparer.Ordinal);

        public IEnumerable<Resource> All => namespaces.Values.SelectMany(names => names.Values);

        public IEnumerable<Resource> In(string ns) => namespaces.TryGetValue(ns, out var names) ? names.Values : [];

        public Resource? Get(string ns, string name) =>
            namespaces.TryGetValue(ns, out var names) && names.TryGetValue(name, out var resource) ? resource : null;

        public void Set(Resource resource)
        {
            if (!namespaces.TryGetValue(resource.Namespace, out var names))
            {
                namespaces.Add(resource.Namespace, names = new SortedDictionary<string, Resource>(StringComparer.Ordinal));
            }

            names[resource.Name] = resource;
        }

        public void Remove(Resource resource)
        {
            var names = namespaces[resource.Namespace];
            names.Remove(resource.Name);
            if (names.Count == 0)
            {
                namespaces.Remove(resource.Namespace);
            }
        }
    }

    private sealed class ByName : IComparer<Resource>
    {
        public static readonly ByName Instance = new();

        public int Compare(Resource? x, Resource? y)
        {
            var order = string.CompareOrdinal(x!.Namespace, y!.Namespace);
            return order != 0 ? order : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}
