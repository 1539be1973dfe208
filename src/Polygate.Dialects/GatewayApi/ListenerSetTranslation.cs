using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Translates a ListenerSet: its listeners join its Gateway's, its status says which of them could.</summary>
internal sealed class ListenerSetTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;

    public ListenerSetTranslation(TranslationContext context, GatewayApiOptions options)
    {
        this.context = context;
        this.options = options;
    }

    public void Run(Resource<ListenerSet> set)
    {
        if (set.Value.Spec.ParentRef is not { } reference)
        {
            context.Error("missing-field", "The ListenerSet names no Gateway.", "spec.parentRef");
            return;
        }

        if (reference.Group is not (null or GatewayApiTypes.Group) || reference.Kind is not (null or "Gateway"))
        {
            context.Error("unsupported-value", "A ListenerSet belongs to a Gateway.", "spec.parentRef");
            return;
        }

        var ns = reference.Namespace ?? set.Namespace;
        if (context.Get<Gateway>(ns, reference.Name) is not { } gateway)
        {
            context.Error("missing-parent", $"There is no Gateway {ns}/{reference.Name} to attach to.", "spec.parentRef");
            return;
        }

        if (GatewayClasses.IsOurs(context, gateway, options))
        {
            var view = GatewayView.Of(gateway);
            Translate(view, ListenerSetView.Of(context, view, set));
        }
    }

    private void Translate(GatewayView gateway, ListenerSetView set)
    {
        var conflicts = new PortConflicts(context, options);
        var outcomes = set.Listeners.Select(listener => conflicts.Apply(ListenerOutcome.Of(context, listener))).ToList();
        var addresses = GatewayAddresses.Of(context, options, gateway.Gateway);
        var parentRejected = GatewayClasses.Rejection(context, gateway) is not null;
        var rejection = !set.Admitted
            ? new Problem("NotAllowed", $"The Gateway {gateway.Gateway.FullName} does not admit ListenerSets of namespace {set.Set.Namespace}.", "spec.parentRef")
            : parentRejected ? new Problem("ParentNotAccepted", $"The Gateway {gateway.Gateway.FullName} is not accepted.", "spec.parentRef")
            : outcomes.Any(outcome => outcome.IsValid) ? null : new Problem("ListenersNotValid", "No listener is valid.", "spec.listeners");
        if (rejection is not null)
        {
            context.Report(rejection);
        }

        if (!set.Admitted)
        {
            context.SetStatus(set.Set, new JsonObject { ["conditions"] = Condition.ToJson(Conditions(rejection, rejection), set.Set) });
            return;
        }

        foreach (var problem in outcomes.SelectMany(outcome => outcome.Problems))
        {
            context.Report(problem);
        }

        if (!parentRejected && addresses.Problem is null)
        {
            var publisher = new ListenerPublisher(context, options, gateway, addresses);
            outcomes.ForEach(publisher.Publish);
        }

        SetStatus(gateway, set, outcomes, rejection, rejection ?? (addresses.Problem is null ? null : addresses.Problem with { Reason = "ParentNotProgrammed" }));
    }

    private void SetStatus(GatewayView gateway, ListenerSetView set, List<ListenerOutcome> outcomes, Problem? rejection, Problem? notProgrammed)
    {
        var counts = AttachmentCounter.Count(context, GatewayApiIndexes.ParentKey(set.Set), set.Listeners);

        // Overlaps with other ListenerSets stand in neither: each would have to look at all of them.
        var near = outcomes.Concat(gateway.Listeners.Select(listener => ListenerOutcome.Of(context, listener))).ToList();
        var listeners = new JsonArray();
        for (var i = 0; i < outcomes.Count; i++)
        {
            listeners.Add((JsonNode)ListenerPublisher.Status(outcomes[i], counts[i], TlsOverlaps.Of(outcomes[i], near), set.Set));
        }

        context.SetStatus(set.Set, new JsonObject
        {
            ["conditions"] = Condition.ToJson(Conditions(rejection, notProgrammed), set.Set),
            ["listeners"] = listeners,
        });
    }

    private static Condition[] Conditions(Problem? rejection, Problem? notProgrammed) =>
    [
        Condition.Of("Accepted", "Accepted", "The ListenerSet is accepted.", rejection),
        Condition.Of(
            "Programmed",
            "Programmed",
            "The ListenerSet takes requests.",
            notProgrammed is { Reason: "ParentNotAccepted" } ? notProgrammed with { Reason = "ParentNotProgrammed" } : notProgrammed),
    ];
}
