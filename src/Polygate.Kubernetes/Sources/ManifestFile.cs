using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources;

/// <summary>What a file of manifests holds.</summary>
/// <param name="Resources">The objects that could be read, in the order of the file; their keys are unique.</param>
/// <param name="Diagnostics">What is wrong, in the order of the file.</param>
/// <param name="Unknown">Objects of kinds that the gateway does not read.</param>
/// <param name="Broken">Objects that are written but could not be read: what was known of them before may still hold.</param>
/// <param name="HasUnreadableDocument">Whether a document is not well-formed, so that nobody knows which objects it was to hold.</param>
public sealed record ManifestFile(
    IReadOnlyList<Resource> Resources,
    IReadOnlyList<Diagnostic> Diagnostics,
    IReadOnlyList<UnknownKind> Unknown,
    IReadOnlyList<ResourceKey> Broken,
    bool HasUnreadableDocument);

/// <summary>An object of a kind that the gateway does not read; it has no effect.</summary>
/// <param name="ApiVersion">As written.</param>
/// <param name="Kind">As written.</param>
/// <param name="Namespace">As written; empty when absent.</param>
/// <param name="Name">As written; empty when absent.</param>
/// <param name="File">The file.</param>
/// <param name="Line">From 1.</param>
public sealed record UnknownKind(string ApiVersion, string Kind, string Namespace, string Name, string File, int Line);
