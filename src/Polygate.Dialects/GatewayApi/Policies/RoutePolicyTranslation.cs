using System.Text.Json.Nodes;
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

        var said = new Dictionary<string, (JsonObject Reference, IReadOnlyList<Condition> Conditions)>(StringComparer.Ordinal);
        for (var i = 0; i < targets.Count; i++)
        {
            var target = new PolicyTarget(PolicyTarget.KeyOf(targets[i].Kind, policy.Namespace, targets[i].Name), targets[i].SectionName ?? "");
            var field = $"spec.targetRefs[{i}]";
            var (ancestors, missing) = Find(targets[i], field);
            var invalid = groups.Select(group => new RoutePolicyFilters(context, policy, null).Translate(group, target).Problem).OfType<Problem>().FirstOrDefault();
            var lost = missing is null ? groups.Where(group => Winner(target, group) is { } winner && winner != policy).ToList() : [];
            var conflict = lost.Count == 0 ? null : new Problem(
                "Conflicted", $"{string.Join(", ", lost)}: the policy {Winner(target, lost[0])!.Name} comes first for the same target.", field);
            var rejection = missing ?? invalid ?? (lost.Count == groups.Count ? conflict : null);
            foreach (var problem in new[] { missing, invalid, conflict }.OfType<Problem>())
            {
                context.Report(problem);
            }

            foreach (var reference in missing is null ? ancestors.Select(BackendAncestors.Reference) : [Reference(targets[i])])
            {
                var name = reference.ToJsonString();
                if (!said.TryGetValue(name, out var before) || before.Conditions[0].Status)
                {
                    said[name] = (reference, Conditions(rejection, conflict));
                }
            }
        }

        PolicyStatus.Set(context, options, policy, said.Values);
    }

    private static Condition[] Conditions(Problem? rejection, Problem? conflict)
    {
        var accepted = Condition.Of("Accepted", "Accepted", "The policy is obeyed.", rejection);
        return conflict is null ? [accepted] : [accepted, new Condition("Conflicted", true, "Conflicted", conflict.Message)];
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
            case { Group: GatewayApiTypes.Group, Kind: "Gateway" or "ListenerSet" or "HTTPRoute" or "GRPCRoute" }:
                return ([], new Problem("TargetNotFound", $"There is no {target.Kind} {policy.Namespace}/{target.Name}.", field));
            default:
                return ([], new Problem("TargetNotFound", $"A RoutePolicy is for Gateways, ListenerSets, HTTPRoutes and GRPCRoutes, not for a {target.Kind}.", field));
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

    /// <summary>Streams have no requests: whoever restricts access by Gateway has to know.</summary>
    private void WarnOfStreams(Resource owner, IReadOnlyList<GatewayListener>? listeners, string field)
    {
        if ((listeners ?? []).Where(listener => listener.Protocol is "TLS" or "TCP" or "UDP").Select(listener => listener.Name).ToList() is { Count: > 0 } streams)
        {
            context.Warning("unused-policy", $"The policy is about HTTP requests; it does not restrict the streams of {owner.Key.Kind} {owner.FullName} on {string.Join(", ", streams)}.", field);
        }
    }

    private JsonObject Reference(PolicyTargetReference target) => new()
    {
        ["group"] = target.Group,
        ["kind"] = target.Kind,
        ["namespace"] = policy.Namespace,
        ["name"] = target.Name,
    };
}
