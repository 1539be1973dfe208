using k8s.Models;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi;

/// <summary>
/// Says in a BackendTLSPolicy's status whether it is obeyed, once for each Gateway whose routes reach its targets.
/// What it changes is part of those routes' translation.
/// </summary>
internal sealed class BackendTlsPolicyTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly Resource<BackendTLSPolicy> policy;

    public BackendTlsPolicyTranslation(TranslationContext context, GatewayApiOptions options, Resource<BackendTLSPolicy> policy)
    {
        this.context = context;
        this.options = options;
        this.policy = policy;
    }

    public void Run()
    {
        var outcome = BackendTlsPolicies.Read(context, policy);
        var rejection = outcome.Rejection ?? TargetProblem();
        foreach (var problem in new[] { rejection, outcome.Unresolved }.OfType<Problem>())
        {
            context.Report(problem);
        }

        foreach (var option in policy.Value.Spec.Options?.Keys ?? [])
        {
            context.Warning("unsupported-field", $"The TLS option \"{option}\" is unknown and has no effect.", "spec.options");
        }

        var services = (policy.Value.Spec.TargetRefs ?? []).Select(target => $"{policy.Namespace}/{target.Name}");
        PolicyStatus.Set(
            context,
            options,
            policy,
            BackendAncestors.Of(context, options, services),
            [
                Condition.Of("Accepted", "Accepted", "The policy is obeyed.", rejection),
                Condition.Of("ResolvedRefs", "ResolvedRefs", "All references are resolved.", outcome.Unresolved),
            ]);
    }

    /// <summary>Why none of the targets gets this policy; what concerns only some of them is a warning.</summary>
    private Problem? TargetProblem()
    {
        Problem? first = null;
        var targets = policy.Value.Spec.TargetRefs ?? [];
        var lost = 0;
        for (var i = 0; i < targets.Count; i++)
        {
            if (ProblemOf(targets[i], $"spec.targetRefs[{i}]") is not { } problem)
            {
                continue;
            }

            first ??= problem;
            lost++;
        }

        if (first is null || lost == targets.Count)
        {
            return first;
        }

        context.Warning("partial-policy", first.Message, first.Field);
        return null;
    }

    private Problem? ProblemOf(PolicyTargetReference target, string field)
    {
        if (target is not { Group: "", Kind: "Service" })
        {
            return new Problem("TargetNotFound", $"A BackendTLSPolicy is for Services, not for a {target.Kind}.", field);
        }

        if (context.Get<V1Service>(policy.Namespace, target.Name) is not { } service)
        {
            return new Problem("TargetNotFound", $"There is no Service {policy.Namespace}/{target.Name}.", field);
        }

        if (target.SectionName is { Length: > 0 } section && service.Value.Spec?.Ports?.Any(port => port.Name == section) != true)
        {
            return new Problem("TargetNotFound", $"The Service {service.FullName} has no port named \"{section}\".", field + ".sectionName");
        }

        return BackendTlsPolicies.Winner(context, policy.Namespace, target) is { } winner && winner.Name != policy.Name
            ? new Problem("Conflicted", $"The policy {winner.Name} is in force for the same target.", field)
            : null;
    }
}
