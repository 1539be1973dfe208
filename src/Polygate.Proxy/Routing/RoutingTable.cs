using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>
/// All routes of a configuration, compiled. Immutable; a new one is made from a configuration and the table before it,
/// and shares with that table everything that did not change: pieces are compared by reference, and only the hosts a
/// changed piece touches are compiled again.
/// </summary>
public sealed class RoutingTable
{
    private readonly ImmutableDictionary<string, ConfigurationPiece> sources;
    private readonly ImmutableDictionary<string, PieceRoutes> pieces;

    /// <summary>Those of the pieces that have problems, which are few: every change asks for all problems.</summary>
    private readonly ImmutableDictionary<string, PieceRoutes> faulty;
    private readonly ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>> hosts;
    private readonly ImmutableDictionary<VirtualHostKey, int> claims;
    private readonly ImmutableDictionary<string, int> serverNameScopes;
    private readonly List<View> views = [];

    private RoutingTable(
        ImmutableDictionary<string, ConfigurationPiece> sources,
        ImmutableDictionary<string, PieceRoutes> pieces,
        ImmutableDictionary<string, PieceRoutes> faulty,
        ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>> hosts,
        ImmutableDictionary<VirtualHostKey, int> claims,
        ImmutableDictionary<string, int> serverNameScopes)
    {
        this.sources = sources;
        this.pieces = pieces;
        this.faulty = faulty;
        this.hosts = hosts;
        this.claims = claims;
        this.serverNameScopes = serverNameScopes;
    }

