using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Policies;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.GatewayApi.Streams;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Puts the listeners of a Gateway or ListenerSet into the model and into its status.</summary>
internal sealed class ListenerPublisher
{
    private readonly TranslationContext context;
    private readonly GatewayApiOptions options;
    private readonly GatewayView gateway;
    private readonly GatewayAddresses addresses;

    /// <param name="context">Where they go.</param>
    /// <param name="options">How Gateways are served here.</param>
    /// <param name="gateway">The Gateway, also of a ListenerSet.</param>
    /// <param name="addresses">What it is reached at.</param>
    public ListenerPublisher(TranslationContext context, GatewayApiOptions options, GatewayView gateway, GatewayAddresses addresses)
    {
        this.context = context;
        this.options = options;
        this.gateway = gateway;
        this.addresses = addresses;
    }

    /// <summary>
    /// Opens a listener: its port, its claim on its host name, its certificates. One that lacks nothing but certificates refuses connections, so that
    /// no other listener answers in its place; one that is not valid otherwise is left out.
    /// </summary>
    public void Publish(ListenerOutcome outcome)
    {
        if (outcome.NotProgrammed is not null && !outcome.IsRefused)
        {
            return;
        }

        var listener = outcome.Listener;
        var origin = context.Origin(listener.Field);
        var host = HostPattern.Parse(listener.Hostname);
        var key = GatewayAddresses.Key(options, listener);
        context.Add(new Listener(key, ProtocolOf(listener), origin)
        {
            Addresses = addresses.Bound,
            Clients = listener.IsHttp ? ClientPolicies.Of(context, gateway.Gateway, listener.Port) : null,
        });
        if (listener.IsHttp)
        {
            context.Add(new VirtualHost(gateway.Scope, key, host, origin) { FollowsServerName = true });
        }

        if (listener.TerminatesTls)
        {
            context.Add(new TlsBinding(key, host, outcome.Certificates.Select(certificate => certificate.Id).ToValueList(), origin)
            {
                IsRefused = outcome.IsRefused,
                ClientValidation = outcome.ClientValidation,
            });
        }

        if (listener.Listener.Protocol == "TLS")
        {
            context.Add(StreamTranslation.Refusal(gateway, listener, key, origin));
        }

        foreach (var certificate in outcome.Certificates)
        {
            context.Add(certificate);
        }

        ReportUnsupported(listener);
    }

    private static ListenerProtocol ProtocolOf(ListenerView listener) => listener.Listener.Protocol switch
    {
        "HTTPS" => ListenerProtocol.Https,
        "TLS" => ListenerProtocol.Tls,
        "TCP" => ListenerProtocol.Tcp,
        "UDP" => ListenerProtocol.Udp,
        _ => ListenerProtocol.Http,
    };

    /// <summary>The entry of a listener in <c>status.listeners</c>.</summary>
    public static JsonObject Status(ListenerOutcome outcome, int attachedRoutes, Problem? overlap, Resource owner)
    {
        var listener = outcome.Listener;
        var kinds = new JsonArray();
        foreach (var kind in listener.Kinds)
        {
            kinds.Add((JsonNode)new JsonObject { ["group"] = GatewayApiTypes.Group, ["kind"] = kind });
        }

        var conditions = new List<Condition>
        {
            Condition.Of("Accepted", "Accepted", "The listener is accepted.", outcome.Rejection),
            Condition.Of("Programmed", "Programmed", "The listener takes requests.", outcome.NotProgrammed),
            Condition.Of("ResolvedRefs", "ResolvedRefs", "All references are resolved.", outcome.Unresolved),
            listener.Conflict == ListenerConflict.None
                ? new Condition("Conflicted", false, "NoConflicts", "No other listener is in its way.")
                : new Condition("Conflicted", true, outcome.Rejection!.Reason, outcome.Rejection.Message),
        };
        if (overlap is not null)
        {
            conditions.Add(new Condition("OverlappingTLSConfig", true, overlap.Reason, overlap.Message));
        }

        return new JsonObject
        {
            ["name"] = listener.Name,
            ["supportedKinds"] = kinds,
            ["attachedRoutes"] = attachedRoutes,
            ["conditions"] = Condition.ToJson(conditions, owner),
        };
    }

    private void ReportUnsupported(ListenerView listener)
    {
        foreach (var option in listener.Listener.Tls?.Options?.Keys ?? [])
        {
            context.Warning("unsupported-field", $"The TLS option \"{option}\" is unknown and has no effect.", listener.Field + ".tls.options");
        }

        if (listener.Listener is { Protocol: not ("HTTPS" or "TLS"), Tls: not null })
        {
            context.Warning("unused-field", $"A listener of protocol {listener.Listener.Protocol} has no TLS.", listener.Field + ".tls");
        }

        var namespaces = listener.Listener.AllowedRoutes?.Namespaces;
        if (namespaces is { From: "Selector", Selector: null })
        {
            context.Warning("missing-field", "Without a selector no namespace is admitted.", listener.Field + ".allowedRoutes.namespaces.selector");
        }
    }
}
