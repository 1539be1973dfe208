using k8s.Models;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>Decides from which namespaces routes and ListenerSets are admitted.</summary>
internal static class NamespaceAdmission
{
    // Every namespace has it since Kubernetes 1.22; in a folder it stands for namespaces that have no object.
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>Whether objects of a namespace are admitted.</summary>
    /// <param name="lookup">Where Namespaces are found.</param>
    /// <param name="rule">What the owner says; null for the default.</param>
    /// <param name="defaultFrom">What an absent <c>from</c> means.</param>
    /// <param name="owner">The owner's namespace.</param>
    /// <param name="candidate">The namespace in question.</param>
    public static bool Admits(IResourceLookup lookup, NamespacesFrom? rule, string defaultFrom, string owner, string candidate) =>
        (rule?.From ?? defaultFrom) switch
        {
            "All" => true,
            "Same" => owner == candidate,
            "Selector" => rule?.Selector is { } selector && Selects(selector, candidate, lookup.Get<V1Namespace>("", candidate)?.Value),
            _ => false,
        };

    public static bool IsKnown(string? from) => from is null or "All" or "Same" or "Selector";

    private static bool Selects(V1LabelSelector selector, string name, V1Namespace? ns)
    {
        foreach (var (key, value) in selector.MatchLabels ?? new Dictionary<string, string>())
        {
            if (Label(ns, name, key) != value)
            {
                return false;
            }
        }

        foreach (var requirement in selector.MatchExpressions ?? [])
        {
            if (!Holds(requirement, Label(ns, name, requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(V1LabelSelectorRequirement requirement, string? label) => requirement.OperatorProperty switch
    {
        "In" => label is not null && requirement.Values?.Contains(label) == true,
        "NotIn" => label is null || requirement.Values?.Contains(label) != true,
        "Exists" => label is not null,
        "DoesNotExist" => label is null,
        _ => false,
    };

    private static string? Label(V1Namespace? ns, string name, string key) =>
        ns?.Metadata?.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : key == NameLabel ? name : null;
}