    public static RoutingTable Empty { get; } = new(
        GatewayConfiguration.Empty.Pieces,
        ImmutableDictionary.Create<string, PieceRoutes>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, PieceRoutes>(StringComparer.Ordinal),
        ImmutableDictionary<HostKey, ImmutableArray<CompiledMatch>>.Empty,
        ImmutableDictionary<VirtualHostKey, int>.Empty,
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal));

    /// <summary>
    /// Patterns, networks and hashes that cannot be used. Matches that hold one never match, filters that hold one refuse every
    /// request, a user whose hash it is is refused; everything else is served.
    /// </summary>
    public IEnumerable<Diagnostic> Problems => faulty.Values.SelectMany(piece => piece.Problems);

    /// <summary>Compiles a configuration. Never throws for anything that is written in it.</summary>
    /// <param name="configuration">What the gateway is to do.</param>
    /// <param name="previous">The table before, or <see cref="Empty"/>.</param>
    /// <param name="state">What outlives configurations; the same for all tables of one gateway.</param>
    public static RoutingTable Build(GatewayConfiguration configuration, RoutingTable previous, RuntimeState state) =>
        Build(configuration, previous, state, new PieceChanges(previous.sources, configuration));

    /// <inheritdoc cref="Build(GatewayConfiguration, RoutingTable, RuntimeState)"/>
    internal static RoutingTable Build(GatewayConfiguration configuration, RoutingTable previous, RuntimeState state, PieceChanges changed)
    {
        var changes = new TableChanges();
        var pieces = previous.pieces.ToBuilder();
        var faulty = previous.faulty;
        foreach (var (id, _, after) in changed.Between(previous.sources, configuration.Pieces))
        {
            changes.Remove(previous.pieces.GetValueOrDefault(id));
            faulty = faulty.Remove(id);
            if (after is null)
            {
                pieces.Remove(id);
            }
            else
            {
                var compiled = pieces[id] = new PieceRoutes(after, state);
                changes.Add(compiled);
                faulty = compiled.Problems.IsEmpty ? faulty : faulty.Add(id, compiled);
            }
        }

        if (changes.IsEmpty)
        {
            return previous;
        }

        var table = new RoutingTable(
            configuration.Pieces,
            pieces.ToImmutable(),
            faulty,
            changes.Apply(previous.hosts),
            changes.Apply(previous.claims),
            changes.Apply(previous.serverNameScopes));
        table.CarryViews(previous, changes);
        return table;
    }

    /// <summary>What a socket that serves these listeners answers. The first call for a set compiles it; later tables carry it on.</summary>
    public SocketRoutes ForListeners(IReadOnlyCollection<ListenerKey> listeners)
    {
        lock (views)
        {
            if (views.Find(view => view.IsOf(listeners)) is { } known)
            {
                return known.Routes;
            }

            var ordered = listeners.Distinct().OrderBy(key => key.Port).ThenBy(key => key.Address, StringComparer.Ordinal).ToImmutableArray();
            var made = new View(ordered, Update(SocketRoutes.Empty, ordered, hosts.Keys, claims.Keys));
            views.Add(made);
            return made.Routes;
        }
    }

    private void CarryViews(RoutingTable previous, TableChanges changes)
    {
        lock (previous.views)
        {
            foreach (var view in previous.views)
            {
                views.Add(view with { Routes = Update(view.Routes, view.Listeners, changes.Hosts, changes.VirtualHosts) });
            }
        }
    }

    /// <summary>Brings a view up to date in the hosts named: from nothing and with all hosts, that makes it.</summary>
    private SocketRoutes Update(
        SocketRoutes routes, ImmutableArray<ListenerKey> listeners, IEnumerable<HostKey> changedHosts, IEnumerable<VirtualHostKey> changedVirtualHosts)
    {
        var byScope = new Dictionary<string, Dictionary<HostPattern, List<HostChange<PathIndex>>>>(StringComparer.Ordinal);
        var seen = listeners.Length > 1 ? new HashSet<(string Scope, HostPattern VirtualHost, HostPattern Host)>() : null;
        foreach (var key in changedVirtualHosts)
        {
            if (listeners.Contains(key.Listener))
            {
                ChangesOf(key);
            }
        }

        foreach (var key in changedHosts)
        {
            // Several listeners may have the same one.
            if (listeners.Contains(key.VirtualHost.Listener) && seen?.Add((key.VirtualHost.Scope, key.VirtualHost.Host, key.Host)) != false)
            {
                ChangesOf(key.VirtualHost).Add(new HostChange<PathIndex>(key.Host, Compile(routes, listeners, key.VirtualHost.Scope, key.VirtualHost.Host, key.Host)));
            }
        }

        return byScope.Count == 0 ? routes : routes.With(
            byScope.Select(scope => (
                scope.Key,
                scope.Value.Select(entry => new VirtualHostChange(entry.Key, IsClaimed(scope.Key, entry.Key), entry.Value)))),
            serverNameScopes.ContainsKey);

        List<HostChange<PathIndex>> ChangesOf(VirtualHostKey key)
        {
            ref var ofScope = ref CollectionsMarshal.GetValueRefOrAddDefault(byScope, key.Scope, out _);
            ref var ofVirtualHost = ref CollectionsMarshal.GetValueRefOrAddDefault(ofScope ??= [], key.Host, out _);
            return ofVirtualHost ??= [];
        }

        bool IsClaimed(string scope, HostPattern host)
        {
            foreach (var listener in listeners)
            {
                if (claims.ContainsKey(new VirtualHostKey(listener, scope, host)))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private PathIndex? Compile(SocketRoutes before, ImmutableArray<ListenerKey> listeners, string scope, HostPattern virtualHost, HostPattern host)
    {
        var matches = new List<ImmutableArray<CompiledMatch>>();
        foreach (var listener in listeners)
        {
            if (hosts.TryGetValue(new HostKey(new VirtualHostKey(listener, scope, virtualHost), host), out var found))
            {
                matches.Add(found);
            }
        }

        return PathIndex.Build(matches, before.IndexOf(scope, virtualHost, host));
    }

    private sealed record View(ImmutableArray<ListenerKey> Listeners, SocketRoutes Routes)
    {
        public bool IsOf(IReadOnlyCollection<ListenerKey> listeners)
        {
            foreach (var listener in listeners)
            {
                if (!Listeners.Contains(listener))
                {
                    return false;
                }
            }

            foreach (var listener in Listeners)
            {
                if (!listeners.Contains(listener))
                {
                    return false;
                }
            }

            return true;
        }
    }
}

/// <summary>The identity of a virtual host.</summary>
internal readonly record struct VirtualHostKey(ListenerKey Listener, string Scope, HostPattern Host);

/// <summary>The identity of one host of a virtual host: what is compiled again when a route there changes.</summary>
internal readonly record struct HostKey(VirtualHostKey VirtualHost, HostPattern Host);
