using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>A ListenerSet of a Gateway.</summary>
/// <param name="Set">The object.</param>
/// <param name="Admitted">Whether the Gateway admits ListenerSets of its namespace.</param>
/// <param name="Listeners">Its listeners, conflicts with preceding ones decided.</param>
internal sealed record ListenerSetView(Resource<ListenerSet> Set, bool Admitted, IReadOnlyList<ListenerView> Listeners)
{
    /// <summary>
    /// Looks at a ListenerSet. Only listeners that could be in its way are looked up, so that a change of one of thousands of ListenerSets
    /// concerns few others.
    /// </summary>
    public static ListenerSetView Of(IResourceLookup lookup, GatewayView gateway, Resource<ListenerSet> set)
    {
        var admitted = IsAdmitted(lookup, gateway, set);
        var listeners = Attachment.Listeners.Read(
            set, set.Value.Spec.Listeners, gateway.Gateway, listener => admitted ? Conflict(lookup, gateway, set, listener) : ListenerConflict.None);
        return new ListenerSetView(set, admitted, listeners);
    }

    private static bool IsAdmitted(IResourceLookup lookup, GatewayView gateway, Resource<ListenerSet> set) => NamespaceAdmission.Admits(
        lookup, gateway.Gateway.Value.Spec.AllowedListeners?.Namespaces, "None", gateway.Gateway.Namespace, set.Namespace);

    /// <summary>The Gateway's own listeners win, then older ListenerSets, then those first by name ("ListenerSet precedence").</summary>
    private static ListenerConflict Conflict(IResourceLookup lookup, GatewayView gateway, Resource<ListenerSet> set, GatewayListener listener)
    {
        var own = gateway.Listeners.Where(other => other.Conflict == ListenerConflict.None)
            .Select(other => Attachment.Listeners.Compare(listener, other.Listener)).FirstOrDefault(conflict => conflict != ListenerConflict.None);
        if (own != ListenerConflict.None)
        {
            return own;
        }

        var name = gateway.Gateway.FullName;
        var family = Attachment.Listeners.Family(listener) ?? "";
        var isDecided = gateway.Listeners.Any(other => other.Conflict == ListenerConflict.None && other.Port == listener.Port && other.IsUdp == (family == "udp"));
        var others = isDecided ? [] : Attachment.Listeners.Families.Where(other => other != family && other != "udp" && family != "udp")
            .SelectMany(other => lookup.Find(GatewayApiIndexes.ListenerSetsByPort, GatewayApiIndexes.PortKey(name, listener.Port, other)))
            .Where(other => IsAdmitted(lookup, gateway, other)).ToList();

        // The first of a port decides what is spoken on it.
        if (others.Count > 0)
        {
            var alike = lookup.Find(GatewayApiIndexes.ListenerSetsByPort, GatewayApiIndexes.PortKey(name, listener.Port, family)).Where(other => IsAdmitted(lookup, gateway, other));
            if (Precedes(others.Order(ByPrecedence).First(), alike.Order(ByPrecedence).First()))
            {
                return ListenerConflict.ProtocolConflict;
            }
        }

        var claim = GatewayApiIndexes.ClaimKey(name, listener);
        return lookup.Find(GatewayApiIndexes.ListenerSetsByClaim, claim)
            .Any(other => other != set && Precedes(other, set) && IsAdmitted(lookup, gateway, other) && ClaimsOnce(name, other, claim))
            ? ListenerConflict.HostnameConflict
            : ListenerConflict.None;
    }

    /// <summary>Whether a set has exactly one listener of a claim: of two, neither is served.</summary>
    private static bool ClaimsOnce(string gateway, Resource<ListenerSet> set, string claim) =>
        (set.Value.Spec.Listeners ?? []).Count(listener => GatewayApiIndexes.ClaimKey(gateway, listener) == claim) == 1;

    private static readonly Comparer<Resource<ListenerSet>> ByPrecedence = Comparer<Resource<ListenerSet>>.Create(static (left, right) =>
        left.Created.CompareTo(right.Created) is var order and not 0 ? order : string.CompareOrdinal(left.FullName, right.FullName));

    private static bool Precedes(Resource<ListenerSet> left, Resource<ListenerSet> right) => ByPrecedence.Compare(left, right) < 0;
}
