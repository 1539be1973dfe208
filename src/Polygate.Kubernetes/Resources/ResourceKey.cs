namespace Polygate.Kubernetes.Resources;

/// <summary>The identity of an object: its API group, kind, namespace and name. Versions of one kind share it.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Kind">As written in <c>kind</c>.</param>
/// <param name="Namespace">Empty for cluster-scoped kinds.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct ResourceKey(string Group, string Kind, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
