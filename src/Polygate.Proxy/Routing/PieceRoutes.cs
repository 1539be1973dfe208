using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>The compiled routes of one piece of configuration.</summary>
internal sealed class PieceRoutes
{
    private readonly ConfigurationPiece source;

    /// <summary>Compiles a piece.</summary>
    /// <param name="source">The piece.</param>
    /// <param name="state">What outlives configurations.</param>
    public PieceRoutes(ConfigurationPiece source, RuntimeState state)
    {
        this.source = source;
        var matches = new List<CompiledMatch>();
        var problems = new List<Diagnostic>();
        foreach (var claim in source.VirtualHosts)
        {
            CheckHost(claim.Host, claim.Origin, problems);
        }

        foreach (var route in source.Routes)
        {
            Compile(route, state, matches, problems);
        }

        Matches = [.. matches];
        Problems = [.. problems];
    }

    public ImmutableArray<CompiledMatch> Matches { get; }

    /// <summary>The virtual hosts that the piece names or has routes in, as often as it does.</summary>
    public IEnumerable<VirtualHostKey> Claims
    {
        get
        {
            foreach (var claim in source.VirtualHosts.AsEnumerable())
            {
                yield return new VirtualHostKey(claim.Listener, claim.Scope, claim.Host);
            }

            foreach (var route in source.Routes.AsEnumerable())
            {
                foreach (var binding in route.Bindings.AsEnumerable())
                {
                    yield return new VirtualHostKey(binding.Listener, route.Scope, binding.VirtualHost);
                }
            }
        }
    }

    /// <summary>The scopes whose virtual hosts are those of the server name too.</summary>
    public IEnumerable<string> ServerNameScopes => source.VirtualHosts.IsEmpty ? []
        : source.VirtualHosts.Where(claim => claim.FollowsServerName).Select(claim => claim.Scope).Distinct(StringComparer.Ordinal);

    public ImmutableArray<Diagnostic> Problems { get; }

    private static void Compile(Route route, RuntimeState state, List<CompiledMatch> matches, List<Diagnostic> problems)
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

            CheckHost(virtualHost, route.Origin, problems);
            for (var index = 0; index < alternatives.Count; index++)
            {
                matches.Add(new CompiledMatch(compiled, binding, index, shared));
            }
        }

        problems.AddRange(shared.Distinct().Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, route.Origin)));
    }

    private static void CheckHost(HostPattern host, Origin origin, List<Diagnostic> problems)
    {
        var invalid = new List<string>();
        HostMatcher.Create(host, invalid);
        problems.AddRange(invalid.Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, origin)));
    }
}
