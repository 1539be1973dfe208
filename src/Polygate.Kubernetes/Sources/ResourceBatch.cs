using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources;

/// <summary>What changed since the batch before, and what is wrong now.</summary>
/// <param name="Set">Objects that are new or say something else.</param>
/// <param name="Removed">Objects that are gone, as they were.</param>
/// <param name="Moved">Objects that say the same at another line: to be taken in after the others, so that a real change waits for none of them.</param>
/// <param name="Diagnostics">Everything that is wrong in the source now, by file.</param>
/// <param name="Unknown">Objects of kinds that are not read, by file.</param>
public sealed record ResourceBatch(
    IReadOnlyList<Resource> Set,
    IReadOnlyList<Resource> Removed,
    IReadOnlyList<Resource> Moved,
    IReadOnlyList<Diagnostic> Diagnostics,
    IReadOnlyList<UnknownKind> Unknown)
{
    /// <summary>Whether no object changed.</summary>
    public bool IsEmpty => Set.Count == 0 && Removed.Count == 0 && Moved.Count == 0;
}
