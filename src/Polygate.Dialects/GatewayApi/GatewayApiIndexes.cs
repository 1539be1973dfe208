using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Policies;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi;

/// <summary>How objects of the Gateway API are found by what they refer to.</summary>
internal static class GatewayApiIndexes
{
    /// <summary>By <see cref="ParentKey(string, string, string)"/>.</summary>
    public static ResourceIndex<HTTPRoute> HttpRoutesByParent { get; } = new(
        "http-routes-by-parent", route => Parents(RouteView.Of(route)), AttachAlike);

    /// <inheritdoc cref="HttpRoutesByParent"/>
    public static ResourceIndex<GRPCRoute> GrpcRoutesByParent { get; } = new(
        "grpc-routes-by-parent", route => Parents(RouteView.Of(route)), AttachAlike);

    /// <inheritdoc cref="HttpRoutesByParent"/>
    public static ResourceIndex<TLSRoute> TlsRoutesByParent { get; } = new("tls-routes-by-parent", Parents, AttachAlike);

    /// <inheritdoc cref="HttpRoutesByParent"/>
    public static ResourceIndex<TCPRoute> TcpRoutesByParent { get; } = new("tcp-routes-by-parent", Parents, AttachAlike);

    /// <inheritdoc cref="HttpRoutesByParent"/>
    public static ResourceIndex<UDPRoute> UdpRoutesByParent { get; } = new("udp-routes-by-parent", Parents, AttachAlike);

    /// <summary>By <see cref="DomainKeys"/>: those that may share a host name with another route.</summary>
    public static ResourceIndex<HTTPRoute> HttpRoutesByDomain { get; } = new(
        "http-routes-by-domain", route => IndexedDomainKeys(RouteView.Of(route)), AttachAlike);

    /// <inheritdoc cref="HttpRoutesByDomain"/>
    public static ResourceIndex<GRPCRoute> GrpcRoutesByDomain { get; } = new(
        "grpc-routes-by-domain", route => IndexedDomainKeys(RouteView.Of(route)), AttachAlike);

    /// <summary>By <see cref="BackendKey"/> of what they send requests to, copies included.</summary>
    public static ResourceIndex<HTTPRoute> HttpRoutesByBackend { get; } = new(
        "http-routes-by-backend", route => RouteView.Of(route).Backends());

    /// <inheritdoc cref="HttpRoutesByBackend"/>
    public static ResourceIndex<GRPCRoute> GrpcRoutesByBackend { get; } = new(
        "grpc-routes-by-backend", route => RouteView.Of(route).Backends());

    /// <inheritdoc cref="HttpRoutesByBackend"/>
    public static ResourceIndex<TLSRoute> TlsRoutesByBackend { get; } = new(
        "tls-routes-by-backend", route => RouteView.TryOf(route)!.Backends());

    /// <summary>By the name of the GatewayClass.</summary>
    public static ResourceIndex<Gateway> GatewaysByClass { get; } = new("gateways-by-class", gateway => [gateway.Value.Spec.GatewayClassName]);

    /// <summary>By the scope of which they are default Gateways; others stand nowhere.</summary>
    public static ResourceIndex<Gateway> GatewaysByDefaultScope { get; } = new(
        "gateways-by-default-scope", gateway => DefaultGateways.IsDefault(gateway) ? [DefaultGateways.Scope] : []);

    /// <summary>By <see cref="PortKey(int, string)"/>: those that have a listener of a family on a port.</summary>
    public static ResourceIndex<Gateway> GatewaysByPort { get; } = new("gateways-by-port", gateway => PortKeys(gateway.Value.Spec.Listeners));

    /// <summary>As <see cref="GatewaysByPort"/>, of whatever Gateway.</summary>
    public static ResourceIndex<ListenerSet> ListenerSetsByPortAlone { get; } = new(
        "listener-sets-by-port-alone",
        set => GatewayOf(set) is null ? [] : PortKeys(set.Value.Spec.Listeners));

