using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi;

/// <summary>
/// Says in an XBackendTrafficPolicy's status whether it is obeyed, once for each Gateway whose routes reach its targets. What it changes is part of
/// those routes' translation.
/// </summary>
internal sealed class TrafficPolicyTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly Resource<XBackendTrafficPolicy> policy;

    public TrafficPolicyTranslation(TranslationContext context, GatewayApiOptions options, Resource<XBackendTrafficPolicy> policy)
    {
        this.context = context;
        this.options = options;
        this.policy = policy;
    }

    public void Run()
    {
        var targets = policy.Value.Spec.TargetRefs ?? [];
        var problems = targets.Select((target, i) => ProblemOf(target, $"spec.targetRefs[{i}]")).OfType<Problem>().ToList();
        var rejection = TrafficPolicies.Problem(policy.Value.Spec)
            ?? (targets.Count == 0 ? new Problem("Invalid", "The policy names no target.", "spec.targetRefs") : null)
            ?? (problems.Count == targets.Count ? problems[0] : null);
        if (rejection is not null)
        {
            context.Report(rejection);
        }
        else if (problems.Count > 0)
        {
            context.Warning("partial-policy", problems[0].Message, problems[0].Field);
        }

        PolicyStatus.Set(
            context, options, policy, BackendAncestors.Of(context, options, targets.Select(KeyOf).OfType<string>()),
            [Condition.Of("Accepted", "Accepted", "The policy is obeyed.", rejection)]);
    }

    private string? KeyOf(PolicyTargetReference target) => GatewayApiIndexes.BackendKey(target.Group, target.Kind, policy.Namespace, target.Name);

    private Problem? ProblemOf(PolicyTargetReference target, string field)
    {
        if (KeyOf(target) is not { } key)
        {
            return new Problem("TargetNotFound", $"An XBackendTrafficPolicy is for Services and XBackends, not for a {target.Kind}.", field);
        }

        var isThere = target.Kind == "XBackend"
            ? context.Get<XBackend>(policy.Namespace, target.Name) is not null
            : context.Get<k8s.Models.V1Service>(policy.Namespace, target.Name) is not null;
        if (!isThere)
        {
            return new Problem("TargetNotFound", $"There is no {target.Kind} {policy.Namespace}/{target.Name}.", field);
        }

        return TrafficPolicies.Winner(context, key) is { } winner && winner.Name != policy.Name
            ? new Problem("Conflicted", $"The policy {winner.Name} is in force for the same target.", field)
            : null;
    }
}
