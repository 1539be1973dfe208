using System.Net;
using Polygate.Model;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Streams;

/// <summary>A <see cref="StreamRoute"/> made ready to run. Immutable but for the counts of its limits.</summary>
public sealed class CompiledStreamRoute
{
    private readonly CompiledForward targets;
    private readonly AddressNetwork[] allow;
    private readonly AddressNetwork[] deny;
    private readonly bool isOpen;

    internal CompiledStreamRoute(StreamRoute route, RuntimeState state, ICollection<string> problems)
    {
        Route = route;
        var found = new List<string>();
        targets = CompiledForward.Compile(new ForwardAction(route.Backends), route.Id, state, found);
        allow = AddressNetwork.ParseAll(route.AllowClients.AsSpan(), found);
        deny = AddressNetwork.ParseAll(route.DenyClients.AsSpan(), found);
        Limits = route is { MaxConnections: 0, MaxConnectionsPerClient: 0 } ? null : state.StreamLimits.GetOrAdd(route.Id, static _ => new StreamLimits());

        // A restriction that cannot be read lets nobody in.
        isOpen = found.Count == 0;
        found.ForEach(problems.Add);
    }

    /// <summary>What it was compiled from.</summary>
    public StreamRoute Route { get; }

    /// <summary>Its counts; null without limits.</summary>
    internal StreamLimits? Limits { get; }

    /// <summary>Draws a backend by weight; null for an invalid reference, or when none has a weight.</summary>
    internal UpstreamCluster? Pick() => targets.Pick()?.Cluster;

    /// <summary>Whether the client's address may connect.</summary>
    internal bool Admits(IPAddress client) =>
        isOpen && (deny.Length == 0 || !AddressNetwork.AnyContains(deny, client)) && (allow.Length == 0 || AddressNetwork.AnyContains(allow, client));

    /// <summary>Counts a connection about to be served; false when there are as many as there may be. Every true is followed by one <see cref="Leave"/>.</summary>
    internal bool TryEnter(IPAddress client) => Limits?.TryEnter(client, Route.MaxConnections, Route.MaxConnectionsPerClient) ?? true;

    internal void Leave(IPAddress client) => Limits?.Leave(client);
}
