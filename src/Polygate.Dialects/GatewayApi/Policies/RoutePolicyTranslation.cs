using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>Says in a RoutePolicy's status whether it is obeyed, for each ancestor. What it demands is part of its targets' translation.</summary>
internal sealed class RoutePolicyTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly Resource<RoutePolicy> policy;

    public RoutePolicyTranslation(TranslationContext context, GatewayApiOptions options, Resource<RoutePolicy> policy)
    {
        this.context = context;
        this.options = options;
        this.policy = policy;
    }

    public void Run()
    {
        var targets = policy.Value.Spec.TargetRefs ?? [];
        var groups = policy.Value.Spec.Groups?.Keys ?? [];
        if (targets.Count == 0 || groups.Count == 0)
        {
            context.Warning("unused-policy", targets.Count == 0 ? "The policy names no target." : "The policy says nothing.", "spec");
        }

        var said = new AncestorConditions();
        for (var i = 0; i < targets.Count; i++)
        {
            var target = new PolicyTarget(PolicyTarget.KeyOf(targets[i].Kind, policy.Namespace, targets[i].Name), targets[i].SectionName ?? "");
            var field = $"spec.targetRefs[{i}]";
            var (ancestors, missing) = Find(targets[i], field);
            var invalid = groups.Select(group => new RoutePolicyFilters(context, policy, null).Translate(group, target).Problem).OfType<Problem>().FirstOrDefault()
                ?? OfStreams(targets[i], groups, field);
            var lost = missing is null ? groups.Where(group => Winner(target, group) is { } winner && winner != policy).ToList() : [];
            var conflict = lost.Count == 0 ? null : new Problem(
                "Conflicted", $"{string.Join(", ", lost)}: the policy {Winner(target, lost[0])!.Name} comes first for the same target.", field);
            var rejection = missing ?? invalid ?? (lost.Count == groups.Count ? conflict : null);
            foreach (var problem in new[] { missing, invalid, conflict }.OfType<Problem>())
            {
                context.Report(problem);
            }

            foreach (var reference in missing is null ? ancestors.Select(BackendAncestors.Reference) : [PolicyStatus.Reference(policy, targets[i])])
            {
                said.Add(reference, rejection, conflict);
            }
        }

        PolicyStatus.Set(context, options, policy, said.All);
    }

    private Resource<RoutePolicy>? Winner(PolicyTarget target, string group) =>
        EffectivePolicies.At(context, target).FirstOrDefault(other => other.Value.Spec.Groups?.ContainsKey(group) == true);

    /// <summary>The Gateways concerned, or why there is no such target.</summary>
    private (IReadOnlyList<Resource<Gateway>> Ancestors, Problem? Problem) Find(PolicyTargetReference target, string field)
    {
        switch (target)
        {
            case { Group: GatewayApiTypes.Group, Kind: "Gateway" } when context.Get<Gateway>(policy.Namespace, target.Name) is { } gateway:
                WarnOfStreams(gateway, gateway.Value.Spec.Listeners, field);
                return Sections(GatewayClasses.IsOurs(context, gateway, options) ? [gateway] : [], (gateway.Value.Spec.Listeners ?? []).Select(listener => listener.Name), target, "listener", field);
            case { Group: GatewayApiTypes.Group, Kind: "ListenerSet" } when context.Get<ListenerSet>(policy.Namespace, target.Name) is { } set:
                WarnOfStreams(set, set.Value.Spec.Listeners, field);
                var parent = set.Value.Spec.ParentRef is { } reference ? context.Get<Gateway>(reference.Namespace ?? set.Namespace, reference.Name) : null;
                return Sections(
                    parent is not null && GatewayClasses.IsOurs(context, parent, options) ? [parent] : [],
                    (set.Value.Spec.Listeners ?? []).Select(listener => listener.Name), target, "listener", field);
            case { Group: GatewayApiTypes.Group, Kind: "HTTPRoute" } when context.Get<HTTPRoute>(policy.Namespace, target.Name) is { } route:
                return OfRoute(RouteView.Of(route), target, field);
            case { Group: GatewayApiTypes.Group, Kind: "GRPCRoute" } when context.Get<GRPCRoute>(policy.Namespace, target.Name) is { } route:
                return OfRoute(RouteView.Of(route), target, field);
            case { Group: GatewayApiTypes.Group, Kind: "TLSRoute" or "TCPRoute" or "UDPRoute" } when StreamRoute(target) is { } route:
                return OfRoute(route, target, field);
            case { Group: GatewayApiTypes.Group, Kind: "Gateway" or "ListenerSet" or "HTTPRoute" or "GRPCRoute" or "TLSRoute" or "TCPRoute" or "UDPRoute" }:
                return ([], new Problem("TargetNotFound", $"There is no {target.Kind} {policy.Namespace}/{target.Name}.", field));
            default:
                return ([], new Problem("TargetNotFound", $"A RoutePolicy is for Gateways, ListenerSets and routes, not for a {target.Kind}.", field));
        }
    }

    private (IReadOnlyList<Resource<Gateway>>, Problem?) OfRoute(RouteView route, PolicyTargetReference target, string field) => Sections(
        [.. BackendAncestors.GatewaysOf(context, options, route).DistinctBy(gateway => gateway.FullName)],
        route.Rules.Select(rule => rule.Rule.Name ?? ""), target, "rule", field);

    private (IReadOnlyList<Resource<Gateway>>, Problem?) Sections(
        IReadOnlyList<Resource<Gateway>> ancestors, IEnumerable<string> names, PolicyTargetReference target, string what, string field) =>
        target.SectionName is { Length: > 0 } section && !names.Contains(section)
            ? ([], new Problem("TargetNotFound", $"The {target.Kind} {policy.Namespace}/{target.Name} has no {what} \"{section}\".", field + ".sectionName"))
            : (ancestors, null);

    private RouteView? StreamRoute(PolicyTargetReference target)
    {
        Resource? route = target.Kind switch
        {
            "TLSRoute" => context.Get<TLSRoute>(policy.Namespace, target.Name),
            "TCPRoute" => context.Get<TCPRoute>(policy.Namespace, target.Name),
            _ => context.Get<UDPRoute>(policy.Namespace, target.Name),
        };
        return route is null ? null : RouteView.TryOf(route);
    }

    /// <summary>Why a policy cannot be obeyed by a route that has no requests; what says nothing of streams is told of as unused.</summary>
    private Problem? OfStreams(PolicyTargetReference target, ICollection<string> groups, string field)
    {
        if (target.Kind is not ("TLSRoute" or "TCPRoute" or "UDPRoute"))
        {
            return null;
        }

        foreach (var group in groups.Where(group => StreamDemands.EffectOf(group) == StreamEffect.None))
        {
            context.Warning("unused-policy", $"The group {group} is about requests; a {target.Kind} has none.", field);
        }

        return groups.FirstOrDefault(group => StreamDemands.EffectOf(group) == StreamEffect.Refused) is { } refused
            ? new Problem("Invalid", $"The group {refused} cannot be checked on a {target.Kind}, which has no requests: connections are refused.", field)
            : null;
    }

    /// <summary>Streams have no requests: whoever restricts access by Gateway has to know what that does to them.</summary>
    private void WarnOfStreams(Resource owner, IReadOnlyList<GatewayListener>? listeners, string field)
    {
        var streams = (listeners ?? []).Where(listener => listener.Protocol is "TLS" or "TCP" or "UDP").Select(listener => listener.Name).ToList();
        var refused = (policy.Value.Spec.Groups?.Keys ?? []).Where(group => StreamDemands.EffectOf(group) == StreamEffect.Refused).ToList();
        if (streams.Count > 0 && refused.Count > 0)
        {
            context.Warning(
                "refused-streams",
                $"{string.Join(", ", refused)} cannot be checked where there are no requests: the connections of {owner.Key.Kind} {owner.FullName} on {string.Join(", ", streams)} are refused.",
                field);
        }
    }
}
