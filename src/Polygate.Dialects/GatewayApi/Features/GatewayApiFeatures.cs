namespace Polygate.Dialects.GatewayApi.Features;

/// <summary>
/// Every feature that the Gateway API (v1.6 and the main branch after it) names, and whether it is had here: what GatewayClasses publish and the
/// documentation's table both come from this one list.
/// </summary>
public static class GatewayApiFeatures
{
    private const string NoMesh = "This is a gateway, not a mesh: routes are attached to Gateways and ListenerSets only.";

    /// <summary>By area, in the order of the specification.</summary>
    public static IReadOnlyList<GatewayApiFeature> All { get; } =
    [
        Core("Gateway", "Gateways and their listeners."),
        Extended("GatewayAddressEmpty", "An address without a value is given one."),
        Extended("GatewayBackendClientCertificate", "A client certificate for TLS to backends."),
        Extended("GatewayFrontendClientCertificateValidation", "Verification of clients' certificates by port."),
        Extended("GatewayFrontendClientCertificateValidationInsecureFallback", "Clients are served whatever certificate they show."),
        Extended("GatewayHTTPListenerIsolation", "A request never falls through to a less specific listener."),
        Extended("GatewayHTTPSListenerDetectMisdirectedRequests", "421 where the server name and the host belong to different listeners."),
        Extended("GatewayInfrastructurePropagation", "Labels and annotations of the Service that is made for a Gateway, with `--gateway-services`."),
        Extended("GatewayPort8080", "Port 8080."),
        Extended("GatewayStaticAddresses", "Addresses that a Gateway asks for."),
        Extended("ListenerSet", "Listeners added by others than the Gateway's owner."),
        Core("ReferenceGrant", "Permission for references across namespaces."),
        Core("HTTPRoute", "Routes for HTTP requests."),
        Extended("HTTPRoute303RedirectStatusCode", "Redirects with status 303."),
        Extended("HTTPRoute307RedirectStatusCode", "Redirects with status 307."),
        Extended("HTTPRoute308RedirectStatusCode", "Redirects with status 308."),
        Extended("HTTPRouteBackendProtocolH2C", "Backends that speak HTTP/2 without TLS."),
        Extended("HTTPRouteBackendProtocolWebSocket", "Backends that speak WebSocket."),
        Extended("HTTPRouteBackendRequestHeaderModification", "Header changes for one backend."),
        Extended("HTTPRouteBackendRequestRedirect", "A redirect in place of one backend."),
        Extended("HTTPRouteBackendTimeout", "A limit for each attempt."),
        Extended("HTTPRouteBackendURLRewrite", "A rewrite for one backend."),
        Extended("HTTPRouteCORS", "Cross-origin resource sharing."),
        Extended("HTTPRouteDestinationPortMatching", "A parent's port selects listeners."),
        Extended("HTTPRouteHostRewrite", "Another host for the backend."),
        Extended("HTTPRouteMethodMatching", "Matches by method."),
        Extended("HTTPRouteNamedRouteRule", "Rules with names."),
        Extended("HTTPRouteParentRefPort", "A parent's port selects listeners."),
        Extended("HTTPRoutePathRedirect", "Redirects to another path."),
        Extended("HTTPRoutePathRewrite", "Another path for the backend."),
        Extended("HTTPRoutePortRedirect", "Redirects to another port."),
        Extended("HTTPRouteQueryParamMatching", "Matches by query parameters."),
        Extended("HTTPRouteRequestMirror", "Copies of requests to another backend."),
        Extended("HTTPRouteRequestMultipleMirrors", "Copies to several backends."),
        Extended("HTTPRouteRequestPercentageMirror", "Copies of a share of requests."),
        Extended("HTTPRouteRequestTimeout", "A limit for the whole exchange."),
        Extended("HTTPRouteResponseHeaderModification", "Header changes of answers."),
        Extended("HTTPRouteRetry", "Repeated attempts by status."),
        Extended("HTTPRouteRetryBackendTimeout", "Repeated attempts after timeouts."),
        Extended("HTTPRouteRetryConnectionError", "Repeated attempts after broken connections."),
        Extended("HTTPRouteSchemeRedirect", "Redirects to another scheme."),
        Core("GRPCRoute", "Routes for gRPC calls."),
        Extended("GRPCRouteNamedRouteRule", "Rules with names."),
        Extended("GRPCRouteRequestHeaderModifier", "Changes of a call's metadata."),
        Core("TLSRoute", "Routes for TLS connections by server name."),
        Extended("TLSRouteModeMixed", "Passthrough and termination on one port."),
        Extended("TLSRouteModeTerminate", "TLS that ends here and goes on as a stream."),
        Core("TCPRoute", "Routes for TCP connections."),
        Core("UDPRoute", "Routes for UDP datagrams."),
        Extended("BackendTLSPolicy", "TLS to backends."),
        Extended("BackendTLSPolicySANValidation", "Alternative names in backends' certificates."),
        MissingCore("Mesh", NoMesh),
        Missing("MeshClusterIPMatching", NoMesh),
        Missing("MeshConsumerRoute", NoMesh),
        Missing("MeshHTTPRouteBackendRequestHeaderModification", NoMesh),
        Missing("MeshHTTPRouteNamedRouteRule", NoMesh),
        Missing("MeshHTTPRouteQueryParamMatching", NoMesh),
        Missing("MeshHTTPRouteRedirectPath", NoMesh),
        Missing("MeshHTTPRouteRedirectPort", NoMesh),
        Missing("MeshHTTPRouteRewritePath", NoMesh),
        Missing("MeshHTTPRouteSchemeRedirect", NoMesh),
    ];

    /// <summary>The names of the features had, sorted as <c>supportedFeatures</c> asks; at most 64 fit there.</summary>
    public static IReadOnlyList<string> Supported { get; } =
        [.. All.Where(feature => feature.Supported).Select(feature => feature.Name).Order(StringComparer.Ordinal)];

    private static GatewayApiFeature Core(string name, string description) => new(name, SupportLevel.Core, true, description);

    private static GatewayApiFeature MissingCore(string name, string description) => new(name, SupportLevel.Core, false, description);

    private static GatewayApiFeature Extended(string name, string description) => new(name, SupportLevel.Extended, true, description);

    private static GatewayApiFeature Missing(string name, string description) => new(name, SupportLevel.Extended, false, description);
}
