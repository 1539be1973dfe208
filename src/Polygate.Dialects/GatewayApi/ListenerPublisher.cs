using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Puts the listeners of a Gateway or ListenerSet into the model and into its status.</summary>
internal sealed class ListenerPublisher
{
    private readonly TranslationContext context;
    private readonly GatewayView gateway;

    public ListenerPublisher(TranslationContext context, GatewayView gateway)
    {
        this.context = context;
        this.gateway = gateway;
    }

    /// <summary>Opens a listener: its port, its claim on its host name, its certificates.</summary>
    public void Publish(ListenerOutcome outcome)
    {
        var listener = outcome.Listener;
        var origin = context.Origin(listener.Field);
        var host = HostPattern.Parse(listener.Hostname);
        foreach (var key in gateway.Keys(listener))
        {
            context.Add(new Listener(key, listener.IsTls ? ListenerProtocol.Https : ListenerProtocol.Http, origin));
            context.Add(new VirtualHost(gateway.Scope, key, host, origin));
            if (listener.IsTls)
            {
                context.Add(new TlsBinding(key, host, outcome.Certificates.Select(certificate => certificate.Id).ToValueList(), origin));
            }
        }

        foreach (var certificate in outcome.Certificates)
        {
            context.Add(certificate);
        }

        ReportUnsupported(listener);
    }

    /// <summary>The entry of a listener in <c>status.listeners</c>.</summary>
    public static JsonObject Status(ListenerOutcome outcome, int attachedRoutes, Resource owner)
    {
        var listener = outcome.Listener;
        var kinds = new JsonArray();
        foreach (var kind in listener.Kinds)
        {
            kinds.Add((JsonNode)new JsonObject { ["group"] = GatewayApiTypes.Group, ["kind"] = kind });
        }

        return new JsonObject
        {
            ["name"] = listener.Name,
            ["supportedKinds"] = kinds,
            ["attachedRoutes"] = attachedRoutes,
            ["conditions"] = Condition.ToJson(
                [
                    Condition.Of("Accepted", "Accepted", "The listener is accepted.", outcome.Rejection),
                    Condition.Of("Programmed", "Programmed", "The listener takes requests.", outcome.NotProgrammed),
                    Condition.Of("ResolvedRefs", "ResolvedRefs", "All references are resolved.", outcome.Unresolved),
                    listener.Conflict == ListenerConflict.None
                        ? new Condition("Conflicted", false, "NoConflicts", "No other listener is in its way.")
                        : new Condition("Conflicted", true, outcome.Rejection!.Reason, outcome.Rejection.Message),
                ],
                owner),
        };
    }

    private void ReportUnsupported(ListenerView listener)
    {
        foreach (var option in listener.Listener.Tls?.Options?.Keys ?? [])
        {
            context.Warning("unsupported-field", $"The TLS option \"{option}\" is unknown and has no effect.", listener.Field + ".tls.options");
        }

        if (!listener.IsTls && listener.Listener.Tls is not null)
        {
            context.Warning("unused-field", "An HTTP listener has no TLS.", listener.Field + ".tls");
        }

        var namespaces = listener.Listener.AllowedRoutes?.Namespaces;
        if (namespaces is { From: "Selector", Selector: null })
        {
            context.Warning("missing-field", "Without a selector no namespace is admitted.", listener.Field + ".allowedRoutes.namespaces.selector");
        }
    }
}
