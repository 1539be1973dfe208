using System.Text.Json.Nodes;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>What one root object became.</summary>
/// <param name="Piece">Its part of the model; may be empty.</param>
/// <param name="Diagnostics">What is wrong with it.</param>
/// <param name="Statuses">What its (and related objects') status should say, in the kind's own form.</param>
public sealed record Translation(
    ConfigurationPiece Piece, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyList<ResourceStatus> Statuses)
{
    /// <summary>Of an object that means nothing to a dialect.</summary>
    internal static Translation Nothing { get; } = new(ConfigurationPiece.Nothing, [], []);

    /// <summary>Finalizers that objects should have, or have no longer.</summary>
    public IReadOnlyList<FinalizerWish> Finalizers { get; init; } = [];

    /// <summary>Objects whose status tells the gateway's addresses (see <see cref="TranslationContext.PublishAddresses"/>).</summary>
    public IReadOnlyList<ResourceKey> Addressed { get; init; } = [];

    internal bool IsEmpty => Piece.IsEmpty && Diagnostics.Count == 0 && Statuses.Count == 0 && Addressed.Count == 0 && Finalizers.Count == 0;
}

/// <summary>How the translation of one root by one dialect changed.</summary>
/// <param name="Dialect">The dialect.</param>
/// <param name="Root">The root.</param>
/// <param name="Before">What it was; empty for a new root.</param>
/// <param name="After">What it is; null when the root is gone.</param>
public sealed record TranslationChange(string Dialect, ResourceKey Root, Translation Before, Translation? After);

/// <summary>
/// The status an object should have: what stands under <c>status</c>, as far as this gateway owns it. Kept as text: ten thousand
/// objects have one each, which is looked at when it is written and never again, and many say the same.
/// </summary>
public sealed class ResourceStatus
{
    private static readonly RecentValues<byte[]> Texts = new(1024, new SameBytes());
    private readonly byte[] json;

    /// <param name="resource">The object.</param>
    /// <param name="json">Its status as JSON text in UTF-8.</param>
    public ResourceStatus(ResourceKey resource, byte[] json)
    {
        Resource = resource;
        this.json = Texts.Share(json);
    }

    public ResourceKey Resource { get; }

    /// <summary>As JSON text in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => json;

    /// <summary>A new tree each time: the caller's to change.</summary>
    public JsonObject Status => JsonNode.Parse(json)!.AsObject();

    private sealed class SameBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }
    }
}

/// <summary>Whether an object should have a finalizer (<c>metadata.finalizers</c>): while it has one, its deletion waits.</summary>
public sealed record FinalizerWish(ResourceKey Resource, string Finalizer, bool Wanted);
