using System.Collections.Immutable;
using Polygate.Model;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Streams;

/// <summary>
/// All stream routes of a configuration, compiled. Immutable; a new one takes over the routes of unchanged pieces from the one before.
/// </summary>
public sealed class StreamTable
{
    private readonly ImmutableDictionary<string, ConfigurationPiece> sources;
    private readonly ImmutableDictionary<string, PieceStreams> pieces;
    private readonly ILookup<ListenerKey, CompiledStreamMatch> byListener;

    private StreamTable(
        ImmutableDictionary<string, ConfigurationPiece> sources,
        ImmutableDictionary<string, PieceStreams> pieces,
        ILookup<ListenerKey, CompiledStreamMatch> byListener)
    {
        this.sources = sources;
        this.pieces = pieces;
        this.byListener = byListener;
    }

    public static StreamTable Empty { get; } = new(
        GatewayConfiguration.Empty.Pieces,
        ImmutableDictionary.Create<string, PieceStreams>(StringComparer.Ordinal),
        Array.Empty<CompiledStreamMatch>().ToLookup(match => match.Binding.Listener));

    /// <summary>Values that cannot be used: matches that hold one never match, restrictions that hold one let nobody in.</summary>
    public IEnumerable<Diagnostic> Problems => pieces.IsEmpty ? [] : pieces.Values.SelectMany(piece => piece.Problems);

    /// <summary>Compiles a configuration. Never throws for anything that is written in it.</summary>
    /// <param name="configuration">What the gateway is to do.</param>
    /// <param name="previous">The table before, or <see cref="Empty"/>.</param>
    /// <param name="state">What outlives configurations; the same for all tables of one gateway.</param>
    public static StreamTable Build(GatewayConfiguration configuration, StreamTable previous, RuntimeState state) =>
        Build(configuration, previous, state, new PieceChanges(previous.sources, configuration));

    /// <inheritdoc cref="Build(GatewayConfiguration, StreamTable, RuntimeState)"/>
    internal static StreamTable Build(GatewayConfiguration configuration, StreamTable previous, RuntimeState state, PieceChanges changes)
    {
        var pieces = previous.pieces.ToBuilder();
        var changed = false;
        foreach (var (id, _, after) in changes.Between(previous.sources, configuration.Pieces))
        {
            if (after is { StreamRoutes.IsEmpty: false })
            {
                pieces[id] = new PieceStreams(after, state);
                changed = true;
            }
            else
            {
                changed |= pieces.Remove(id);
            }
        }

        return new StreamTable(
            configuration.Pieces,
            changed ? pieces.ToImmutable() : previous.pieces,
            changed ? pieces.Values.SelectMany(piece => piece.Matches).ToLookup(match => match.Binding.Listener) : previous.byListener);
    }

    /// <summary>What a socket that serves these listeners does with connections that are not for HTTP.</summary>
    internal SocketStreams ForListeners(IEnumerable<ListenerKey> listeners) =>
        byListener.Count == 0 ? SocketStreams.Empty : SocketStreams.Of([.. listeners.SelectMany(listener => byListener[listener])]);

    /// <summary>The compiled routes of one piece of configuration.</summary>
    private sealed class PieceStreams
    {
        internal PieceStreams(ConfigurationPiece source, RuntimeState state)
        {
            var matches = new List<CompiledStreamMatch>();
            var diagnostics = new List<Diagnostic>();
            foreach (var route in source.StreamRoutes)
            {
                var problems = new List<string>();
                var compiled = new CompiledStreamRoute(route, state, problems);
                foreach (var binding in route.Bindings)
                {
                    foreach (var match in binding.Matches)
                    {
                        matches.Add(new CompiledStreamMatch(compiled, binding, match, problems));
                    }
                }

                diagnostics.AddRange(problems.Distinct().Select(problem => new Diagnostic(DiagnosticSeverity.Error, "unusable-value", problem, route.Origin)));
            }

            Matches = matches;
            Problems = diagnostics;
        }

        internal IReadOnlyList<CompiledStreamMatch> Matches { get; }

        internal IReadOnlyList<Diagnostic> Problems { get; }
    }
}
