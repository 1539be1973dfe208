using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>
/// Routes may leave it to the cluster which Gateways serve them (GEP-3793): a route that uses default Gateways is attached to each of them as if it
/// named them all, by the usual rules. A Gateway that it names itself is no default one for it.
/// </summary>
internal static class DefaultGateways
{
    // RouteParentStatus: at most 32.
    private const int MostParents = 32;

    /// <summary>The one scope there is.</summary>
    public const string Scope = "All";

    /// <summary>The key that stands for "a default Gateway" where routes are found by their parents.</summary>
    public const string ParentKey = "default";

    /// <summary>Whether a Gateway is a default one; ListenerSets never are.</summary>
    public static bool IsDefault(Resource<Gateway> gateway) => gateway.Value.Spec.DefaultScope == Scope;

    /// <summary>A route with the default Gateways among its parents, where it uses them.</summary>
    public static RouteView Attach(IResourceLookup lookup, GatewayApiOptions options, RouteView route) => !route.UsesDefaultGateways ? route
        : route.With(lookup.Find(GatewayApiIndexes.GatewaysByDefaultScope, Scope)
            .Where(gateway => GatewayClasses.IsOurs(lookup, gateway, options) && !route.ParentKeys.Contains(GatewayApiIndexes.ParentKey(gateway)))
            .Take(Math.Max(0, MostParents - route.Parents.Count)).Select(Reference));

    /// <summary>A route that uses default Gateways as one of them sees it.</summary>
    public static RouteView For(Resource<Gateway> gateway, RouteView route) => route.With([Reference(gateway)]);

    private static ParentReference Reference(Resource<Gateway> gateway) => new() { Namespace = gateway.Namespace, Name = gateway.Name };
}
