using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Status;

/// <summary>Writes the status of a policy: the same conditions for each of its ancestors (PolicyStatus).</summary>
internal static class PolicyStatus
{
    // PolicyStatus, "ancestors": at most sixteen.
    private const int MostAncestors = 16;

    /// <summary>How the status refers to a target that does not exist: it is its own ancestor.</summary>
    public static JsonObject Reference(Resource policy, PolicyTargetReference target) => new()
    {
        ["group"] = target.Group,
        ["kind"] = target.Kind,
        ["namespace"] = policy.Namespace,
        ["name"] = target.Name,
    };

    /// <summary>Sets the status; nothing where there is no ancestor.</summary>
    /// <param name="context">Receives it.</param>
    /// <param name="options">Who writes.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="ancestors">The Gateways concerned.</param>
    /// <param name="conditions">What is to be said.</param>
    public static void Set(
        TranslationContext context, GatewayApiOptions options, Resource policy, IEnumerable<Resource<Gateway>> ancestors, IReadOnlyList<Condition> conditions) =>
        Set(context, options, policy, ancestors.Select(gateway => (BackendAncestors.Reference(gateway), conditions)));

    /// <summary>Sets the status, of each ancestor by itself.</summary>
    /// <param name="context">Receives it.</param>
    /// <param name="options">Who writes.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="ancestors">The ancestors and what is said of the policy there.</param>
    public static void Set(
        TranslationContext context, GatewayApiOptions options, Resource policy, IEnumerable<(JsonObject Reference, IReadOnlyList<Condition> Conditions)> ancestors)
    {
        var entries = new JsonArray();
        foreach (var (reference, conditions) in ancestors.Take(MostAncestors))
        {
            entries.Add((JsonNode)new JsonObject
            {
                ["ancestorRef"] = reference,
                ["controllerName"] = options.ControllerName,
                ["conditions"] = Condition.ToJson(conditions, policy),
            });
        }

        if (entries.Count > 0)
        {
            context.SetStatus(policy, new JsonObject { ["ancestors"] = entries });
        }
    }
}
