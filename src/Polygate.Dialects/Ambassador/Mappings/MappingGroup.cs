using System.Text.Json;
using Polygate.Dialects.Ambassador.Hosts;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>A Mapping with its share of the group's traffic.</summary>
/// <param name="Mapping">The Mapping.</param>
/// <param name="Below">The share of all members so far and this one, 0 to 1: the draws below it, and not below the one before, are its own.</param>
internal sealed record GroupMember(MappingView Mapping, double Below);

/// <summary>
/// The Mappings that share the requests of one prefix (and conditions) on one Host, in the order of their names. Weights are
/// percentages; what they leave over falls through to the next route that matches.
/// </summary>
internal sealed class MappingGroup
{
    private readonly Dictionary<MappingView, MappingProblem> excluded = [];

    private MappingGroup()
    {
    }

    /// <summary>Those that answer requests, in the order in which they are tried.</summary>
    public IReadOnlyList<GroupMember> Members { get; private set; } = [];

    /// <summary>The one that receives copies; null for none.</summary>
    public MappingView? Shadow { get; private set; }

    /// <summary>All that take part, the shadow excepted.</summary>
    public IEnumerable<MappingView> Mappings => Members.Select(member => member.Mapping);

    /// <summary>The group of a Mapping on a Host.</summary>
    public static MappingGroup Of(MappingView mapping, ServedHost host, IResourceLookup lookup)
    {
        var group = new MappingGroup();
        var candidates = lookup.Find(MappingView.ByGroup, mapping.GroupKey)
            .Select(candidate => candidate.Key == mapping.Resource.Key ? mapping : new MappingView(candidate))
            .Where(candidate => Installation.IsOurs(candidate.Spec.AmbassadorId) && host.Takes(candidate) && MappingRules.Problem(candidate, lookup) is null)
            .ToList();
        var normal = group.Agreeing([.. candidates.Where(candidate => !candidate.IsShadow)]);
        group.TakeShadow([.. candidates.Where(candidate => candidate.IsShadow)], normal.Count > 0);
        group.Members = group.Weigh(normal);
        return group;
    }

    /// <summary>Why a Mapping has no part in its group; null when it has.</summary>
    public MappingProblem? ProblemOf(MappingView mapping) => excluded.TryGetValue(mapping, out var problem) ? problem : null;

    /// <summary>The place of a member.</summary>
    public int IndexOf(MappingView mapping) => Mappings.ToList().IndexOf(mapping);

    /// <summary>The rank of the group: that of its highest member.</summary>
    public ValueList<long> Rank() => Mappings.Select(mapping => new RoutePrecedence(mapping.Rank())).Min()!.Keys;

    /// <summary>Members that contradict the first about what holds for all are left out.</summary>
    private List<MappingView> Agreeing(List<MappingView> mappings)
    {
        var result = new List<MappingView>();
        foreach (var mapping in mappings)
        {
            if (result.Count == 0 || (mapping.IsRedirect == result[0].IsRedirect && Contradiction(mapping, result[0]) is null))
            {
                result.Add(mapping);
                continue;
            }

            var field = mapping.IsRedirect != result[0].IsRedirect ? "host_redirect" : Contradiction(mapping, result[0])!;
            excluded.Add(mapping, new MappingProblem(
                "group-conflict",
                $"{field} differs from that of Mapping {result[0].Resource.FullName}, with which this one shares its requests.", "spec." + field));
        }

        return result;
    }

    private static string? Contradiction(MappingView mapping, MappingView first)
    {
        var (mine, theirs) = (mapping.Spec, first.Spec);
        if (Differs("bypass_auth"))
        {
            return "bypass_auth";
        }

        foreach (var name in (ReadOnlySpan<string>)["keepalive", "labels", "cluster_idle_timeout_ms", "cluster_max_connection_lifetime_ms"])
        {
            if (Differs(name))
            {
                return name;
            }
        }

        return mine switch
        {
            { PrefixRegex: { } regex } when regex != (theirs.PrefixRegex ?? false) => "prefix_regex",
            { PrefixExact: { } exact } when exact != (theirs.PrefixExact ?? false) => "prefix_exact",
            { ConnectTimeoutMs: { } timeout } when timeout != theirs.ConnectTimeoutMs => "connect_timeout_ms",
            { LoadBalancer: { } balancer } when balancer != theirs.LoadBalancer => "load_balancer",
            { CircuitBreakers: { } breakers } when !breakers.SequenceEqual(theirs.CircuitBreakers ?? []) => "circuit_breakers",
            _ => null,
        };

        bool Differs(string name) =>
            mine.Field(name) is { } value && (theirs.Field(name) is not { } other || !JsonElement.DeepEquals(value, other));
    }

    private void TakeShadow(List<MappingView> shadows, bool hasNormal)
    {
        Shadow = hasNormal ? shadows.FirstOrDefault() : null;
        foreach (var shadow in shadows.Where(shadow => shadow != Shadow))
        {
            excluded.Add(shadow, new MappingProblem(
                "group-conflict",
                hasNormal
                    ? $"Mapping {Shadow!.Resource.FullName} receives the copies of these requests already."
                    : "A shadow needs a Mapping with the same prefix and conditions that answers the requests.",
                "spec.shadow"));
        }
    }

    private List<GroupMember> Weigh(List<MappingView> mappings)
    {
        if (mappings.Count <= 1)
        {
            return [.. mappings.Select(mapping => new GroupMember(mapping, 1))];
        }

        var weighted = mappings.Where(mapping => mapping.Spec.Weight is not null).ToList();
        var weightless = mappings.Where(mapping => mapping.Spec.Weight is null).ToList();
        var sum = weighted.Sum(mapping => mapping.Spec.Weight!.Value);
        if (sum > 100)
        {
            foreach (var mapping in mappings)
            {
                excluded.Add(mapping, new MappingProblem("group-conflict", $"The weights of these Mappings add up to {sum}, more than 100.", "spec.weight"));
            }

            return [];
        }

        var result = new List<GroupMember>();
        var total = 0;
        foreach (var mapping in weighted)
        {
            total += mapping.Spec.Weight!.Value;
            result.Add(new GroupMember(mapping, total / 100.0));
        }

        var each = weightless.Count == 0 ? 0 : (int)Math.Round((100.0 - sum) / weightless.Count);
        for (var i = 0; i < weightless.Count; i++)
        {
            total = i == weightless.Count - 1 ? 100 : Math.Min(100, total + each);
            result.Add(new GroupMember(weightless[i], total / 100.0));
        }

        return result;
    }
}
