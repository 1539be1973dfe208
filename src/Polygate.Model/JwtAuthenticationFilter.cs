namespace Polygate.Model;

/// <summary>Whether a request needs a token.</summary>
public enum JwtRequirement
{
    /// <summary>A valid one.</summary>
    Valid,

    /// <summary>None, or a valid one.</summary>
    ValidOrMissing,

    /// <summary>Nothing: a valid token is used, whatever else is passed on as it is.</summary>
    Optional,
}

/// <summary>
/// JSON Web Tokens (RFC 7519) in requests, signed (RFC 7515). A token must satisfy one of the providers: the first whose
/// issuer is the token's. Tokens without a signature (<c>none</c>) and encrypted ones are never valid.
/// </summary>
public sealed record JwtAuthenticationFilter(ValueList<JwtProvider> Providers) : Filter
{
    public JwtRequirement Requirement { get; init; }

    /// <summary>What the token must say beyond being valid; empty for nothing. A token that satisfies none is refused with <see cref="ForbiddenStatus"/>.</summary>
    public ValueList<ClaimRule> Rules { get; init; }

    public int RejectStatus { get; init; } = 401;

    public int ForbiddenStatus { get; init; } = 403;

    /// <summary>The realm in <c>WWW-Authenticate</c> (RFC 6750); null writes the scheme alone.</summary>
    public string? Realm { get; init; }

    /// <summary>Whether CORS preflights pass unchecked.</summary>
    public bool SkipPreflight { get; init; }
}

/// <summary>Whose tokens are believed.</summary>
/// <param name="Name">For logs and explanations.</param>
/// <param name="Keys">What signatures are checked with.</param>
public sealed record JwtProvider(string Name, JwtKeys Keys)
{
    /// <summary>The claim <c>iss</c>; null for any.</summary>
    public string? Issuer { get; init; }

    /// <summary>Of which the claim <c>aud</c> must have one; empty for any.</summary>
    public ValueList<string> Audiences { get; init; }

    /// <summary>
    /// Accepted algorithms (RFC 7518 section 3.1): <c>RS256</c>, <c>PS256</c>, <c>ES256</c>, <c>HS256</c> and their kin; empty: all but
    /// <c>HS…</c>, which only shared secrets verify. A key is used only for the algorithms of its own kind.
    /// </summary>
    public ValueList<string> Algorithms { get; init; }

    /// <summary>How far clocks may differ.</summary>
    public TimeSpan Leeway { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a token must have an end (<c>exp</c>).</summary>
    public bool RequireExpiration { get; init; }

    /// <summary>The longest time from now to a token's end; null for any.</summary>
    public TimeSpan? MaximumLifetime { get; init; }

    /// <summary>Where tokens are looked for, in order; empty: <c>Authorization: Bearer</c> and the query parameter <c>access_token</c>.</summary>
    public ValueList<TokenLocation> Locations { get; init; }

    /// <summary>Whether the token is kept from the backend.</summary>
    public bool RemoveToken { get; init; }

    /// <summary>The request header that receives the token's payload (base64url); null for none.</summary>
    public string? PayloadHeader { get; init; }

    /// <summary>Claims that the backend gets in headers, in place of what the client sent under these names.</summary>
    public ValueList<ClaimHeader> ClaimHeaders { get; init; }

    /// <summary>Headers that the backend gets of requests with a token of this provider.</summary>
    public ValueList<HeaderValue> RequestHeaders { get; init; }
}

/// <summary>What signatures are checked with.</summary>
public abstract record JwtKeys
{
    private protected JwtKeys()
    {
    }
}

/// <summary>Keys in the configuration: a JSON Web Key Set (RFC 7517), a single key, or public keys and certificates in PEM.</summary>
public sealed record InlineKeys(string Text) : JwtKeys
{
    /// <summary>Without the keys: a set may hold shared secrets.</summary>
    public override string ToString() => nameof(InlineKeys);
}

/// <summary>A shared secret for <c>HS…</c>, in base64. Never printed.</summary>
public sealed record SharedSecret(string Base64) : JwtKeys
{
    public override string ToString() => nameof(SharedSecret);
}

/// <summary>
/// A JSON Web Key Set that is fetched when the route is made, again when <see cref="CacheDuration"/> is over, and (no more often than
/// <see cref="MinimumRefresh"/>) when a token names a key that it lacks. What was fetched last serves while fetching fails.
/// </summary>
/// <param name="Backend">The identity of the <see cref="Model.Backend"/> that has it.</param>
/// <param name="Host">The <c>Host</c>.</param>
/// <param name="Path">Path and query.</param>
public sealed record RemoteKeys(string Backend, string Host, string Path) : JwtKeys
{
    public TimeSpan CacheDuration { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan MinimumRefresh { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Where a credential is in a request.</summary>
public enum CredentialSource
{
    Header,
    QueryParameter,
    Cookie,
}

/// <summary>A place where a token is looked for.</summary>
/// <param name="Source">The part of the request.</param>
/// <param name="Name">The name of the header, parameter or cookie.</param>
/// <param name="Prefix">What stands before the token, such as <c>Bearer </c> (compared without case); empty for nothing.</param>
public sealed record TokenLocation(CredentialSource Source, string Name, string Prefix = "");

/// <summary>A claim for a header.</summary>
/// <param name="Claim">As in <see cref="ClaimMatch"/>.</param>
/// <param name="Header">The header.</param>
public sealed record ClaimHeader(string Claim, string Header)
{
    /// <summary>Whether a line is added to those that the client sent.</summary>
    public bool Append { get; init; }
}

/// <summary>All of <paramref name="Claims"/>, for requests with one of the methods and paths.</summary>
public sealed record ClaimRule(ValueList<ClaimMatch> Claims)
{
    /// <summary>Empty for any.</summary>
    public ValueList<string> Methods { get; init; }

    /// <summary>A string prefix of the path; empty for any.</summary>
    public string PathPrefix { get; init; } = "";
}

/// <summary>A claim fits one of the patterns: its text, a number or truth value as JSON writes it; of a list, one of its elements.</summary>
/// <param name="Claim">The name; with dots for nested ones (a name that has the dots itself goes first).</param>
/// <param name="Values">The patterns.</param>
public sealed record ClaimMatch(string Claim, ValueList<TextPattern> Values);
