namespace Polygate.Model;

/// <summary>
/// One conjunction: host and path (which the routing table indexes) and any further conditions. A route with several
/// matches matches when any of them does, each with its own precedence.
/// </summary>
/// <param name="Host">The host; within a virtual host that already decides it, <see cref="HostPattern.Any"/>.</param>
/// <param name="Path">The path.</param>
/// <param name="Conditions">All must hold.</param>
/// <param name="Precedence">The dialect's own order: among the matches of one scope that fit a request, the smallest wins.</param>
public sealed record RouteMatch(
    HostPattern Host, PathPattern Path, ValueList<MatchCondition> Conditions, RoutePrecedence Precedence);

/// <summary>A condition beside host and path; with <see cref="Negated"/> it holds exactly when it otherwise would not.</summary>
public abstract record MatchCondition
{
    private protected MatchCondition()
    {
    }

    public bool Negated { get; init; }
}

/// <summary>The method is one of these (case-sensitive, RFC 9110 section 9.1).</summary>
public sealed record MethodCondition(ValueList<string> Methods) : MatchCondition;

/// <summary>
/// A header field has a value that fits any of the patterns. Names compare without case. Several field lines are
/// compared each by itself; <see cref="JoinValues"/> compares them joined with a comma instead (RFC 9110 section 5.3).
/// </summary>
public sealed record HeaderCondition(string Name, ValueList<TextPattern> Values) : MatchCondition
{
    public bool JoinValues { get; init; }
}

/// <summary>A query parameter (name case-sensitive) has a value that fits any of the patterns.</summary>
/// <param name="Name">The decoded parameter name.</param>
/// <param name="Values">Patterns over the decoded value.</param>
public sealed record QueryCondition(string Name, ValueList<TextPattern> Values) : MatchCondition
{
    /// <summary>Whether only the first of repeated parameters counts (Gateway API) instead of any of them.</summary>
    public bool FirstValueOnly { get; init; }
}

/// <summary>A cookie of the request fits the pattern.</summary>
public sealed record CookieCondition(string Name, TextPattern Value) : MatchCondition;

/// <summary>The client's address is in one of the networks, in CIDR notation.</summary>
/// <param name="Networks">For example <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>; a bare address is its own network.</param>
/// <param name="PeerOnly">Whether the peer's address counts (Traefik) even when a trusted proxy names another client.</param>
public sealed record ClientAddressCondition(ValueList<string> Networks, bool PeerOnly = false) : MatchCondition;

/// <summary>The host, where it is negated or stands beside another host condition.</summary>
public sealed record HostCondition(HostPattern Host) : MatchCondition;

/// <summary>The path, where it is negated or stands beside another path condition.</summary>
public sealed record PathCondition(PathPattern Path) : MatchCondition;

/// <summary>The request came over TLS to this gateway, or (with Kong's and Ambassador's trusted proxies) to the one before it.</summary>
public sealed record TlsCondition : MatchCondition;

/// <summary>The server name of the TLS handshake; false without TLS.</summary>
public sealed record ServerNameCondition(HostPattern Host) : MatchCondition;

/// <summary>The client offers one of these protocols by ALPN (RFC 7301); for <see cref="StreamMatch"/>es only.</summary>
public sealed record ApplicationProtocolCondition(ValueList<string> Protocols) : MatchCondition;

/// <summary>
/// Holds for a random share of requests, drawn once a request and common to all conditions of one
/// <paramref name="Group"/>: it holds while the draw in [0, 1) is below <paramref name="Below"/>.
/// </summary>
public sealed record ShareCondition(string Group, double Below) : MatchCondition;
