using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Status;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Says in a GatewayClass's status whether it is accepted and which features its Gateways have.</summary>
internal static class GatewayClassTranslation
{
    /// <summary>Names of the specification's features, sorted as the API asks.</summary>
    private static readonly string[] SupportedFeatures =
    [
        "BackendTLSPolicy",
        "BackendTLSPolicySANValidation",
        "GRPCRoute",
        "GRPCRouteNamedRouteRule",
        "GRPCRouteRequestHeaderModifier",
        "Gateway",
        "GatewayAddressEmpty",
        "GatewayBackendClientCertificate",
        "GatewayHTTPListenerIsolation",
        "GatewayPort8080",
        "HTTPRoute",
        "HTTPRoute303RedirectStatusCode",
        "HTTPRoute307RedirectStatusCode",
        "HTTPRoute308RedirectStatusCode",
        "HTTPRouteBackendProtocolH2C",
        "HTTPRouteBackendProtocolWebSocket",
        "HTTPRouteBackendRequestHeaderModification",
        "HTTPRouteBackendTimeout",
        "HTTPRouteBackendURLRewrite",
        "HTTPRouteCORS",
        "HTTPRouteDestinationPortMatching",
        "HTTPRouteHostRewrite",
        "HTTPRouteMethodMatching",
        "HTTPRouteNamedRouteRule",
        "HTTPRouteParentRefPort",
        "HTTPRoutePathRedirect",
        "HTTPRoutePathRewrite",
        "HTTPRoutePortRedirect",
        "HTTPRouteQueryParamMatching",
        "HTTPRouteRequestMirror",
        "HTTPRouteRequestMultipleMirrors",
        "HTTPRouteRequestPercentageMirror",
        "HTTPRouteRequestTimeout",
        "HTTPRouteResponseHeaderModification",
        "HTTPRouteRetry",
        "HTTPRouteRetryBackendTimeout",
        "HTTPRouteRetryConnectionError",
        "HTTPRouteSchemeRedirect",
        "ListenerSet",
        "ReferenceGrant",
    ];

    public static void Run(TranslationContext context, GatewayApiOptions options, Resource<GatewayClass> gatewayClass)
    {
        if (!GatewayClasses.IsOurs(gatewayClass.Value, options))
        {
            return;
        }

        var rejection = GatewayClasses.Rejection(gatewayClass.Value);
        if (rejection is not null)
        {
            context.Report(rejection);
        }

        var features = new JsonArray();
        foreach (var feature in SupportedFeatures)
        {
            features.Add((JsonNode)new JsonObject { ["name"] = feature });
        }

        context.SetStatus(gatewayClass, new JsonObject
        {
            ["conditions"] = Condition.ToJson(
                [Condition.Of("Accepted", "Accepted", "The GatewayClass is accepted.", rejection)], gatewayClass),
            ["supportedFeatures"] = features,
        });
    }
}
