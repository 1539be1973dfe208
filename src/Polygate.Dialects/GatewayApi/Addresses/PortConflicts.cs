using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Addresses;

/// <summary>
/// Finds listeners whose port another Gateway has already, on the same address and in another protocol: Gateways that share an address are
/// merged by port and host name, and of two protocols on a port the older Gateway's is spoken.
/// </summary>
internal sealed class PortConflicts
{
    private readonly List<Resource<Gateway>> preceding;

    /// <param name="lookup">Where Gateways are found.</param>
    /// <param name="options">Which of them are ours.</param>
    /// <param name="gateway">The Gateway in question.</param>
    public PortConflicts(IResourceLookup lookup, GatewayApiOptions options, Resource<Gateway> gateway) =>
        preceding = [.. lookup.List<Gateway>().Where(other =>
            Precedes(other, gateway)
            && GatewayClasses.IsOurs(lookup, other, options)
            && GatewayClasses.Rejection(lookup, GatewayView.Of(other)) is null
            && GatewayAddresses.AreShared(options, other, gateway))
            .OrderBy(other => other.Created).ThenBy(other => other.FullName, StringComparer.Ordinal)];

    /// <summary>The outcome of a listener, not accepted where its port is not to be had.</summary>
    public ListenerOutcome Apply(ListenerOutcome outcome)
    {
        if (outcome.Rejection is not null || preceding.Count == 0 || Attachment.Listeners.Family(outcome.Listener.Listener) is not { } family)
        {
            return outcome;
        }

        // The oldest decides; those after it that differ are not served and decide nothing.
        var first = preceding.FirstOrDefault(other => FamiliesOn(other, outcome.Listener.Port, family == "udp").Any());
        return first is null || FamiliesOn(first, outcome.Listener.Port, family == "udp").Contains(family)
            ? outcome
            : outcome.Reject(new Problem(
                "PortUnavailable", $"The Gateway {first.FullName} speaks another protocol on port {outcome.Listener.Port} of the same address.", outcome.Listener.Field + ".port"));
    }

    private static IEnumerable<string> FamiliesOn(Resource<Gateway> gateway, int port, bool udp) => GatewayView.Of(gateway).Listeners
        .Where(listener => listener.IsSound && listener.Port == port && listener.IsUdp == udp)
        .Select(listener => Attachment.Listeners.Family(listener.Listener)).OfType<string>();

    private static bool Precedes(Resource<Gateway> left, Resource<Gateway> right) =>
        left.Created != right.Created ? left.Created < right.Created : string.CompareOrdinal(left.FullName, right.FullName) < 0;
}
