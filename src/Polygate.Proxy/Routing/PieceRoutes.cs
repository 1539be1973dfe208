using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>The compiled routes of one piece of configuration.</summary>
internal sealed class PieceRoutes
{
    private readonly List<KeyValuePair<HostKey, CompiledMatch>> matches = [];
    private readonly List<VirtualHostKey> claims = [];
    private readonly HashSet<string> serverNameScopes = new(StringComparer.Ordinal);
    private readonly List<Diagnostic> problems = [];

    /// <summary>Compiles a piece.</summary>
    /// <param name="source">The piece.</param>
    /// <param name="state">What outlives configurations.</param>
    public PieceRoutes(ConfigurationPiece source, RuntimeState state)
    {
        foreach (var claim in source.VirtualHosts)
        {
            if (claim.FollowsServerName)
            {
                serverNameScopes.Add(claim.Scope);
            }

            Claim(claim.Listener, claim.Scope, claim.Host, claim.Origin);
        }

        foreach (var route in source.Routes)
        {
            Compile(route, state);
        }
    }

    public IReadOnlyList<KeyValuePair<HostKey, CompiledMatch>> Matches => matches;

    public IReadOnlyList<VirtualHostKey> Claims => claims;

    /// <summary>The scopes whose virtual hosts are those of the server name too.</summary>
    public IReadOnlyCollection<string> ServerNameScopes => serverNameScopes;

    public IReadOnlyList<Diagnostic> Problems => problems;

    private void Compile(Route route, RuntimeState state)
    {
        var onListener = new Dictionary<ListenerKey, CompiledRoute>();
        var shared = new List<string>();
        for (var binding = 0; binding < route.Bindings.Count; binding++)
        {
            var (listener, virtualHost, alternatives) = route.Bindings[binding];
            if (!onListener.TryGetValue(listener, out var compiled))
            {
                compiled = onListener.Values.FirstOrDefault() is { } sibling
                    ? sibling.On(listener)
                    : CompiledRoute.Compile(route, listener, state, shared);
                onListener.Add(listener, compiled);
            }

            var key = Claim(listener, route.Scope, virtualHost, route.Origin);
            for (var index = 0; index < alternatives.Count; index++)
            {
                var match = new CompiledMatch(compiled, binding, index, shared);
                matches.Add(KeyValuePair.Create(new HostKey(key, match.Match.Host), match));
            }
        }

        problems.AddRange(shared.Distinct().Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, route.Origin)));
    }

    private VirtualHostKey Claim(ListenerKey listener, string scope, HostPattern host, Origin origin)
    {
        var invalid = new List<string>();
        HostMatcher.Create(host, invalid);
        problems.AddRange(invalid.Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, origin)));
        var key = new VirtualHostKey(listener, scope, host);
        claims.Add(key);
        return key;
    }
}
