using System.Collections.Immutable;

namespace Polygate.Model;

/// <summary>
/// What one object (in one dialect) contributes. Pieces are the grain of change: an edit makes a new piece for what it
/// touches, every other piece stays the same instance.
/// </summary>
/// <param name="Id">Unique in the configuration, for example <c>gateway-api/HTTPRoute/default/shop</c>.</param>
public sealed record ConfigurationPiece(string Id)
{
    /// <summary>Contributes nothing: what an object that is not there stands for.</summary>
    public static ConfigurationPiece Nothing { get; } = new("");

    public ValueList<Listener> Listeners { get; init; }

    public ValueList<VirtualHost> VirtualHosts { get; init; }

    public ValueList<TlsBinding> TlsBindings { get; init; }

    public ValueList<Route> Routes { get; init; }

    public ValueList<StreamRoute> StreamRoutes { get; init; }

    public ValueList<Backend> Backends { get; init; }

    public ValueList<Certificate> Certificates { get; init; }

    public bool IsEmpty =>
        Listeners.IsEmpty && VirtualHosts.IsEmpty && TlsBindings.IsEmpty && Routes.IsEmpty && StreamRoutes.IsEmpty && Backends.IsEmpty
        && Certificates.IsEmpty;
}

/// <summary>
/// What the gateway is to do: an immutable snapshot. Two successive snapshots share the pieces that did not change, so
/// comparing references finds the difference. The same listener, backend or certificate may stand in several pieces;
/// equal identities mean the same thing.
/// </summary>
public sealed record GatewayConfiguration
{
    public static GatewayConfiguration Empty { get; } = new();

    /// <summary>By <see cref="ConfigurationPiece.Id"/>.</summary>
    public ImmutableDictionary<string, ConfigurationPiece> Pieces { get; init; } =
        ImmutableDictionary.Create<string, ConfigurationPiece>(StringComparer.Ordinal);

    /// <summary>By <see cref="EndpointSet.Name"/>.</summary>
    public ImmutableDictionary<string, EndpointSet> EndpointSets { get; init; } =
        ImmutableDictionary.Create<string, EndpointSet>(StringComparer.Ordinal);

    /// <summary>How <see cref="Pieces"/> came out of earlier ones, where that is known.</summary>
    public KnownChanges<ConfigurationPiece>? PieceChanges { get; init; }

    /// <summary>How <see cref="EndpointSets"/> came out of earlier ones, where that is known.</summary>
    public KnownChanges<EndpointSet>? EndpointSetChanges { get; init; }

    /// <summary>All routes of HTTP requests, in no particular order.</summary>
    public IEnumerable<Route> Routes => Pieces.Values.SelectMany(piece => piece.Routes);

    /// <summary>All routes of connections and datagrams, in no particular order.</summary>
    public IEnumerable<StreamRoute> StreamRoutes => Pieces.Values.SelectMany(piece => piece.StreamRoutes);
}

/// <summary>
/// Which entries of a dictionary may be others than those of the one it was made from: whoever has the one before need not compare the rest,
/// so that a change costs what it changes.
/// </summary>
/// <param name="Before">The dictionary before.</param>
/// <param name="After">The dictionary made from it.</param>
/// <param name="Keys">Where they may differ, each once; nowhere else do they.</param>
public sealed record KnownChanges<T>(ImmutableDictionary<string, T> Before, ImmutableDictionary<string, T> After, IReadOnlyCollection<string> Keys);
