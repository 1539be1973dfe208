using System.Text.Json.Nodes;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>What one root object became.</summary>
/// <param name="Piece">Its part of the model; may be empty.</param>
/// <param name="Diagnostics">What is wrong with it.</param>
/// <param name="Statuses">What its (and related objects') status should say, in the kind's own form.</param>
public sealed record Translation(
    ConfigurationPiece Piece, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyList<ResourceStatus> Statuses)
{
    /// <summary>Finalizers that objects should have, or have no longer.</summary>
    public IReadOnlyList<FinalizerWish> Finalizers { get; init; } = [];
}

/// <summary>The status an object should have: what stands under <c>status</c>, as far as this gateway owns it.</summary>
public sealed record ResourceStatus(ResourceKey Resource, JsonObject Status);

/// <summary>Whether an object should have a finalizer (<c>metadata.finalizers</c>): while it has one, its deletion waits.</summary>
public sealed record FinalizerWish(ResourceKey Resource, string Finalizer, bool Wanted);
