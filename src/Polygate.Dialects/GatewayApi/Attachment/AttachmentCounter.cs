using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>
/// Counts the routes of one Gateway or ListenerSet. It asks the questions of <see cref="RouteAttachment"/>, but each
/// namespace's only once and without making anything: a Gateway may have ten thousand routes, and is counted again
/// whenever one of them changes.
/// </summary>
internal sealed class AttachmentCounter
{
    private readonly IResourceLookup lookup;
    private readonly string parentKey;
    private readonly IReadOnlyList<ListenerView> listeners;
    private readonly HashSet<string> httpDomains = new(StringComparer.Ordinal);
    private readonly HashSet<string> grpcDomains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool[]> admitted = new(StringComparer.Ordinal);
    private readonly bool[] attached;
    private readonly int[] counts;

    private AttachmentCounter(IResourceLookup lookup, string parentKey, IReadOnlyList<ListenerView> listeners)
    {
        this.lookup = lookup;
        this.parentKey = parentKey;
        this.listeners = listeners;
        attached = new bool[listeners.Count];
        counts = new int[listeners.Count];
    }

    /// <summary>How many routes of a parent each of its listeners admits, in the order of the listeners.</summary>
    /// <param name="lookup">Where Namespaces and routes are found.</param>
    /// <param name="parentKey">The key of the Gateway or ListenerSet.</param>
    /// <param name="listeners">The listeners of that object.</param>
    public static int[] Count(IResourceLookup lookup, string parentKey, IReadOnlyList<ListenerView> listeners)
    {
        var byDefault = listeners.Count > 0 && listeners[0].Owner == listeners[0].Gateway && DefaultGateways.IsDefault(listeners[0].Gateway) ? listeners[0].Gateway : null;
        var http = Routes(lookup, GatewayApiIndexes.HttpRoutesByParent, parentKey, byDefault);
        var grpc = Routes(lookup, GatewayApiIndexes.GrpcRoutesByParent, parentKey, byDefault);
        var counter = new AttachmentCounter(lookup, parentKey, listeners);
        if (http.Count > 0 && grpc.Count > 0)
        {
            counter.httpDomains.UnionWith(http.SelectMany(route => route.Domains));
            counter.grpcDomains.UnionWith(grpc.SelectMany(route => route.Domains));
        }

        foreach (var route in http)
        {
            counter.Add(route);
        }

        foreach (var route in grpc)
        {
            counter.Add(route);
        }

        foreach (var route in Streams(lookup, parentKey, byDefault))
        {
            counter.Add(route);
        }

        return counter.counts;
    }

    private static IEnumerable<RouteView> Streams(IResourceLookup lookup, string parentKey, Resource<Gateway>? byDefault) =>
        [
            .. Routes(lookup, GatewayApiIndexes.TlsRoutesByParent, parentKey, byDefault),
            .. Routes(lookup, GatewayApiIndexes.TcpRoutesByParent, parentKey, byDefault),
            .. Routes(lookup, GatewayApiIndexes.UdpRoutesByParent, parentKey, byDefault),
        ];

    /// <summary>The routes that name a parent, and for a default Gateway those that leave it to the cluster.</summary>
    private static List<RouteView> Routes<T>(IResourceLookup lookup, ResourceIndex<T> index, string parentKey, Resource<Gateway>? byDefault)
        where T : class, k8s.IKubernetesObject<k8s.Models.V1ObjectMeta>
    {
        var routes = lookup.Find(index, parentKey).Select(route => RouteView.TryOf(route)!).ToList();
        if (byDefault is not null)
        {
            routes.AddRange(lookup.Find(index, DefaultGateways.ParentKey).Select(route => RouteView.TryOf(route)!)
                .Where(route => !route.ParentKeys.Contains(parentKey)).Select(route => DefaultGateways.For(byDefault, route)));
        }

        return routes;
    }

    private void Add(RouteView route)
    {
        if (route.Rejection is not null)
        {
            return;
        }

        // A route may name a listener more than once; it counts once.
        Array.Clear(attached);
        var rivals = MayHaveRival(route);
        for (var place = 0; place < route.Parents.Count; place++)
        {
            if (route.ParentKeys[place] != parentKey)
            {
                continue;
            }

            if (rivals)
            {
                Attach(route, place);
            }
            else
            {
                AttachWithoutRivals(route, place);
            }
        }

        for (var i = 0; i < attached.Length; i++)
        {
            counts[i] += attached[i] ? 1 : 0;
        }
    }

    /// <summary>Whether a route of the other kind may have one of its host names.</summary>
    private bool MayHaveRival(RouteView route)
    {
        var others = route.Kind == "HTTPRoute" ? grpcDomains : httpDomains;
        if (others.Count == 0 || !route.IsHttp)
        {
            return false;
        }

        var may = others.Contains(RouteView.AnyDomain);
        for (var i = 0; i < route.Domains.Count && !may; i++)
        {
            may = route.Domains[i] == RouteView.AnyDomain || others.Contains(route.Domains[i]);
        }

        return may;
    }

    private void Attach(RouteView route, int place)
    {
        foreach (var entry in RouteAttachment.Attach(lookup, route, place, parentKey, listeners).Listeners)
        {
            for (var i = 0; i < attached.Length; i++)
            {
                attached[i] |= ReferenceEquals(listeners[i], entry.Listener);
            }
        }
    }

    private void AttachWithoutRivals(RouteView route, int place)
    {
        var admits = AdmittedNamespaces(route.Resource.Namespace);
        for (var i = 0; i < attached.Length; i++)
        {
            attached[i] |= admits[i]
                && listeners[i].Admits(route.Kind)
                && RouteAttachment.Selects(route.Parents[place], listeners[i])
                && RouteAttachment.ShareHostname(listeners[i], route);
        }
    }

    private bool[] AdmittedNamespaces(string ns)
    {
        if (!admitted.TryGetValue(ns, out var admits))
        {
            admits = [.. listeners.Select(listener => RouteAttachment.AdmitsNamespace(lookup, listener, ns))];
            admitted.Add(ns, admits);
        }

        return admits;
    }
}
