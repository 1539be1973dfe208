namespace Polygate.Model;

/// <summary>
/// What to do with connections (TCP, TLS) or datagrams (UDP) that are not HTTP to the gateway: where they are accepted and to which
/// backends they go. Established connections stay as they are when their route changes or goes.
/// </summary>
/// <param name="Id">Stable across edits that keep the route's place; counts and limits are keyed by it. Unique in a configuration.</param>
/// <param name="Origin">The object and field it comes from.</param>
/// <param name="Scope">
/// The routes that one dialect orders among themselves: each scope finds its own best route, then the more specific server name, the
/// older object and the identity decide between scopes.
/// </param>
/// <param name="Created">When the object was created (Unix seconds), 0 when unknown.</param>
/// <param name="Bindings">Where and how it matches.</param>
/// <param name="Backends">
/// Drawn by weight, once a connection. A connection that draws an invalid reference, and every one when no backend has a weight, is closed
/// (and UDP datagrams are dropped), so that a route without backends refuses what it claims.
/// </param>
public sealed record StreamRoute(
    string Id,
    Origin Origin,
    string Scope,
    long Created,
    ValueList<StreamBinding> Bindings,
    ValueList<WeightedBackend> Backends)
{
    /// <summary>What happens to the client's TLS.</summary>
    public StreamTls Tls { get; init; }

    /// <summary>
    /// How long nothing may move in either direction before a connection is closed, or a UDP session (the datagrams of one client address and
    /// port) is forgotten; null for the engine's default (an hour; a minute for UDP), zero for no limit (TCP only).
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long one side may go on sending after the other has finished; null for <see cref="IdleTimeout"/>.</summary>
    public TimeSpan? HalfCloseTimeout { get; init; }

    /// <summary>Endpoints tried at most before a connection is given up, 1 or more.</summary>
    public int ConnectAttempts { get; init; } = 3;

    /// <summary>UDP: how many datagrams a backend answers to one of the client's, after which the session is forgotten; null for any number.</summary>
    public int? ExpectedReplies { get; init; }

    /// <summary>Networks (CIDR) that alone may connect; empty for everyone. Others are closed at once.</summary>
    public ValueList<string> AllowClients { get; init; }

    /// <summary>Networks (CIDR) that may not connect; stronger than <see cref="AllowClients"/>.</summary>
    public ValueList<string> DenyClients { get; init; }

    /// <summary>Open connections (UDP: sessions) of this route at most; 0 for no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Open connections (UDP: sessions) of one client address at most; 0 for no limit.</summary>
    public int MaxConnectionsPerClient { get; init; }
}

/// <summary>What a <see cref="StreamRoute"/> does with TLS.</summary>
public enum StreamTls
{
    /// <summary>
    /// Bytes are not looked at. On a listener where others need the ClientHello (HTTPS, TLS), such a route gets the connections that are
    /// not TLS.
    /// </summary>
    None,

    /// <summary>Takes TLS connections and hands them on unopened.</summary>
    Passthrough,

    /// <summary>Ends TLS with the certificate that the listener's <see cref="TlsBinding"/>s have for the server name, and hands on what was inside.</summary>
    Terminate,
}

/// <summary>A stream route's place on one listener.</summary>
/// <param name="Listener">The listener: TLS, TCP, UDP, or HTTPS for server names that go elsewhere than HTTP.</param>
/// <param name="VirtualHost">
/// The claim: the most specific one that fits a connection's server name and has a match is used; on an HTTPS listener it competes with the
/// server names of <see cref="TlsBinding"/>s, and wins among equals. Usually the listener's host name (Gateway API) or the server name itself;
/// <see cref="HostPattern.Any"/> without TLS. To refuse what nobody else takes, a route without backends claims it with the last precedence.
/// </param>
/// <param name="Matches">Alternatives; at least one.</param>
public sealed record StreamBinding(ListenerKey Listener, HostPattern VirtualHost, ValueList<StreamMatch> Matches);

/// <summary>One conjunction: the server name and any further conditions.</summary>
/// <param name="ServerName">The SNI; <see cref="HostPattern.Any"/> fits every connection, also one without a name or without TLS.</param>
/// <param name="Conditions">
/// All must hold: <see cref="ClientAddressCondition"/>, <see cref="ServerNameCondition"/>, <see cref="TlsCondition"/> and
/// <see cref="ApplicationProtocolCondition"/>; a match with any other never holds.
/// </param>
/// <param name="Precedence">The dialect's own order: among the matches of one scope that fit, the smallest wins.</param>
public sealed record StreamMatch(HostPattern ServerName, ValueList<MatchCondition> Conditions, RoutePrecedence Precedence);
