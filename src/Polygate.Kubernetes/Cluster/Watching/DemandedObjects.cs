using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Which objects of kinds kept on demand are looked up. Until <see cref="Settle"/>, when nothing has been translated yet, all of them may still
/// be. Safe to use from several threads.
/// </summary>
internal sealed class DemandedObjects
{
    private readonly Lock gate = new();
    private readonly HashSet<Dependency> raised = [];
    private bool settled;

    /// <summary>Whether everything that is wanted at first was asked for.</summary>
    public bool IsSettled => Volatile.Read(ref settled);

    /// <summary>Whether an object is kept.</summary>
    public bool Keeps(Type type, string ns, string name) => !IsSettled || IsDemanded(type, ns, name);

    /// <summary>Whether an object is looked up.</summary>
    public bool IsDemanded(Type type, string ns, string name)
    {
        lock (gate)
        {
            return raised.Contains(new Dependency(type, ns, name))
                || raised.Contains(new Dependency(type, ns, null))
                || raised.Contains(new Dependency(type, null, null));
        }
    }

    public bool IsDemanded(Resource resource) => IsDemanded(resource.Type.ObjectType, resource.Namespace, resource.Name);

    public void Change(IReadOnlyDictionary<Dependency, bool> changes)
    {
        lock (gate)
        {
            foreach (var (dependency, isRaised) in changes)
            {
                if (isRaised)
                {
                    raised.Add(dependency);
                }
                else
                {
                    raised.Remove(dependency);
                }
            }
        }
    }

    /// <summary>From now on nothing else is kept.</summary>
    public void Settle() => Volatile.Write(ref settled, true);
}
