using System.Text.Json.Nodes;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Objects;

/// <summary>An object that this gateway makes for another one, its owner.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Content">
/// What it is to say, with its owner reference; carries the label <see cref="ManagedByLabel"/>. Null where there is to be none (any more).
/// </param>
public sealed record OwnedObject(ResourceType Type, string Namespace, string Name, JsonObject? Content)
{
    /// <summary>Says who manages an object (kubernetes.io/docs, "Recommended Labels").</summary>
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>Its value on objects of this gateway; others' are never touched.</summary>
    public const string Manager = "polygate";

    /// <summary>Whether an object carries the label of those that this gateway makes.</summary>
    public static bool IsMarked(V1ObjectMeta metadata) => metadata.Labels?.TryGetValue(ManagedByLabel, out var manager) == true && manager == Manager;

    /// <summary>Whether this is the same object, whatever it is to say.</summary>
    public bool IsSame(OwnedObject other) => (Type, Namespace, Name) == (other.Type, other.Namespace, other.Name);
}
