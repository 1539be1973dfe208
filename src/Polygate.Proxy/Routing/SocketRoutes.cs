using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Routing;

/// <summary>
/// What one socket serves: the routes of all listeners that share it. Immutable. In each scope the most specific
/// virtual host that fits is chosen, its matches compete by the dialect's precedence, and the scopes' best by host,
/// path, age and name.
/// </summary>
public sealed class SocketRoutes
{
    private readonly ScopeRoutes[] scopes;

    private SocketRoutes(ScopeRoutes[] scopes) => this.scopes = scopes;

    internal static SocketRoutes Empty { get; } = new([]);

    internal IReadOnlyList<ScopeRoutes> Scopes => scopes;

    /// <summary>The route that answers a request, or null when none does. Allocates nothing.</summary>
    public CompiledRoute? Match(RequestHead head) => Match(head, NewDraw());

    /// <inheritdoc cref="Match(RequestHead)"/>
    /// <param name="head">The request.</param>
    /// <param name="draw">The request's random number, from which the draws of <see cref="ShareCondition"/>s follow.</param>
    public CompiledRoute? Match(RequestHead head, ulong draw) => Find(new MatchContext(head, draw)).Route;

    /// <summary>The same decision as <see cref="Match(RequestHead, ulong)"/>, with what became of every other match.</summary>
    public Explanation Explain(RequestHead head, ulong draw) => Explanation.Of(this, new MatchContext(head, draw));

    /// <summary>A random number for one request.</summary>
    public static ulong NewDraw() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);

    /// <summary>
    /// Whether a request without a route is one that came on a connection for another host (HTTP/2 coalescing): the answer is 421 then,
    /// and the client may try again on a connection of its own.
    /// </summary>
    public bool IsMisdirected(RequestHead head)
    {
        foreach (var scope in scopes)
        {
            if (scope.IsMisdirected(head))
            {
                return true;
            }
        }

        return false;
    }

    internal Hit Find(in MatchContext context)
    {
        var best = default(Hit);
        foreach (var scope in scopes)
        {
            var hit = scope.Find(context);
            if (hit.Match is not null && (best.Match is null || CompiledMatch.CompareBetweenScopes(hit.Match, best.Match) < 0))
            {
                best = hit;
            }
        }

        return best;
    }

    /// <summary>The matches for one host of a virtual host; null for none.</summary>
    internal PathIndex? IndexOf(string scope, HostPattern virtualHost, HostPattern host)
    {
        foreach (var candidate in scopes)
        {
            if (candidate.Scope == scope)
            {
                return candidate.IndexOf(virtualHost, host);
            }
        }

        return null;
    }

    /// <summary>These routes with some virtual hosts changed; scopes that are not named stay the same instances.</summary>
    /// <param name="changesByScope">The virtual hosts.</param>
    /// <param name="followsServerName">Whether a scope's virtual hosts are those of the server name too (<see cref="VirtualHost.FollowsServerName"/>).</param>
    internal SocketRoutes With(IEnumerable<(string Scope, IEnumerable<VirtualHostChange> VirtualHosts)> changesByScope, Func<string, bool> followsServerName)
    {
        // In the order of their names.
        var changed = new List<ScopeRoutes>(scopes);
        foreach (var (name, virtualHosts) in changesByScope)
        {
            var place = PlaceOf(name, changed);
            if (place == changed.Count || changed[place].Scope != name)
            {
                changed.Insert(place, new ScopeRoutes(name));
            }

            changed[place] = changed[place].With([.. virtualHosts], followsServerName(name));
            if (changed[place].IsEmpty)
            {
                changed.RemoveAt(place);
            }
        }

        return new SocketRoutes([.. changed]);
    }

    /// <summary>Where a scope is, or would be.</summary>
    private static int PlaceOf(string name, List<ScopeRoutes> ordered)
    {
        var place = 0;
        while (place < ordered.Count && string.CompareOrdinal(ordered[place].Scope, name) < 0)
        {
            place++;
        }

        return place;
    }
}

