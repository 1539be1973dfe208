using Polygate.Dialects;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Resources;

namespace Polygate.Access;

/// <summary>
/// The least that a run needs to be allowed in a cluster, from <see cref="ClusterAccess"/>: what dialects read, the statuses they write,
/// and what the gateway itself does.
/// </summary>
internal static class AccessRules
{
    private static readonly string[] Watch = ["list", "watch"];

    /// <summary>Of what is kept on demand, one that is wanted anew is asked for by name.</summary>
    private static readonly string[] WatchAndGet = ["get", "list", "watch"];

    /// <summary>Of the gateway itself: events on the objects that people must act on.</summary>
    public static AccessRule Events { get; } = new("", ["events"], ["create"], IsClusterScoped: false);

    /// <summary>Of the gateway itself: the nodes whose addresses may be published.</summary>
    public static AccessRule Nodes { get; } = new("", ["nodes"], Watch, IsClusterScoped: true);

    /// <summary>Of the gateway itself: the Services that are made for Gateways, with their EndpointSlices.</summary>
    public static IReadOnlyList<AccessRule> GatewayServices { get; } =
    [
        new("", ["services"], ["create", "delete", "get", "patch"], IsClusterScoped: false),
        new("discovery.k8s.io", ["endpointslices"], ["create", "delete", "get", "patch"], IsClusterScoped: false),
    ];

    /// <summary>Of the gateway in its own namespace: the Lease by which replicas elect who writes statuses.</summary>
    public static AccessRule Election { get; } = new("coordination.k8s.io", ["leases"], ["create", "get", "update"], IsClusterScoped: false);

    /// <summary>Of <c>polygate migrate</c>: what it lists, and what is named there and asked for one by one. It works without the last, and says less.</summary>
    public static IReadOnlyList<AccessRule> Migration { get; } =
    [
        new("networking.k8s.io", ["ingresses"], ["list"], IsClusterScoped: false), new("networking.k8s.io", ["ingressclasses"], ["list"], IsClusterScoped: true),
        new("", ["services"], ["list"], IsClusterScoped: false), new("", ["configmaps", "secrets"], ["get"], IsClusterScoped: false),
    ];

    /// <summary>Of the gateway in its own namespace, where that is not watched: the Service whose addresses are published.</summary>
    public static AccessRule OwnService(string name) => new("", ["services"], Watch, IsClusterScoped: false) { Names = [name] };

    /// <summary>Of one dialect: a rule a group and scope for what is read, then one for what is written.</summary>
    public static IReadOnlyList<AccessRule> Of(IDialect dialect)
    {
        var access = ClusterAccess.Of(dialect);
        var reads = Grouped(access.Reads.Where(type => !WatchedKind.Of(type).OnDemand), type => type.Plural, Watch)
            .Concat(Grouped(access.Reads.Where(type => WatchedKind.Of(type).OnDemand), type => type.Plural, WatchAndGet));
        var writes = Grouped(
            access.Writes.Select(written => written.Type),
            type => access.Writes.Single(written => written.Type == type).HasSubresource ? type.Plural + "/status" : type.Plural,
            ["patch"]);
        return [.. reads, .. Merged(writes.Concat(Grouped(access.Finalizes, type => type.Plural, ["patch"])))];
    }

    /// <summary>Several dialects together: rules with the same group, verbs and scope become one.</summary>
    public static IReadOnlyList<AccessRule> Merged(IEnumerable<AccessRule> rules) =>
    [
        .. rules.GroupBy(rule => (rule.Group, Verbs: string.Join(',', rule.Verbs), rule.IsClusterScoped))
            .Select(same => same.First() with { Resources = [.. same.SelectMany(rule => rule.Resources).Distinct().Order(StringComparer.Ordinal)] }),
    ];

    private static IEnumerable<AccessRule> Grouped(IEnumerable<ResourceType> types, Func<ResourceType, string> resource, string[] verbs) =>
        types.GroupBy(type => (type.Group, type.Namespaced))
            .OrderBy(same => same.Key.Group, StringComparer.Ordinal).ThenBy(same => same.Key.Namespaced)
            .Select(same => new AccessRule(same.Key.Group, [.. same.Select(resource).Distinct().Order(StringComparer.Ordinal)], verbs, !same.Key.Namespaced));
}
