using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>The Gateways through which requests reach backends: what statuses of backends and their policies are about.</summary>
internal static class BackendAncestors
{
    /// <summary>The Gateways, by name.</summary>
    /// <param name="lookup">Where routes are found.</param>
    /// <param name="options">Which Gateways are ours.</param>
    /// <param name="keys">The backends' <see cref="GatewayApiIndexes.BackendKey"/>s.</param>
    public static IEnumerable<Resource<Gateway>> Of(IResourceLookup lookup, GatewayApiOptions options, IEnumerable<string> keys) =>
        keys.Distinct(StringComparer.Ordinal)
            .SelectMany(key => lookup.Find(GatewayApiIndexes.HttpRoutesByBackend, key).Select(RouteView.Of)
                .Concat(lookup.Find(GatewayApiIndexes.GrpcRoutesByBackend, key).Select(RouteView.Of))
                .Concat(lookup.Find(GatewayApiIndexes.TlsRoutesByBackend, key).Select(route => RouteView.TryOf(route)!)))
            .SelectMany(route => GatewaysOf(lookup, options, route))
            .DistinctBy(gateway => gateway.FullName).OrderBy(gateway => gateway.FullName, StringComparer.Ordinal);

    /// <summary>The Gateways that a route is attached to.</summary>
    public static IEnumerable<Resource<Gateway>> GatewaysOf(IResourceLookup lookup, GatewayApiOptions options, RouteView route)
    {
        route = DefaultGateways.Attach(lookup, options, route);
        for (var i = 0; i < route.Parents.Count; i++)
        {
            var parent = Parent.Resolve(lookup, options, route.Resource, route.Parents[i], i);
            if (parent.Kind == ParentKind.Ours && parent.Attach(lookup, route, i).Rejection is null)
            {
                yield return parent.Gateway!.Gateway;
            }
        }
    }

    /// <summary>How statuses refer to a Gateway.</summary>
    public static JsonObject Reference(Resource<Gateway> gateway) => new()
    {
        ["group"] = GatewayApiTypes.Group,
        ["kind"] = "Gateway",
        ["namespace"] = gateway.Namespace,
        ["name"] = gateway.Name,
    };
}
