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

    private static AttachmentResult AttachByItself(
        IResourceLookup lookup, RouteView route, ParentReference parent, string field, IReadOnlyList<ListenerView> listeners)
    {
        var selected = false;
        var admitted = false;
        List<AttachedListener>? attached = null;
        foreach (var listener in listeners)
        {
            if (!Selects(parent, listener))
            {
                continue;
            }

            selected = true;
            if (!Admits(lookup, listener, route))
            {
                continue;
            }

            admitted = true;
            if (Intersect(listener.Hostname, route.Hostnames) is { Count: > 0 } hostnames)
            {
                (attached ??= []).Add(new AttachedListener(listener, hostnames));
            }
        }

        if (attached is not null)
        {
            return route.Rejection is { } problem ? new AttachmentResult(problem, []) : new AttachmentResult(null, attached);
        }

        if (!selected)
        {
            return NoListener(parent, field);
        }

        return admitted
            ? Rejected("NoMatchingListenerHostname", "None of the host names is a host name of a listener.", "spec.hostnames")
            : Rejected("NotAllowedByListeners", $"No listener admits {route.Kind}s of namespace {route.Resource.Namespace}.", field);
    }

    private static AttachmentResult NoListener(ParentReference parent, string field) => (parent.SectionName, parent.Port) switch
    {
        ({ } name, null) => Rejected("NoMatchingParent", $"There is no listener \"{name}\".", field + ".sectionName"),
        (null, { } port) => Rejected("NoMatchingParent", $"There is no listener on port {port}.", field + ".port"),
        ({ } name, { } port) => Rejected("NoMatchingParent", $"There is no listener \"{name}\" on port {port}.", field + ".port"),
        _ => Rejected("NoMatchingParent", "The parent has no listeners.", field),
    };

    private static bool Selects(ParentReference parent, ListenerView listener) =>
        (parent.SectionName is null || parent.SectionName == listener.Name) && (parent.Port is null || parent.Port == listener.Port);

    private static bool Admits(IResourceLookup lookup, ListenerView listener, RouteView route) =>
        listener.Admits(route.Kind)
        && NamespaceAdmission.Admits(
            lookup, listener.Listener.AllowedRoutes?.Namespaces, "Same", listener.Owner.Namespace, route.Resource.Namespace);

    private static IReadOnlyList<string> Intersect(string listener, IReadOnlyList<string> hostnames)
    {
        if (hostnames.Count == 0)
        {
            return [listener];
        }

        if (hostnames.Count == 1)
        {
            return Hostnames.Intersect(listener, hostnames[0]) is { } one ? [one] : [];
        }

        return [.. hostnames.Select(hostname => Hostnames.Intersect(listener, hostname)).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Where an HTTPRoute and a GRPCRoute have a host name in common on a listener, only the older one is accepted
    /// (GRPCRoute, "cross serving"). Null when there is no such route.
    /// </summary>
    private static List<AttachedListener>? WithoutRivals(
        IResourceLookup lookup, RouteView route, string parentKey, IReadOnlyList<AttachedListener> attached)
    {
        List<AttachedListener>? left = null;
        foreach (var rival in Rivals(lookup, route, parentKey))
        {
            if (!rival.Precedes(route))
            {
                continue;
            }

            foreach (var parent in rival.Parents)
            {
                if (GatewayApiIndexes.ParentKey(parent, rival.Resource.Namespace) == parentKey)
                {
                    var taken = AttachByItself(lookup, rival, parent, "", [.. attached.Select(entry => entry.Listener)]).Listeners;
                    left ??= [.. attached];
                    left.RemoveAll(entry => taken.Any(other => other.Listener == entry.Listener && Overlap(entry.Hostnames, other.Hostnames)));
                }
            }
        }

        return left;
    }

    private static IEnumerable<RouteView> Rivals(IResourceLookup lookup, RouteView route, string parentKey)
    {
        var keys = GatewayApiIndexes.DomainKeys(parentKey, route.Hostnames);
        return route.Kind == "HTTPRoute"
            ? keys.SelectMany(key => lookup.Find(GatewayApiIndexes.GrpcRoutesByDomain, key)).Select(RouteView.Of)
            : keys.SelectMany(key => lookup.Find(GatewayApiIndexes.HttpRoutesByDomain, key)).Select(RouteView.Of);
    }

    private static bool Overlap(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
        left.Any(one => right.Any(other => Hostnames.Intersect(one, other) is not null));

    private static AttachmentResult Rejected(string reason, string message, string field) => new(new Problem(reason, message, field), []);
}
