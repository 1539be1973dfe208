using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>
/// Says in a BackendPolicy's status whether it is obeyed, once for each Gateway whose routes reach its targets. What it changes is part of those
/// routes' translation.
/// </summary>
internal sealed class BackendPolicyTranslation
{
    private static readonly Backend Any = new("", new StaticEndpoints([]));

    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly Resource<BackendPolicy> policy;

    public BackendPolicyTranslation(TranslationContext context, GatewayApiOptions options, Resource<BackendPolicy> policy)
    {
        this.context = context;
        this.options = options;
        this.policy = policy;
    }

    public void Run()
    {
        var targets = policy.Value.Spec.TargetRefs ?? [];
        var groups = policy.Value.Spec.Groups?.Keys ?? [];
        var invalid = groups.Select(group => BackendPolicies.Read(policy, group, Any).Problem).OfType<Problem>().FirstOrDefault();
        var missing = targets.Select((target, i) => Missing(target, $"spec.targetRefs[{i}]")).OfType<Problem>().ToList();
        var conflicts = targets.Select((target, i) => Conflict(target, groups, $"spec.targetRefs[{i}]")).OfType<Problem>().ToList();
        foreach (var problem in missing.Concat(conflicts).Concat(new[] { invalid }.OfType<Problem>()))
        {
            context.Report(problem);
        }

        var isLost = targets.Count > 0 && targets.All(target => groups.All(group => Loses(target, group)));
        var rejection = invalid
            ?? (targets.Count == 0 ? new Problem("Invalid", "The policy names no target.", "spec.targetRefs") : null)
            ?? (missing.Count == targets.Count ? missing[0] : null)
            ?? (isLost && conflicts.Count > 0 ? conflicts[0] : null);
        List<Condition> conditions = [Condition.Of("Accepted", "Accepted", "The policy is obeyed.", rejection)];
        if (conflicts.Count > 0)
        {
            conditions.Add(new Condition("Conflicted", true, "Conflicted", conflicts[0].Message));
        }

        PolicyStatus.Set(context, options, policy, BackendAncestors.Of(context, options, targets.Select(KeyOf).OfType<string>()), conditions);
    }

    private string? KeyOf(PolicyTargetReference target) => GatewayApiIndexes.BackendKey(target.Group, target.Kind, policy.Namespace, target.Name);

    private bool Loses(PolicyTargetReference target, string group) =>
        KeyOf(target) is { } key && BackendPolicies.Winner(context, key, target.SectionName ?? "", group) is { } winner && winner != policy;

    private Problem? Conflict(PolicyTargetReference target, IEnumerable<string> groups, string field)
    {
        var lost = groups.Where(group => Loses(target, group)).ToList();
        return lost.Count == 0 ? null : new Problem("Conflicted", $"{string.Join(", ", lost)}: another policy comes first for the same target.", field);
    }

    private Problem? Missing(PolicyTargetReference target, string field)
    {
        if (KeyOf(target) is null)
        {
            return new Problem("TargetNotFound", $"A BackendPolicy is for Services and XBackends, not for a {target.Kind}.", field);
        }

        if (target.Kind == "XBackend")
        {
            return context.Get<XBackend>(policy.Namespace, target.Name) is null || !string.IsNullOrEmpty(target.SectionName)
                ? new Problem("TargetNotFound", $"There is no XBackend {policy.Namespace}/{target.Name}{(string.IsNullOrEmpty(target.SectionName) ? "" : " with such a section")}.", field)
                : null;
        }

        if (context.Get<k8s.Models.V1Service>(policy.Namespace, target.Name) is not { } service)
        {
            return new Problem("TargetNotFound", $"There is no Service {policy.Namespace}/{target.Name}.", field);
        }

        return target.SectionName is { Length: > 0 } section && service.Value.Spec?.Ports?.Any(port => port.Name == section) != true
            ? new Problem("TargetNotFound", $"The Service {service.FullName} has no port named \"{section}\".", field + ".sectionName")
            : null;
    }
}
