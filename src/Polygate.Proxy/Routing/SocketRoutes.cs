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
    public CompiledRoute? Match(RequestHead head, ulong draw) => Find(new MatchContext(head, draw))?.Route;

    /// <summary>The same decision as <see cref="Match(RequestHead, ulong)"/>, with what became of every other match.</summary>
    public Explanation Explain(RequestHead head, ulong draw) => Explanation.Of(this, new MatchContext(head, draw));

    /// <summary>A random number for one request.</summary>
    public static ulong NewDraw() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);

    internal CompiledMatch? Find(in MatchContext context)
    {
        CompiledMatch? best = null;
        foreach (var scope in scopes)
        {
            if (scope.Find(context) is { } match && (best is null || CompiledMatch.CompareBetweenScopes(match, best) < 0))
            {
                best = match;
            }
        }

        return best;
    }

    /// <summary>These routes with some virtual hosts changed; scopes that are not named stay the same instances.</summary>
    internal SocketRoutes With(IEnumerable<IGrouping<string, VirtualHostChange>> changesByScope)
    {
        var changed = scopes.ToDictionary(scope => scope.Scope, StringComparer.Ordinal);
        foreach (var changes in changesByScope)
        {
            var scope = changed.GetValueOrDefault(changes.Key, new ScopeRoutes(changes.Key)).With([.. changes]);
            if (scope.IsEmpty)
            {
                changed.Remove(changes.Key);
            }
            else
            {
                changed[changes.Key] = scope;
            }
        }

        return new SocketRoutes([.. changed.Values.OrderBy(scope => scope.Scope, StringComparer.Ordinal)]);
    }
}

/// <summary>A virtual host as it is from now on.</summary>
/// <param name="Scope">Its scope.</param>
/// <param name="Host">Its pattern.</param>
/// <param name="IsClaimed">Whether anything claims it still.</param>
/// <param name="Hosts">Match hosts with their new matches; null for none any more.</param>
internal sealed record VirtualHostChange(
    string Scope, HostPattern Host, bool IsClaimed, IReadOnlyList<HostChange<PathIndex>> Hosts);

/// <summary>The virtual hosts of one scope on one socket.</summary>
internal sealed class ScopeRoutes
{
    private readonly HostMap<VirtualHostRoutes> virtualHosts;

    public ScopeRoutes(string scope)
        : this(scope, HostMap<VirtualHostRoutes>.Empty)
    {
    }

    private ScopeRoutes(string scope, HostMap<VirtualHostRoutes> virtualHosts)
    {
        Scope = scope;
        this.virtualHosts = virtualHosts;
    }

    public string Scope { get; }

    public bool IsEmpty => virtualHosts.IsEmpty;

    public IEnumerable<VirtualHostRoutes> VirtualHosts => virtualHosts.Values;

    /// <summary>The virtual host that a request belongs to: the only one of the scope that may answer it.</summary>
    public VirtualHostRoutes? Select(in MatchContext context) => virtualHosts.FindMostSpecific(context.Head.Host);

    public CompiledMatch? Find(in MatchContext context) => Select(context)?.Find(context);

    public ScopeRoutes With(IReadOnlyList<VirtualHostChange> changes) => new(
        Scope,
        virtualHosts.With(
            [.. changes.Select(change => new HostChange<VirtualHostRoutes>(
                change.Host,
                change.IsClaimed ? (virtualHosts[change.Host] ?? VirtualHostRoutes.Empty).With(change.Hosts) : null))]));
}

/// <summary>The matches of one virtual host, by their own hosts.</summary>
internal sealed class VirtualHostRoutes
{
    private readonly HostMap<PathIndex> hosts;

    private VirtualHostRoutes(HostMap<PathIndex> hosts) => this.hosts = hosts;

    public static VirtualHostRoutes Empty { get; } = new(HostMap<PathIndex>.Empty);

    public IEnumerable<CompiledMatch> Matches => hosts.Values.SelectMany(index => index.Matches);

    public CompiledMatch? Find(in MatchContext context)
    {
        CompiledMatch? best = null;
        var fitting = hosts.FindAll(context.Head.Host);
        while (fitting.Next() is { } index)
        {
            if (index.Find(context) is { } match && (best is null || CompiledMatch.CompareInScope(match, best) < 0))
            {
                best = match;
            }
        }

        return best;
    }

    public VirtualHostRoutes With(IReadOnlyList<HostChange<PathIndex>> changes) =>
        changes.Count == 0 ? this : new VirtualHostRoutes(hosts.With(changes));
}
