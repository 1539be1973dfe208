namespace Polygate.Model;

/// <summary>
/// Keeps a client on its endpoint by a token that the gateway gives and the client brings again. The token tells nothing
/// of the endpoint's address. An endpoint that is gone or unusable is replaced by another, and so is the token.
/// </summary>
public abstract record Stickiness
{
    private protected Stickiness()
    {
    }

    /// <summary>Mixed into tokens: a token given under one salt means nothing under another. Null for none.</summary>
    public string? Salt { get; init; }

    /// <summary>
    /// Whether a client keeps its token when its endpoint failed (it could not be reached, or its answer is one that the route
    /// retries) and another answered, so that it comes back; otherwise it is bound to the one that answered.
    /// </summary>
    public bool KeepOnFailure { get; init; }

    /// <summary>How long a session lasts from its beginning; null for as long as the client keeps the token.</summary>
    public TimeSpan? AbsoluteTimeout { get; init; }

    /// <summary>How long a session lasts without a request; null for no limit. The token is given anew now and then to keep it alive.</summary>
    public TimeSpan? IdleTimeout { get; init; }
}

/// <summary>A token in a cookie.</summary>
public sealed record StickyCookie(string Name) : Stickiness
{
    /// <summary>
    /// Whether the cookie holds a random key that is hashed consistently over the endpoints (some sessions move when endpoints
    /// are added) instead of naming the endpoint (they stay while it lives).
    /// </summary>
    public bool Balanced { get; init; }

    public string Path { get; init; } = "/";

    public string? Domain { get; init; }

    /// <summary>Whether <c>Secure</c> is always written; see <see cref="SecureOverTls"/>.</summary>
    public bool Secure { get; init; }

    /// <summary>Whether <c>Secure</c> is written in answers to requests that came over TLS.</summary>
    public bool SecureOverTls { get; init; }

    public bool HttpOnly { get; init; } = true;

    /// <summary><c>Strict</c>, <c>Lax</c>, <c>None</c>, or null for none.</summary>
    public string? SameSite { get; init; }

    /// <summary>Whether <c>SameSite=None</c> is left out for browsers that take it for <c>Strict</c> (iOS 12, macOS 10.14, Chrome 51 to 66).</summary>
    public bool OmitSameSiteNoneWhereBroken { get; init; }

    /// <summary><c>Max-Age</c> in seconds; null for none.</summary>
    public int? MaxAge { get; init; }

    /// <summary><c>Expires</c>, this many seconds from the answer on; null for none.</summary>
    public int? Expires { get; init; }

    /// <summary>Whether the cookie is <c>Partitioned</c> (CHIPS).</summary>
    public bool Partitioned { get; init; }
}

/// <summary>A token in a header of this name: in the answer, and then in the client's requests.</summary>
public sealed record StickyHeader(string Name) : Stickiness;
