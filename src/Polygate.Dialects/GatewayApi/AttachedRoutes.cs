using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi;

/// <summary>Counts the routes that are attached to each listener of a Gateway or ListenerSet.</summary>
internal static class AttachedRoutes
{
    /// <summary>How many routes each listener admits, in the order of the listeners.</summary>
    /// <param name="lookup">Where routes are found.</param>
    /// <param name="parent">The Gateway or ListenerSet.</param>
    /// <param name="listeners">Its listeners.</param>
    public static int[] Count(IResourceLookup lookup, Resource parent, IReadOnlyList<ListenerView> listeners)
    {
        var counts = new int[listeners.Count];
        var key = GatewayApiIndexes.ParentKey(parent);
        foreach (var route in lookup.Find(GatewayApiIndexes.HttpRoutesByParent, key))
        {
            Count(lookup, RouteView.Of(route), key, listeners, counts);
        }

        foreach (var route in lookup.Find(GatewayApiIndexes.GrpcRoutesByParent, key))
        {
            Count(lookup, RouteView.Of(route), key, listeners, counts);
        }

        return counts;
    }

    private static void Count(IResourceLookup lookup, RouteView route, string key, IReadOnlyList<ListenerView> listeners, int[] counts)
    {
        // A route may name a listener more than once; it counts once.
        Span<bool> attached = stackalloc bool[listeners.Count];
        for (var i = 0; i < route.Parents.Count; i++)
        {
            if (GatewayApiIndexes.ParentKey(route.Parents[i], route.Resource.Namespace) != key)
            {
                continue;
            }

            foreach (var entry in RouteAttachment.Attach(lookup, route, i, key, listeners).Listeners)
            {
                for (var place = 0; place < listeners.Count; place++)
                {
                    attached[place] |= ReferenceEquals(listeners[place], entry.Listener);
                }
            }
        }

        for (var place = 0; place < counts.Length; place++)
        {
            counts[place] += attached[place] ? 1 : 0;
        }
    }
}
