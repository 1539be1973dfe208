using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>A listener a route is attached to, and the host names they have in common.</summary>
internal readonly record struct AttachedListener(ListenerView Listener, IReadOnlyList<string> Hostnames);

/// <summary>What became of one of a route's parent references.</summary>
/// <param name="Rejection">Why the route is not accepted there; null when it is.</param>
/// <param name="Listeners">The listeners that admit it; empty when it is not accepted.</param>
internal sealed record AttachmentResult(Problem? Rejection, IReadOnlyList<AttachedListener> Listeners);

/// <summary>
/// Decides which listeners of a parent a route is attached to. The one answer for the route's own translation, for the
/// counts in the Gateway's status and for the ancestors of policies.
/// </summary>
internal static class RouteAttachment
{
    /// <summary>Attaches a route to a parent.</summary>
    /// <param name="lookup">Where Namespaces and routes of the other kind are found.</param>
    /// <param name="route">The route.</param>
    /// <param name="place">Which of its parent references.</param>
    /// <param name="parentKey">The key of the Gateway or ListenerSet meant.</param>
    /// <param name="listeners">The listeners of that object.</param>
    public static AttachmentResult Attach(
        IResourceLookup lookup, RouteView route, int place, string parentKey, IReadOnlyList<ListenerView> listeners)
    {
        var result = AttachByItself(lookup, route, route.Parents[place], $"spec.parentRefs[{place}]", listeners);
        if (result.Rejection is not null || WithoutRivals(lookup, route, parentKey, result.Listeners) is not { } left)
        {
            return result;
        }

        return left.Count > 0 ? new AttachmentResult(null, left) : Rejected(
            "HostnameConflict",
            $"An older {(route.Kind == "HTTPRoute" ? "GRPCRoute" : "HTTPRoute")} has the host name on this listener.",
            "spec.hostnames");
    }

    /// <summary>Whether a parent reference means this listener.</summary>
    public static bool Selects(ParentReference parent, ListenerView listener) =>
        (parent.SectionName is null || parent.SectionName == listener.Name) && (parent.Port is null || parent.Port == listener.Port);

    /// <summary>Whether a listener admits routes of a namespace.</summary>
    public static bool AdmitsNamespace(IResourceLookup lookup, ListenerView listener, string ns) =>
        NamespaceAdmission.Admits(lookup, listener.Listener.AllowedRoutes?.Namespaces, "Same", listener.Owner.Namespace, ns);

    /// <summary>Whether a listener and a route have a host name in common.</summary>
    public static bool ShareHostname(ListenerView listener, RouteView route)
    {
        for (var i = 0; i < route.Hostnames.Count; i++)
        {
            if (Hostnames.Intersect(listener.Hostname, route.Hostnames[i]) is not null)
            {
                return true;
            }
        }

        return route.Hostnames.Count == 0;
    }

    private static AttachmentResult AttachByItself(
        IResourceLookup lookup, RouteView route, ParentReference parent, string field, IReadOnlyList<ListenerView> listeners)
    {
        var selected = listeners.Where(listener => Selects(parent, listener)).ToList();
        if (selected.Count == 0)
        {
            return NoListener(parent, field);
        }

        selected.RemoveAll(listener => !listener.Admits(route.Kind) || !AdmitsNamespace(lookup, listener, route.Resource.Namespace));
        if (selected.Count == 0)
        {
            return Rejected("NotAllowedByListeners", $"No listener admits {route.Kind}s of namespace {route.Resource.Namespace}.", field);
        }

        selected.RemoveAll(listener => !ShareHostname(listener, route));
        if (selected.Count == 0)
        {
            return Rejected("NoMatchingListenerHostname", "None of the host names is a host name of a listener.", "spec.hostnames");
        }

        return route.Rejection is { } problem
            ? new AttachmentResult(problem, [])
            : new AttachmentResult(null, [.. selected.Select(listener => new AttachedListener(listener, Intersect(listener.Hostname, route.Hostnames)))]);
    }

    private static AttachmentResult NoListener(ParentReference parent, string field) => (parent.SectionName, parent.Port) switch
    {
        ({ } name, null) => Rejected("NoMatchingParent", $"There is no listener \"{name}\".", field + ".sectionName"),
        (null, { } port) => Rejected("NoMatchingParent", $"There is no listener on port {port}.", field + ".port"),
        ({ } name, { } port) => Rejected("NoMatchingParent", $"There is no listener \"{name}\" on port {port}.", field + ".port"),
        _ => Rejected("NoMatchingParent", "The parent has no listeners.", field),
    };

    private static IReadOnlyList<string> Intersect(string listener, IReadOnlyList<string> hostnames) => hostnames.Count == 0
        ? [listener]
        : [.. hostnames.Select(hostname => Hostnames.Intersect(listener, hostname)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Where an HTTPRoute and a GRPCRoute have a host name in common on a listener, only the older one is accepted
    /// (GRPCRoute, "cross serving"). Null when there is no such route.
    /// </summary>
    private static List<AttachedListener>? WithoutRivals(
        IResourceLookup lookup, RouteView route, string parentKey, IReadOnlyList<AttachedListener> attached)
    {
        List<AttachedListener>? left = null;
        foreach (var rival in Rivals(lookup, route, parentKey, attached))
        {
            if (!rival.Precedes(route))
            {
                continue;
            }

            for (var place = 0; place < rival.Parents.Count; place++)
            {
                if (rival.ParentKeys[place] == parentKey)
                {
                    var taken = AttachByItself(lookup, rival, rival.Parents[place], "", [.. attached.Select(entry => entry.Listener)]).Listeners;
                    left ??= [.. attached];
                    left.RemoveAll(entry => taken.Any(other => other.Listener == entry.Listener && Overlap(entry.Hostnames, other.Hostnames)));
                }
            }
        }

        return left;
    }

    private static IEnumerable<RouteView> Rivals(IResourceLookup lookup, RouteView route, string parentKey, IReadOnlyList<AttachedListener> attached)
    {
        if (!route.IsHttp)
        {
            return [];
        }

        var named = Others(lookup, route, parentKey);
        return attached.Count > 0 && attached[0].Listener is var first && first.Owner == first.Gateway && DefaultGateways.IsDefault(first.Gateway)
            ? named.Concat(Others(lookup, route, DefaultGateways.ParentKey).Where(other => !other.ParentKeys.Contains(parentKey)).Select(other => DefaultGateways.For(first.Gateway, other)))
            : named;
    }

    private static IEnumerable<RouteView> Others(IResourceLookup lookup, RouteView route, string parentKey)
    {
        var keys = GatewayApiIndexes.DomainKeys(parentKey, route);
        return route.Kind == "HTTPRoute"
            ? keys.SelectMany(key => lookup.Find(GatewayApiIndexes.GrpcRoutesByDomain, key)).Select(RouteView.Of)
            : keys.SelectMany(key => lookup.Find(GatewayApiIndexes.HttpRoutesByDomain, key)).Select(RouteView.Of);
    }

    private static bool Overlap(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.Any(one => right.Any(other => Hostnames.Intersect(one, other) is not null));

    private static AttachmentResult Rejected(string reason, string message, string field) => new(new Problem(reason, message, field), []);
}
