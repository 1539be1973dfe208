using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>How a parent reference was understood.</summary>
internal enum ParentKind
{
    /// <summary>A Gateway of this gateway, or a ListenerSet of one.</summary>
    Ours,

    /// <summary>Another controller's, whose business it is.</summary>
    Foreign,

    /// <summary>There is no such object.</summary>
    Missing,

    /// <summary>A kind that routes cannot be attached to here (a Service: meshes).</summary>
    Unsupported,
}

/// <summary>The object a parent reference means.</summary>
/// <param name="Kind">Whether it is this gateway's business.</param>
/// <param name="Key">The key of the Gateway or ListenerSet.</param>
/// <param name="Gateway">The Gateway; null unless ours.</param>
/// <param name="Listeners">The listeners of the object meant; a Gateway's do not include its ListenerSets'.</param>
/// <param name="Rejection">Why no route can be attached; null when routes can.</param>
internal sealed record Parent(
    ParentKind Kind, string Key, GatewayView? Gateway, IReadOnlyList<ListenerView> Listeners, Problem? Rejection = null)
{
    /// <summary>The object that a route's parent reference means.</summary>
    public static Parent Resolve(IResourceLookup lookup, GatewayApiOptions options, Resource route, ParentReference reference, int place)
    {
        if (GatewayApiIndexes.ParentKey(reference, route.Namespace) is not { } key)
        {
            return new Parent(ParentKind.Unsupported, "", null, []);
        }

        var ns = reference.Namespace ?? route.Namespace;
        return reference.Kind == "ListenerSet"
            ? ForListenerSet(lookup, options, key, lookup.Get<ListenerSet>(ns, reference.Name), place)
            : ForGateway(lookup, options, key, lookup.Get<Gateway>(ns, reference.Name));
    }

    /// <summary>The result for one of the route's references to this parent.</summary>
    public AttachmentResult Attach(IResourceLookup lookup, RouteView route, int place) =>
        Rejection is null ? RouteAttachment.Attach(lookup, route, place, Key, Listeners) : new AttachmentResult(Rejection, []);

    private static Parent ForGateway(IResourceLookup lookup, GatewayApiOptions options, string key, Resource<Gateway>? gateway)
    {
        if (gateway is null)
        {
            return new Parent(ParentKind.Missing, key, null, []);
        }

        if (!GatewayClasses.IsOurs(lookup, gateway, options))
        {
            return new Parent(ParentKind.Foreign, key, null, []);
        }

        var view = GatewayView.Of(gateway);
        return new Parent(ParentKind.Ours, key, view, view.Listeners);
    }

    private static Parent ForListenerSet(
        IResourceLookup lookup, GatewayApiOptions options, string key, Resource<ListenerSet>? set, int place)
    {
        if (set?.Value.Spec.ParentRef is not { } reference
            || lookup.Get<Gateway>(reference.Namespace ?? set.Namespace, reference.Name) is not { } gateway)
        {
            return new Parent(ParentKind.Missing, key, null, []);
        }

        if (!GatewayClasses.IsOurs(lookup, gateway, options))
        {
            return new Parent(ParentKind.Foreign, key, null, []);
        }

        var view = GatewayView.Of(gateway);
        var own = ListenerSetView.Of(lookup, view, set);
        return own.Admitted
            ? new Parent(ParentKind.Ours, key, view, own.Listeners)
            : new Parent(ParentKind.Ours, key, view, [], new Problem(
                "NoMatchingParent", $"The Gateway {gateway.FullName} does not admit the ListenerSet {set.FullName}.", $"spec.parentRefs[{place}]"));
    }
}
