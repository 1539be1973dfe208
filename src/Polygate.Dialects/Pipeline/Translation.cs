using System.Text.Json.Nodes;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>What one root object became.</summary>
/// <param name="Piece">Its part of the model; may be empty.</param>
/// <param name="Diagnostics">What is wrong with it.</param>
/// <param name="Statuses">What its (and related objects') status should say, in the kind's own form.</param>
public sealed record Translation(
    ConfigurationPiece Piece, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyList<ResourceStatus> Statuses);

/// <summary>The status an object should have: what stands under <c>status</c>, as far as this gateway owns it.</summary>
public sealed record ResourceStatus(ResourceKey Resource, JsonObject Status);
