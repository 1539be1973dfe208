namespace Polygate.Model;

/// <summary>Refuses requests whose body is larger; 0 means no limit.</summary>
public sealed record BodyLimitFilter(long MaximumBytes, int RejectStatus = 413) : Filter;

/// <summary>Refuses requests with more header fields, or larger ones, as they came or were left by the filters before; 0 means no limit.</summary>
/// <param name="MaximumBytes">Names and values of all header fields together, each line with the four bytes around them.</param>
/// <param name="MaximumCount">Header field lines.</param>
public sealed record HeaderLimitFilter(int MaximumBytes, int MaximumCount) : Filter
{
    public int RejectStatus { get; init; } = 431;
}

/// <summary>
/// Limits the rate of requests a client (by address, or by a request header) may make: a token bucket of
/// <paramref name="Burst"/> that refills with <paramref name="Requests"/> each <paramref name="Period"/>.
/// </summary>
public sealed record RateLimitFilter(double Requests, TimeSpan Period, int Burst) : Filter
{
    /// <summary>The request header whose value names the client; null for the address.</summary>
    public string? ByHeader { get; init; }

    /// <summary>The name under which the buckets are kept: filters of any route that name the same counter share them; null for the route's own.</summary>
    public string? Counter { get; init; }

    /// <summary>Networks in CIDR notation whose clients are not limited.</summary>
    public ValueList<string> Exempt { get; init; }

    public int RejectStatus { get; init; } = 429;

    public string RejectBody { get; init; } = "";
}

/// <summary>Limits the requests under way at one time for each client, or whatever else <see cref="Key"/> tells apart.</summary>
/// <param name="Maximum">0 refuses everything.</param>
public sealed record ConcurrencyLimitFilter(int Maximum) : Filter
{
    /// <summary>Requests with the same text are counted together; null for the client's address, a literal for all together. Requests with an empty text are not limited.</summary>
    public TextTemplate? Key { get; init; }

    /// <summary>The name under which is counted: filters of any route that name the same counter share it; null for the route's own.</summary>
    public string? Counter { get; init; }

    /// <summary>Networks in CIDR notation whose clients are not limited.</summary>
    public ValueList<string> Exempt { get; init; }

    public int RejectStatus { get; init; } = 503;

    public string RejectBody { get; init; } = "";
}

/// <summary>Limits how fast the body of each answer is sent.</summary>
/// <param name="BytesPerSecond">1 or more.</param>
public sealed record BandwidthLimitFilter(long BytesPerSecond) : Filter
{
    /// <summary>The first bytes of a body, which are not limited.</summary>
    public long AfterBytes { get; init; }
}
