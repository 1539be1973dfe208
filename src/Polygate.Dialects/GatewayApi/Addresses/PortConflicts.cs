using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Addresses;

/// <summary>
/// Finds listeners whose port another Gateway has already, on the same address and in another protocol: Gateways that share an address are
/// merged by port and host name, and of two protocols on a port the older Gateway's is spoken. What a listener that lost was to serve is
/// not served there at all: it must reach nobody in cleartext that was to be encrypted.
/// </summary>
internal sealed class PortConflicts
{
    private readonly IResourceLookup lookup;
    private readonly GatewayApiOptions options;

    /// <param name="lookup">Where Gateways and ListenerSets are found.</param>
    /// <param name="options">Which Gateways are ours.</param>
    public PortConflicts(IResourceLookup lookup, GatewayApiOptions options)
    {
        this.lookup = lookup;
        this.options = options;
    }

    /// <summary>The outcome of a listener, not accepted where its port is not to be had.</summary>
    public ListenerOutcome Apply(ListenerOutcome outcome) => outcome.Rejection is null && Winner(outcome.Listener) is { } winner
        ? outcome.Reject(new Problem(
            "PortUnavailable", $"The Gateway {winner.FullName} speaks another protocol on port {outcome.Listener.Port} of the same address.", outcome.Listener.Field + ".port"))
        : outcome;

    /// <summary>Whether a listener's port is another Gateway's.</summary>
    public bool IsLost(ListenerView listener) => Winner(listener) is not null;

    private Resource<Gateway>? Winner(ListenerView listener) =>
        Attachment.Listeners.Family(listener.Listener) is { } family ? Winner(listener.Gateway, listener.Port, family) : null;

    /// <summary>
    /// The Gateway that has a port in another protocol before this one does. Only what speaks other protocols on the port is looked at, which
    /// is hardly ever anything: a change of a Gateway concerns no other Gateway's routes.
    /// </summary>
    private Resource<Gateway>? Winner(Resource<Gateway> gateway, int port, string family)
    {
        Resource<Gateway>? winner = null;
        foreach (var other in Attachment.Listeners.Families)
        {
            if (family == "udp" || other == "udp" || other == family)
            {
                continue;
            }

            foreach (var rival in On(port, other))
            {
                if (TakesFrom(rival, gateway, port, other) && (winner is null || Precedes(rival, winner)))
                {
                    winner = rival;
                }
            }
        }

        return winner;
    }

    /// <summary>Whether a rival is served on the port instead of a Gateway: it comes first, and is served itself.</summary>
    private bool TakesFrom(Resource<Gateway> rival, Resource<Gateway> gateway, int port, string family) =>
        Precedes(rival, gateway)
        && GatewayAddresses.AreShared(options, rival, gateway)
        && GatewayClasses.IsOurs(lookup, rival, options)
        && GatewayClasses.Rejection(lookup, GatewayView.Of(rival)) is null
        && Speaks(rival, port, family)
        && Winner(rival, port, family) is null;

    /// <summary>Gateways that may have listeners of a family on a port, those of their ListenerSets among them.</summary>
    private IEnumerable<Resource<Gateway>> On(int port, string family)
    {
        var key = GatewayApiIndexes.PortKey(port, family);
        var gateways = lookup.Find(GatewayApiIndexes.GatewaysByPort, key);
        var sets = lookup.Find(GatewayApiIndexes.ListenerSetsByPortAlone, key);
        return sets.Count == 0 ? gateways : gateways
            .Concat(sets.Select(set => lookup.Get<Gateway>(
                set.Value.Spec.ParentRef!.Namespace ?? set.Namespace, set.Value.Spec.ParentRef.Name)).OfType<Resource<Gateway>>())
            .DistinctBy(gateway => gateway.FullName);
    }

    private bool Speaks(Resource<Gateway> gateway, int port, string family)
    {
        var view = GatewayView.Of(gateway);
        return view.Listeners.Any(Is)
            || lookup.Find(GatewayApiIndexes.ListenerSetsByPort, GatewayApiIndexes.PortKey(gateway.FullName, port, family))
                .Select(set => ListenerSetView.Of(lookup, view, set)).Any(set => set.Admitted && set.Listeners.Any(Is));

        bool Is(ListenerView listener) => listener.IsSound && listener.Port == port && Attachment.Listeners.Family(listener.Listener) == family;
    }

    private static bool Precedes(Resource<Gateway> left, Resource<Gateway> right) =>
        left.Created != right.Created ? left.Created < right.Created : string.CompareOrdinal(left.FullName, right.FullName) < 0;
}
