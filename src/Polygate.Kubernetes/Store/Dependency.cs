namespace Polygate.Kubernetes.Store;

/// <summary>
/// Something a computation looked at: one object (whether or not it exists), all objects of a kind, those of a
/// namespace, or an index entry. When it changes, the computation is done again.
/// </summary>
/// <param name="Subject">The object type (<see cref="Type"/>) or the <see cref="ResourceIndex"/>.</param>
/// <param name="Namespace">The namespace; null for all of them, or for an index.</param>
/// <param name="Key">The object's name or the index key; null for all objects.</param>
public readonly record struct Dependency(object Subject, string? Namespace, string? Key);
