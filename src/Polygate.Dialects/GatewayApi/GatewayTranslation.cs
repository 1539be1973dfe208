using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Backends;
using Polygate.Dialects.GatewayApi.Infrastructure;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Translates a Gateway: its listeners and its status. Its routes translate themselves.</summary>
internal sealed class GatewayTranslation
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;

    public GatewayTranslation(TranslationContext context, GatewayApiOptions options)
    {
        this.context = context;
        this.options = options;
    }

    public void Run(Resource<Gateway> gateway)
    {
        if (!GatewayClasses.IsOurs(context, gateway, options))
        {
            return;
        }

        var view = GatewayView.Of(gateway);
        var rejection = GatewayClasses.Rejection(context, view);
        var addresses = GatewayAddresses.Of(context, options, gateway);
        foreach (var problem in new[] { rejection, rejection is null ? addresses.Problem : null }.OfType<Problem>())
        {
            context.Report(problem);
        }

        var conflicts = new PortConflicts(context, options);
        var outcomes = view.Listeners.Select(listener => conflicts.Apply(ListenerOutcome.Of(context, listener))).ToList();
        foreach (var problem in outcomes.SelectMany(outcome => outcome.Problems))
        {
            context.Report(problem);
        }

        if (rejection is null && addresses.Problem is null)
        {
            var publisher = new ListenerPublisher(context, options, view, addresses);
            outcomes.ForEach(publisher.Publish);
        }

        if (options.MakesServices)
        {
            // Whoever changes or deletes what was made has it made again.
            _ = context.Get<k8s.Models.V1Service>(gateway.Namespace, GatewayService.NameOf(gateway));
        }

        ReportUnsupported(gateway.Value.Spec, InsecureFallback(outcomes));
        SetStatus(view, outcomes, conflicts, rejection, addresses);
    }

    private void SetStatus(GatewayView view, List<ListenerOutcome> outcomes, PortConflicts conflicts, Problem? rejection, GatewayAddresses addresses)
    {
        var gateway = view.Gateway;
        var counts = AttachmentCounter.Count(context, GatewayApiIndexes.ParentKey(gateway), view.Listeners);
        var sets = view.ListenerSets(context).Select(set => (Set: set, Outcomes: set.Listeners.Select(listener => conflicts.Apply(ListenerOutcome.Of(context, listener))).ToList())).ToList();
        var all = outcomes.Concat(sets.Where(set => set.Set.Admitted).SelectMany(set => set.Outcomes)).ToList();
        var listeners = new JsonArray();
        for (var i = 0; i < outcomes.Count; i++)
        {
            listeners.Add((JsonNode)ListenerPublisher.Status(outcomes[i], counts[i], TlsOverlaps.Of(outcomes[i], all), gateway));
        }

        var status = new JsonObject
        {
            ["conditions"] = Condition.ToJson(Conditions(gateway, outcomes, rejection, addresses), gateway),
            ["listeners"] = listeners,
            ["attachedListenerSets"] = sets.Count(set => set.Set.Admitted && set.Outcomes.Any(outcome => outcome.IsValid)),
        };
        if (!addresses.Published.IsEmpty)
        {
            status["addresses"] = new JsonArray([.. addresses.Published.Select(address => new JsonObject { ["type"] = "IPAddress", ["value"] = address })]);
        }

        context.SetStatus(gateway, status);
    }

    private IEnumerable<Condition> Conditions(Resource<Gateway> gateway, List<ListenerOutcome> outcomes, Problem? rejection, GatewayAddresses addresses)
    {
        var invalid = outcomes.Where(outcome => outcome.Rejection is not null).Select(outcome => outcome.Listener.Name).ToList();
        if (rejection is not null || invalid.Count == 0)
        {
            yield return Condition.Of("Accepted", "Accepted", "The Gateway is accepted.", rejection);
        }
        else
        {
            yield return new Condition(
                "Accepted", invalid.Count < outcomes.Count, "ListenersNotValid", $"Listeners are not valid: {string.Join(", ", invalid)}.");
        }

        var idle = rejection is not null ? new Problem("Invalid", rejection.Message, "")
            : addresses.Problem ?? (outcomes.Any(outcome => outcome.NotProgrammed is null) ? null : new Problem("Invalid", "No listener takes requests.", ""));
        yield return Condition.Of("Programmed", "Programmed", "The Gateway takes requests.", idle);

        var unresolved = ClientCertificateProblem(gateway);
        if (unresolved is null && outcomes.Any(outcome => outcome.Unresolved is not null))
        {
            unresolved = new Problem("ListenersNotResolved", "References of listeners are not resolved.", "");
        }

        yield return Condition.Of("ResolvedRefs", "ResolvedRefs", "All references are resolved.", unresolved);
        if (InsecureFallback(outcomes))
        {
            yield return new Condition("InsecureFrontendValidationMode", true, "ConfigurationChanged", "Clients are served whatever certificate they show.");
        }
    }

    private Problem? ClientCertificateProblem(Resource<Gateway> gateway)
    {
        var problem = CertificateReferences.ForBackends(context, gateway).Problem;
        if (problem is not null)
        {
            context.Report(problem);
        }

        return problem;
    }

    private static bool InsecureFallback(List<ListenerOutcome> outcomes) =>
        outcomes.Any(outcome => outcome.ClientValidation is { Mode: ClientCertificateMode.Request });

    private void ReportUnsupported(GatewaySpec spec, bool insecure)
    {
        if (!options.MakesServices && spec.Infrastructure is ({ Labels.Count: > 0 } or { Annotations.Count: > 0 }))
        {
            context.Info("unused-field", "Labels and annotations are for resources made for the Gateway; none are made without --gateway-services.", "spec.infrastructure");
        }

        if (insecure)
        {
            context.Warning("insecure", "Client certificates are not verified: the fallback lets every client in.", "spec.tls.frontend");
        }

        if (spec.Listeners is not { Count: > 0 })
        {
            context.Warning("missing-field", "The Gateway has no listeners.", "spec.listeners");
        }
    }
}
