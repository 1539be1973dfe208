using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Pipeline;

/// <summary>
/// Which objects translations look up, for types of which a source keeps only those (Secrets, ConfigMaps). A demand names
/// an object, whether or not it exists, all objects of a namespace (no key) or all (no namespace either). Such types
/// have no index: an index would have to read every object.
/// </summary>
public sealed class Demands
{
    private readonly IReadOnlySet<Type> types;
    private readonly HashSet<Dependency> raised = [];
    private Dictionary<Dependency, bool> changes = [];

    internal Demands(IReadOnlySet<Type> types) => this.types = types;

    /// <summary>Whether there are demands that <see cref="TakeChanges"/> has not told.</summary>
    public bool HasChanges => changes.Count > 0;

    /// <summary>The demands raised (true) and withdrawn (false) since the last call.</summary>
    public IReadOnlyDictionary<Dependency, bool> TakeChanges()
    {
        var taken = changes;
        changes = [];
        return taken;
    }

    internal void Raise(Dependency dependency)
    {
        if (dependency.Subject is Type type && types.Contains(type) && raised.Add(dependency))
        {
            Change(dependency, isRaised: true);
        }
    }

    internal void Withdraw(Dependency dependency)
    {
        if (raised.Remove(dependency))
        {
            Change(dependency, isRaised: false);
        }
    }

    /// <summary>What goes back and forth between two calls is no change.</summary>
    private void Change(Dependency dependency, bool isRaised)
    {
        if (!changes.TryAdd(dependency, isRaised))
        {
            changes.Remove(dependency);
        }
    }
}
