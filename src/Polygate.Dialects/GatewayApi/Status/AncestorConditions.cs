using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Attachment;

namespace Polygate.Dialects.GatewayApi.Status;

/// <summary>What is said of a policy, for each ancestor once: where several targets have one ancestor, what is wrong comes before what is right.</summary>
internal sealed class AncestorConditions
{
    private readonly Dictionary<string, (JsonObject Reference, IReadOnlyList<Condition> Conditions)> said = new(StringComparer.Ordinal);

    /// <summary>The ancestors, each with its conditions.</summary>
    public IEnumerable<(JsonObject Reference, IReadOnlyList<Condition> Conditions)> All => said.Values;

    /// <summary>Says what became of a target.</summary>
    /// <param name="reference">Its ancestor.</param>
    /// <param name="rejection">Why the policy is not obeyed there; null when it is.</param>
    /// <param name="conflict">What it loses to another policy; null for nothing.</param>
    public void Add(JsonObject reference, Problem? rejection, Problem? conflict)
    {
        var name = reference.ToJsonString();
        if (!said.TryGetValue(name, out var before) || before.Conditions[0].Status)
        {
            var accepted = Condition.Of("Accepted", "Accepted", "The policy is obeyed.", rejection);
            said[name] = (reference, conflict is null ? [accepted] : [accepted, new Condition("Conflicted", true, "Conflicted", conflict.Message)]);
        }
    }
}
