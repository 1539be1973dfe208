using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Gloo.Gateways;

/// <summary>Says of a Gateway, on the object itself, what is wrong with it and what is not served.</summary>
internal static class GatewayCheck
{
    public static void Check(Resource<GlooGateway> gateway, TranslationContext context)
    {
        var settings = GlooSettings.Read(context);
        var findings = new Findings(context);
        var spec = gateway.Value.Spec;
        if (gateway.Namespace != GlooSettings.ControllerNamespace && !settings.ReadsGatewaysFromAllNamespaces)
        {
            findings.Warn(
                "not-watched",
                $"Gateways are read in the namespace {GlooSettings.ControllerNamespace} only, unless the settings have readGatewaysFromAllNamespaces.", "");
            findings.WriteStatus();
            return;
        }

        foreach (var other in GatewayCatalog.ConflictsOf(context, settings, gateway))
        {
            findings.Reject("listener-conflict", $"Gateway {other.FullName} of the same proxy has the same address and port; neither is served.", "spec.bindPort");
        }

        if (spec.BindPort is not (> 0 and < 65536))
        {
            findings.Reject("invalid-field", "bindPort is a number from 1 to 65535.", "spec.bindPort");
        }

        if (spec.TcpGateway is not null)
        {
            findings.Reject("unsupported-field", "TCP gateways are not supported yet.", "spec.tcpGateway");
        }

        findings.Fields(GlooGatewaySpec.Fields, spec, "spec");
        findings.Fields(ListenerOptions.Fields, spec.Options, "spec.options");
        findings.Unsupported(spec.UseProxyProto == true, "spec.useProxyProto");
        findings.Unsupported(spec.RouteOptions?.MaxDirectResponseBodySizeBytes is not null, "spec.routeOptions.maxDirectResponseBodySizeBytes");
        Options(spec.HttpGateway?.Options, "spec.httpGateway.options", findings);
        Hybrid(gateway, context, findings);
        findings.WriteStatus();
    }

    /// <summary>Checks a MatchableHttpGateway and writes its status.</summary>
    public static void Check(Resource<MatchableHttpGateway> part, TranslationContext context)
    {
        var findings = new Findings(context);
        Options(part.Value.Spec.HttpGateway?.Options, "spec.httpGateway.options", findings);
        findings.WriteStatus();
    }

    private static void Options(HttpListenerOptions? options, string field, Findings findings)
    {
        findings.Fields(HttpListenerOptions.Fields, options, field);
        Connections(options?.HttpConnectionManagerSettings, field + ".httpConnectionManagerSettings", findings);
    }

    private static void Connections(ConnectionManagerSettings? settings, string field, Findings findings)
    {
        findings.Fields(ConnectionManagerSettings.Fields, settings, field);
        findings.Unsupported(settings?.StripAnyHostPort == false, field + ".stripAnyHostPort");
        findings.Unsupported(settings?.Upgrades is { Count: > 0 }, field + ".upgrades");
    }

    private static void Hybrid(Resource<GlooGateway> gateway, TranslationContext context, Findings findings)
    {
        const string Field = "spec.hybridGateway";
        if (gateway.Value.Spec.HybridGateway is not { } hybrid)
        {
            return;
        }

        if (hybrid.DelegatedTcpGateways is not null)
        {
            findings.Refuse("unsupported-field", "TCP parts of hybrid gateways are not supported yet.", Field + ".delegatedTcpGateways");
        }

        Connections(hybrid.DelegatedHttpGateways?.HttpConnectionManagerSettings, Field + ".delegatedHttpGateways.httpConnectionManagerSettings", findings);
        for (var i = 0; i < (hybrid.MatchedGateways?.Count ?? 0); i++)
        {
            if (hybrid.MatchedGateways![i].TcpGateway is not null)
            {
                findings.Refuse("unsupported-field", "TCP parts of hybrid gateways are not supported yet.", $"{Field}.matchedGateways[{i}].tcpGateway");
            }

            Options(hybrid.MatchedGateways[i].HttpGateway?.Options, $"{Field}.matchedGateways[{i}].httpGateway.options", findings);
        }

        var parts = HybridParts.Of(context, gateway);
        if (parts.DistinctBy(part => part.Ssl).Count() > 1)
        {
            findings.Reject("unsupported-field", "Parts with and without TLS on one port are not supported yet.", Field);
        }

        foreach (var part in parts.Where(part => !part.IsSimple))
        {
            findings.Refuse(
                "unsupported-field",
                "Parts for some client addresses, ciphers, server names or certificates are not supported yet; this part is not served.",
                part.Field + ".matcher");
        }
    }
}
