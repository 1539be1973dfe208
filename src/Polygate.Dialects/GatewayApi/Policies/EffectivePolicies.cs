using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Rules;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>A policy's target: an object, or a part of it.</summary>
/// <param name="Key">Kind, namespace and name.</param>
/// <param name="Section">The name of a rule, a listener or a port; empty for the whole.</param>
internal readonly record struct PolicyTarget(string Key, string Section)
{
    public override string ToString() => Section.Length == 0 ? Key : $"{Key}#{Section}";

    /// <summary>The key of an object that policies may be attached to.</summary>
    public static string KeyOf(string kind, string ns, string name) => $"{kind}/{ns}/{name}";

    public static string KeyOf(Resource resource) => KeyOf(resource.Key.Kind, resource.Namespace, resource.Name);
}

/// <summary>A group of fields in force.</summary>
/// <param name="Group">One of <see cref="PolicyGroups"/>, or what a policy says that is none.</param>
/// <param name="Policy">Whose it is.</param>
/// <param name="Target">By which of its targets.</param>
internal sealed record EffectiveGroup(string Group, Resource<RoutePolicy> Policy, PolicyTarget Target);

/// <summary>
/// Finds which RoutePolicies are in force. For each group of fields by itself the most specific target's policy is: the rule's, then the
/// route's, the listener's, the ListenerSet's, the Gateway's. Of two policies with one target the older is, then the first by name.
/// </summary>
internal static class EffectivePolicies
{
    /// <summary>What is in force for a rule of a route on a listener, in the order of the groups.</summary>
    public static IReadOnlyList<EffectiveGroup> Of(IResourceLookup lookup, RouteView route, RuleView rule, ListenerView listener)
    {
        Dictionary<string, EffectiveGroup>? found = null;
        foreach (var target in Targets(route, rule, listener))
        {
            foreach (var policy in At(lookup, target))
            {
                foreach (var group in policy.Value.Spec.Groups?.Keys ?? [])
                {
                    found ??= new Dictionary<string, EffectiveGroup>(StringComparer.Ordinal);
                    found.TryAdd(group, new EffectiveGroup(group, policy, target));
                }
            }
        }

        return found is null ? [] : [.. found.Values.OrderBy(entry => Order(entry.Group)).ThenBy(entry => entry.Group, StringComparer.Ordinal)];
    }

    /// <summary>The policies with a target, the one in force first.</summary>
    public static IEnumerable<Resource<RoutePolicy>> At(IResourceLookup lookup, PolicyTarget target) =>
        lookup.Find(GatewayApiIndexes.RoutePoliciesByTarget, target.Key) is { Count: > 0 } policies ? Ordered(policies, target) : [];

    private static IEnumerable<Resource<RoutePolicy>> Ordered(IReadOnlyList<Resource<RoutePolicy>> policies, PolicyTarget target) =>
        policies.Where(policy => (policy.Value.Spec.TargetRefs ?? []).Any(reference =>
                PolicyTarget.KeyOf(reference.Kind, policy.Namespace, reference.Name) == target.Key && (reference.SectionName ?? "") == target.Section))
            .OrderBy(policy => policy.Created).ThenBy(policy => policy.FullName, StringComparer.Ordinal);

    private static IEnumerable<PolicyTarget> Targets(RouteView route, RuleView rule, ListenerView listener)
    {
        var own = PolicyTarget.KeyOf(route.Resource);
        if (rule.Rule.Name is { Length: > 0 } name)
        {
            yield return new PolicyTarget(own, name);
        }

        yield return new PolicyTarget(own, "");
        yield return new PolicyTarget(PolicyTarget.KeyOf(listener.Owner), listener.Name);
        yield return new PolicyTarget(PolicyTarget.KeyOf(listener.Owner), "");
        if (listener.Owner != listener.Gateway)
        {
            yield return new PolicyTarget(PolicyTarget.KeyOf(listener.Gateway), "");
        }
    }

    /// <summary>What is no group comes first: it refuses.</summary>
    private static int Order(string group)
    {
        for (var i = 0; i < PolicyGroups.OfRoutes.Count; i++)
        {
            if (PolicyGroups.OfRoutes[i].Name == group)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>Lists of groups are alike when they have the same groups of the same policies by the same targets.</summary>
internal sealed class EffectiveGroupComparer : IEqualityComparer<IReadOnlyList<EffectiveGroup>>
{
    public static readonly EffectiveGroupComparer Instance = new();

    public bool Equals(IReadOnlyList<EffectiveGroup>? left, IReadOnlyList<EffectiveGroup>? right) =>
        left is null || right is null ? left == right : left.SequenceEqual(right);

    public int GetHashCode(IReadOnlyList<EffectiveGroup> groups)
    {
        var hash = default(HashCode);
        foreach (var group in groups)
        {
            hash.Add(group);
        }

        return hash.ToHashCode();
    }
}
