using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>Says in a ClientPolicy's status whether it is obeyed, for each Gateway. What it demands is part of the Gateway's translation.</summary>
internal sealed class ClientPolicyTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly Resource<ClientPolicy> policy;

    public ClientPolicyTranslation(TranslationContext context, GatewayApiOptions options, Resource<ClientPolicy> policy)
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

        var invalid = groups.Select(group => ClientPolicies.Read(policy, group, new ClientSettings()).Problem).OfType<Problem>().FirstOrDefault();
        if (invalid is not null)
        {
            context.Report(invalid);
        }

        var said = new AncestorConditions();
        for (var i = 0; i < targets.Count; i++)
        {
            Judge(targets[i], $"spec.targetRefs[{i}]", groups, invalid, said);
        }

        PolicyStatus.Set(context, options, policy, said.All);
    }

    private void Judge(PolicyTargetReference target, string field, ICollection<string> groups, Problem? invalid, AncestorConditions said)
    {
        var (gateway, missing) = Find(target, field);
        var lost = gateway is null ? [] : groups.Where(group => Winner(gateway, target, group) is { } winner && winner != policy).ToList();
        var conflict = lost.Count == 0 ? null : new Problem(
            "Conflicted", $"{string.Join(", ", lost)}: the policy {Winner(gateway!, target, lost[0])!.Name} comes first for the same target.", field);
        foreach (var problem in new[] { missing, conflict }.OfType<Problem>())
        {
            context.Report(problem);
        }

        if (gateway is null || GatewayClasses.IsOurs(context, gateway, options))
        {
            said.Add(
                gateway is null ? PolicyStatus.Reference(policy, target) : BackendAncestors.Reference(gateway),
                missing ?? invalid ?? (lost.Count == groups.Count ? conflict : null),
                conflict);
        }
    }

    private Resource<ClientPolicy>? Winner(Resource<Gateway> gateway, PolicyTargetReference target, string group) =>
        ClientPolicies.Winner(context, gateway, ClientPolicies.PortOf(target, gateway), group);

    /// <summary>The Gateway, or why there is no such target.</summary>
    private (Resource<Gateway>? Gateway, Problem? Problem) Find(PolicyTargetReference target, string field)
    {
        if (target is not { Group: GatewayApiTypes.Group, Kind: "Gateway" })
        {
            return (null, new Problem("TargetNotFound", $"A ClientPolicy is for Gateways and their listeners, not for a {target.Kind}.", field));
        }

        if (context.Get<Gateway>(policy.Namespace, target.Name) is not { } gateway)
        {
            return (null, new Problem("TargetNotFound", $"There is no Gateway {policy.Namespace}/{target.Name}.", field));
        }

        return ClientPolicies.PortOf(target, gateway) == 0
            ? (gateway, new Problem("TargetNotFound", $"The Gateway {gateway.FullName} has no HTTP or HTTPS listener \"{target.SectionName}\".", field + ".sectionName"))
            : (gateway, null);
    }
}