    /// <summary>By namespace/name of the Gateway.</summary>
    public static ResourceIndex<ListenerSet> ListenerSetsByGateway { get; } = new(
        "listener-sets-by-gateway",
        set => GatewayOf(set) is { } gateway ? [gateway] : []);

    /// <summary>By <see cref="PortKey(string, int, string)"/>: those that have a listener of a family on a port of their Gateway.</summary>
    public static ResourceIndex<ListenerSet> ListenerSetsByPort { get; } = new(
        "listener-sets-by-port",
        set => GatewayOf(set) is { } gateway
            ? (set.Value.Spec.Listeners ?? []).Select(listener => PortKey(gateway, listener.Port, Listeners.Family(listener) ?? "")).Distinct(StringComparer.Ordinal)
            : []);

    /// <summary>By <see cref="ClaimKey"/>: those that have a listener that cannot be told from another by port and host name.</summary>
    public static ResourceIndex<ListenerSet> ListenerSetsByClaim { get; } = new(
        "listener-sets-by-claim",
        set => GatewayOf(set) is { } gateway
            ? (set.Value.Spec.Listeners ?? []).Select(listener => ClaimKey(gateway, listener)).Distinct(StringComparer.Ordinal)
            : []);

    /// <summary>By namespace/name of the Service.</summary>
    public static ResourceIndex<BackendTLSPolicy> TlsPoliciesByService { get; } = new(
        "tls-policies-by-service",
        policy => (policy.Value.Spec.TargetRefs ?? []).Where(target => target is { Group: "", Kind: "Service" }).Select(target => $"{policy.Namespace}/{target.Name}"));

    /// <summary>By <see cref="BackendKey"/>.</summary>
    public static ResourceIndex<XBackendTrafficPolicy> TrafficPoliciesByBackend { get; } = new(
        "traffic-policies-by-backend",
        policy => (policy.Value.Spec.TargetRefs ?? []).Select(target => BackendKey(target.Group, target.Kind, policy.Namespace, target.Name)).OfType<string>());

    /// <summary>By <see cref="PolicyTarget.Key"/>.</summary>
    public static ResourceIndex<RoutePolicy> RoutePoliciesByTarget { get; } = new(
        "route-policies-by-target",
        policy => (policy.Value.Spec.TargetRefs ?? []).Where(target => target.Group == GatewayApiTypes.Group)
            .Select(target => PolicyTarget.KeyOf(target.Kind, policy.Namespace, target.Name)).Distinct(StringComparer.Ordinal));

    /// <summary>By <see cref="BackendKey"/>.</summary>
    public static ResourceIndex<BackendPolicy> BackendPoliciesByBackend { get; } = new(
        "backend-policies-by-backend",
        policy => (policy.Value.Spec.TargetRefs ?? []).Select(target => BackendKey(target.Group, target.Kind, policy.Namespace, target.Name)).OfType<string>().Distinct(StringComparer.Ordinal));

    /// <summary>By namespace/name of the Gateway.</summary>
    public static ResourceIndex<ClientPolicy> ClientPoliciesByGateway { get; } = new(
        "client-policies-by-gateway",
        policy => (policy.Value.Spec.TargetRefs ?? []).Where(target => target is { Group: GatewayApiTypes.Group, Kind: "Gateway" })
            .Select(target => $"{policy.Namespace}/{target.Name}").Distinct(StringComparer.Ordinal));

    public static IReadOnlyList<ResourceIndex> All { get; } =
    [
        HttpRoutesByParent, GrpcRoutesByParent, TlsRoutesByParent, TcpRoutesByParent, UdpRoutesByParent, HttpRoutesByDomain, GrpcRoutesByDomain,
        HttpRoutesByBackend, GrpcRoutesByBackend, TlsRoutesByBackend,
        GatewaysByClass, GatewaysByDefaultScope, GatewaysByPort, ListenerSetsByGateway, ListenerSetsByPort, ListenerSetsByPortAlone, ListenerSetsByClaim, TlsPoliciesByService, TrafficPoliciesByBackend,
        RoutePoliciesByTarget, BackendPoliciesByBackend, ClientPoliciesByGateway,
    ];

