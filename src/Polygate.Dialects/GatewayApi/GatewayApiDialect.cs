using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Policies;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi;

/// <summary>
/// The Gateway API (v1.6). Gateways and ListenerSets make listeners, routes of five kinds make routes; every kind
/// with a status gets one. The routes of one Gateway are ordered among themselves by the specification's precedence.
/// </summary>
public sealed class GatewayApiDialect : IDialect
{
    private readonly GatewayApiOptions options;

    public GatewayApiDialect(GatewayApiOptions? options = null) => this.options = options ?? new GatewayApiOptions();

    public string Name => "gateway-api";

    public IReadOnlyList<ResourceType> ResourceTypes { get; } =
    [
        GatewayApiTypes.GatewayClass, GatewayApiTypes.Gateway, GatewayApiTypes.ListenerSet, GatewayApiTypes.HTTPRoute, GatewayApiTypes.GRPCRoute,
        GatewayApiTypes.TLSRoute, GatewayApiTypes.TCPRoute, GatewayApiTypes.UDPRoute, GatewayApiTypes.ReferenceGrant, GatewayApiTypes.BackendTLSPolicy,
        GatewayApiTypes.XBackend, GatewayApiTypes.XBackendTrafficPolicy, PolicyTypes.RoutePolicy, PolicyTypes.BackendPolicy, PolicyTypes.ClientPolicy,
        GatewayApiTypes.CustomResourceDefinition, CoreTypes.Service, CoreTypes.EndpointSlice, CoreTypes.Pod, CoreTypes.Secret, CoreTypes.ConfigMap, CoreTypes.Namespace,
    ];

    public IReadOnlyList<ResourceIndex> Indexes => GatewayApiIndexes.All;

    public bool IsRoot(ResourceType type) => type.Group is GatewayApiTypes.Group or GatewayApiTypes.ExperimentalGroup or PolicyTypes.Group && type.Kind != "ReferenceGrant";

    public void Translate(Resource root, TranslationContext context)
    {
        switch (root)
        {
            case Resource<Gateway> gateway:
                new GatewayTranslation(context, options).Run(gateway);
                break;
            case Resource<ListenerSet> set:
                new ListenerSetTranslation(context, options).Run(set);
                break;
            case Resource<BackendTLSPolicy> policy:
                new BackendTlsPolicyTranslation(context, options, policy).Run();
                break;
            case Resource<RoutePolicy> policy:
                new RoutePolicyTranslation(context, options, policy).Run();
                break;
            case Resource<BackendPolicy> policy:
                new BackendPolicyTranslation(context, options, policy).Run();
                break;
            case Resource<ClientPolicy> policy:
                new ClientPolicyTranslation(context, options, policy).Run();
                break;
            case Resource<XBackendTrafficPolicy> policy:
                new TrafficPolicyTranslation(context, options, policy).Run();
                break;
            case Resource<XBackend> backend:
                new XBackendTranslation(context, options, backend).Run();
                break;
            case Resource<GatewayClass> gatewayClass:
                GatewayClassTranslation.Run(context, options, gatewayClass);
                break;
            default:
                new RouteTranslation(context, options, DefaultGateways.Attach(context, options, RouteView.TryOf(root)!)).Run();
                break;
        }
    }
}
