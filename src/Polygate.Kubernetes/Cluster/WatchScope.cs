namespace Polygate.Kubernetes.Cluster;

/// <summary>Whose objects are read: those of all namespaces, of some by name, or of some by label.</summary>
/// <param name="Namespaces">By name; empty for all.</param>
/// <param name="Selector">By label, in the API's syntax (<c>team=shop,stage!=test</c>); empty for no such limit.</param>
public sealed record WatchScope(IReadOnlyList<string> Namespaces, string Selector)
{
    /// <summary>All namespaces.</summary>
    public static WatchScope All { get; } = new([], "");
}