    /// <summary>A port of a Gateway, spoken on in one way.</summary>
    /// <param name="gateway">Namespace/name.</param>
    /// <param name="port">The port.</param>
    /// <param name="family">As <see cref="Listeners.Family"/> tells it.</param>
    public static string PortKey(string gateway, int port, string family) => $"{gateway}|{port}|{family}";

    /// <summary>A port of whatever Gateway, spoken on in one way.</summary>
    public static string PortKey(int port, string family) => $"{port}|{family}";

    /// <summary>What tells a listener from the others of its Gateway.</summary>
    public static string ClaimKey(string gateway, GatewayListener listener)
    {
        var family = Listeners.Family(listener) ?? "";
        return PortKey(gateway, listener.Port, family) + "|" + (family is "tcp" or "udp" ? "" : Hostnames.Normalize(listener.Hostname));
    }

    /// <summary>Whether those who ask what a route is attached to hear the same of both.</summary>
    private static bool AttachAlike(Resource before, Resource after) => RouteView.TryOf(before)!.AttachesLike(RouteView.TryOf(after)!);

    private static IEnumerable<string> PortKeys(IReadOnlyList<GatewayListener>? listeners) =>
        (listeners ?? []).Select(listener => PortKey(listener.Port, Listeners.Family(listener) ?? "")).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Parents(Resource route) => Parents(RouteView.TryOf(route)!);

    private static IEnumerable<string> Parents(RouteView route) =>
        route.ParentKeys.OfType<string>().Concat(route.UsesDefaultGateways ? [DefaultGateways.ParentKey] : []);

    /// <summary>Namespace/name of a ListenerSet's Gateway; null when it names none.</summary>
    private static string? GatewayOf(Resource<ListenerSet> set) =>
        set.Value.Spec.ParentRef is { } parent ? $"{parent.Namespace ?? set.Namespace}/{parent.Name}" : null;

    /// <summary>A Service or XBackend; null for other kinds.</summary>
    /// <param name="group">Empty or absent for Services.</param>
    /// <param name="kind">Absent for Services.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    public static string? BackendKey(string? group, string? kind, string ns, string name) => (group, kind) switch
    {
        (null or "", null or "Service") => $"{ns}/{name}",
        (GatewayApiTypes.ExperimentalGroup, "XBackend") => $"XBackend/{ns}/{name}",
        _ => null,
    };

    /// <summary>A Gateway or ListenerSet.</summary>
    public static string ParentKey(string kind, string ns, string name) => $"{kind}/{ns}/{name}";

    public static string ParentKey(Resource parent) => ParentKey(parent.Key.Kind, parent.Namespace, parent.Name);

    /// <summary>The Gateway or ListenerSet a reference means; null for other kinds.</summary>
    public static string? ParentKey(ParentReference parent, string routeNamespace) =>
        parent.Group is null or GatewayApiTypes.Group && parent.Kind is null or "Gateway" or "ListenerSet"
            ? ParentKey(parent.Kind ?? "Gateway", parent.Namespace ?? routeNamespace, parent.Name)
            : null;

    /// <summary>Where to look for routes of a parent that may share a host name with this one.</summary>
    public static IEnumerable<string> DomainKeys(string parentKey, RouteView route) => route.Domains.Contains(RouteView.AnyDomain)
        ? [parentKey + "|"]
        : route.Domains.Select(domain => $"{parentKey}|{domain}").Append($"{parentKey}|{RouteView.AnyDomain}");

    /// <summary>Under the bare parent stand all routes, under a domain those that have names in it.</summary>
    private static IEnumerable<string> IndexedDomainKeys(RouteView route)
    {
        foreach (var parent in Parents(route))
        {
            yield return parent + "|";
            foreach (var domain in route.Domains)
            {
                yield return $"{parent}|{domain}";
            }
        }
    }
}