/// <summary>A virtual host as it is from now on.</summary>
/// <param name="Host">Its pattern.</param>
/// <param name="IsClaimed">Whether anything claims it still.</param>
/// <param name="Hosts">Match hosts with their new matches; null for none any more.</param>
internal sealed record VirtualHostChange(HostPattern Host, bool IsClaimed, IReadOnlyList<HostChange<PathIndex>> Hosts);

/// <summary>The virtual hosts of one scope on one socket.</summary>
internal sealed class ScopeRoutes
{
    private readonly HostMap<VirtualHostRoutes> virtualHosts;
    private readonly bool followsServerName;

    public ScopeRoutes(string scope)
        : this(scope, HostMap<VirtualHostRoutes>.Empty, followsServerName: false)
    {
    }

    private ScopeRoutes(string scope, HostMap<VirtualHostRoutes> virtualHosts, bool followsServerName)
    {
        Scope = scope;
        this.virtualHosts = virtualHosts;
        this.followsServerName = followsServerName;
    }

    public string Scope { get; }

    public bool IsEmpty => virtualHosts.IsEmpty;

    public IEnumerable<VirtualHostRoutes> VirtualHosts => virtualHosts.Values;

    /// <summary>The virtual host that a request belongs to: the only one of the scope that may answer it.</summary>
    public VirtualHostRoutes? Select(in MatchContext context) => IsMisdirected(context.Head) ? null : virtualHosts.FindMostSpecific(context.Head.Host);

    public Hit Find(in MatchContext context) => Select(context)?.Find(context) ?? default;

    /// <summary>
    /// Whether the request's host selects a virtual host other than the one that its connection's server name did. A
    /// connection without a server name is for every host.
    /// </summary>
    public bool IsMisdirected(RequestHead head)
    {
        if (!followsServerName || !head.Client.IsTls)
        {
            return false;
        }

        var serverName = head.Client.ServerNameText;
        return !serverName.IsEmpty && !serverName.SequenceEqual(head.Host)
            && virtualHosts.FindMostSpecific(head.Host) is { } asked && asked != virtualHosts.FindMostSpecific(serverName);
    }

    public PathIndex? IndexOf(HostPattern virtualHost, HostPattern host) => virtualHosts[virtualHost]?.IndexOf(host);

    public ScopeRoutes With(IReadOnlyList<VirtualHostChange> changes, bool followsServerName) => new(
        Scope,
        virtualHosts.With(
            [.. changes.Select(change => new HostChange<VirtualHostRoutes>(
                change.Host,
                change.IsClaimed ? (virtualHosts[change.Host] ?? new VirtualHostRoutes()).With(change.Hosts) : null))]),
        followsServerName);
}

/// <summary>The matches of one virtual host, by their own hosts.</summary>
internal sealed class VirtualHostRoutes
{
    private readonly HostMap<PathIndex> hosts;

    /// <summary>One without routes. Each is an instance of its own: which one a host selects is compared.</summary>
    public VirtualHostRoutes()
        : this(HostMap<PathIndex>.Empty)
    {
    }

    private VirtualHostRoutes(HostMap<PathIndex> hosts) => this.hosts = hosts;

    public IEnumerable<CompiledMatch> Matches => hosts.Values.SelectMany(index => index.Matches);

    public Hit Find(in MatchContext context)
    {
        var best = default(Hit);
        var fitting = hosts.FindAll(context.Head.Host);
        while (fitting.Next() is { } index)
        {
            var hit = index.Find(context);
            if (hit.Match is not null && (best.Match is null || CompiledMatch.CompareInScope(hit.Match, best.Match) < 0))
            {
                best = hit;
            }
        }

        return best;
    }

    public PathIndex? IndexOf(HostPattern host) => hosts[host];

    public VirtualHostRoutes With(IReadOnlyList<HostChange<PathIndex>> changes) =>
        changes.Count == 0 ? this : new VirtualHostRoutes(hosts.With(changes));
}
