using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>The compiled routes of one piece of configuration.</summary>
internal sealed class PieceRoutes
{
    /// <summary>Compiles a piece.</summary>
    /// <param name="source">The piece.</param>
    /// <param name="state">What outlives configurations.</param>
    public PieceRoutes(ConfigurationPiece source, RuntimeState state)
    {
        var compiler = new Compiler();
        foreach (var claim in source.VirtualHosts)
        {
            compiler.Claim(claim.Listener, claim.Scope, claim.Host, claim.Origin);
        }

        foreach (var route in source.Routes)
        {
            compiler.Compile(route, state);
        }

        ServerNameScopes = [.. source.VirtualHosts.Where(claim => claim.FollowsServerName).Select(claim => claim.Scope).Distinct(StringComparer.Ordinal)];
        Matches = [.. compiler.Matches];
        Claims = [.. compiler.Claims];
        Problems = [.. compiler.Problems];
    }

    public ImmutableArray<KeyValuePair<HostKey, CompiledMatch>> Matches { get; }

    public ImmutableArray<VirtualHostKey> Claims { get; }

    /// <summary>The scopes whose virtual hosts are those of the server name too.</summary>
    public ImmutableArray<string> ServerNameScopes { get; }

    public ImmutableArray<Diagnostic> Problems { get; }

    /// <summary>Collects what becomes of a piece.</summary>
    private sealed class Compiler
    {
        public List<KeyValuePair<HostKey, CompiledMatch>> Matches { get; } = [];

        public List<VirtualHostKey> Claims { get; } = [];

        public List<Diagnostic> Problems { get; } = [];

        public void Compile(Route route, RuntimeState state)
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
                    Matches.Add(KeyValuePair.Create(new HostKey(key, match.Match.Host), match));
                }
            }

            Problems.AddRange(shared.Distinct().Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, route.Origin)));
        }

        public VirtualHostKey Claim(ListenerKey listener, string scope, HostPattern host, Origin origin)
        {
            var invalid = new List<string>();
            HostMatcher.Create(host, invalid);
            Problems.AddRange(invalid.Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, origin)));
            var key = new VirtualHostKey(listener, scope, host);
            Claims.Add(key);
            return key;
        }
    }
}
