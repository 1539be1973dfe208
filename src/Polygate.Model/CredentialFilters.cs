namespace Polygate.Model;

/// <summary>HTTP Basic authentication (RFC 7617).</summary>
/// <param name="Users">User name and password hash: bcrypt (<c>$2…</c>), apr1 (<c>$apr1$…</c>), <c>{SHA}…</c>, or SHA-256 crypt. Never printed.</param>
public sealed record BasicAuthenticationFilter(ValueList<PasswordHash> Users) : Filter
{
    public string Realm { get; init; } = "";

    /// <summary>Whether the <c>Authorization</c> header is kept from the backend.</summary>
    public bool RemoveCredentials { get; init; }

    /// <summary>The request header that receives the user's name; null for none.</summary>
    public string? UserHeader { get; init; }
}

/// <summary>A user and the hash of the password.</summary>
public sealed record PasswordHash(string User, string Hash)
{
    /// <summary>Headers that the backend gets of this user's requests, in place of what the client sent under these names.</summary>
    public ValueList<HeaderValue> RequestHeaders { get; init; }

    /// <summary>The user alone: hashes stay out of logs and dumps.</summary>
    public override string ToString() => User;
}

/// <summary>HTTP Digest authentication (RFC 7616, with <c>qop=auth</c>; <c>MD5</c> as well as <c>SHA-256</c> by the users' hashes).</summary>
public sealed record DigestAuthenticationFilter(ValueList<DigestUser> Users) : Filter
{
    public string Realm { get; init; } = "";

    /// <summary>Whether the <c>Authorization</c> header is kept from the backend.</summary>
    public bool RemoveCredentials { get; init; }

    /// <summary>The request header that receives the user's name; null for none.</summary>
    public string? UserHeader { get; init; }

    /// <summary>How long a nonce serves; then the client is told to use a new one (<c>stale=true</c>).</summary>
    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>A user of digest authentication.</summary>
/// <param name="User">The name.</param>
/// <param name="Hash">
/// The hash of <c>user:realm:password</c> in hexadecimal digits: 32 of them for MD5 (as <c>htdigest</c> files have), 64 for SHA-256. Never printed.
/// </param>
public sealed record DigestUser(string User, string Hash)
{
    /// <summary>The user alone: hashes stay out of logs and dumps.</summary>
    public override string ToString() => User;
}

/// <summary>Keys that clients send to say who they are.</summary>
public sealed record ApiKeyAuthenticationFilter(ValueList<ApiKey> Keys) : Filter
{
    /// <summary>Where keys are looked for, in order; one at least.</summary>
    public ValueList<TokenLocation> Locations { get; init; }

    /// <summary>Whether the key is kept from the backend.</summary>
    public bool RemoveCredentials { get; init; }

    /// <summary>The request header that receives the consumer's name; null for none.</summary>
    public string? ConsumerHeader { get; init; }

    public int RejectStatus { get; init; } = 401;

    /// <summary>The <c>WWW-Authenticate</c> of a refusal; null for none.</summary>
    public string? Challenge { get; init; }

    /// <summary>The body of a refusal for want of a key, and for a wrong one.</summary>
    public string MissingBody { get; init; } = "";

    public string RejectBody { get; init; } = "";

    /// <summary>Whether CORS preflights pass unchecked.</summary>
    public bool SkipPreflight { get; init; }
}

/// <summary>A consumer's key.</summary>
/// <param name="Consumer">Whose it is.</param>
/// <param name="Sha256">The SHA-256 of the key in lower-case hexadecimal digits: the key itself is kept nowhere.</param>
public sealed record ApiKey(string Consumer, string Sha256)
{
    /// <summary>Headers that the backend gets of this consumer's requests, in place of what the client sent under these names.</summary>
    public ValueList<HeaderValue> RequestHeaders { get; init; }

    /// <summary>The consumer alone.</summary>
    public override string ToString() => Consumer;
}

/// <summary>
/// Passes requests that any of the filters lets through (nginx <c>satisfy any</c>): the first that does is the last that is asked. When
/// all refuse, the refusal is that of the last one that asks for credentials (401), or else of the last one.
/// </summary>
/// <param name="Filters">Filters that restrict access; what the ones that refused changed in the request stays changed.</param>
public sealed record AnyOfFilter(ValueList<Filter> Filters) : Filter;
