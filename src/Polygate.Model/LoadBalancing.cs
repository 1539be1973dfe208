namespace Polygate.Model;

/// <summary>How an endpoint is picked.</summary>
public enum BalancingAlgorithm
{
    RoundRobin,
    LeastRequests,
    TwoRandomChoices,
    Random,

    /// <summary>The hash of <see cref="LoadBalancing.HashOn"/> on a ring of virtual nodes.</summary>
    RingHash,

    /// <summary>The hash of <see cref="LoadBalancing.HashOn"/> in a Maglev table.</summary>
    Maglev,

    /// <summary>
    /// The better of two random endpoints by their answer times, averaged with exponential decay but risen to at once (peak
    /// EWMA), times the requests under way.
    /// </summary>
    PeakEwma,
}

/// <summary>What consistent hashing hashes.</summary>
public enum HashInput
{
    ClientAddress,
    Header,
    Cookie,
    Path,
    QueryParameter,

    /// <summary>Path and query, as the filters left them.</summary>
    PathAndQuery,

    /// <summary>The host, lower case, without a port.</summary>
    Host,

    /// <summary>The text <see cref="HashKey.Name"/> itself; only beside others.</summary>
    Literal,
}

/// <summary>How endpoints are picked, and by what when hashing.</summary>
public sealed record LoadBalancing(BalancingAlgorithm Algorithm = BalancingAlgorithm.RoundRobin)
{
    public HashInput HashOn { get; init; }

    /// <summary>The name of the header, cookie or query parameter.</summary>
    public string HashName { get; init; } = "";

    /// <summary>
    /// Several things to hash, in order, instead of <see cref="HashOn"/>; empty for that one alone. All that the request has are
    /// hashed together, unless <see cref="FirstKeyOnly"/>.
    /// </summary>
    public ValueList<HashKey> HashKeys { get; init; }

    /// <summary>Whether the first of <see cref="HashKeys"/> that the request has is hashed alone: the others are for requests without it.</summary>
    public bool FirstKeyOnly { get; init; }

    /// <summary>
    /// When 2 or more, endpoints form groups of this size: hashing picks the group, chance the endpoint in it
    /// (ingress-nginx <c>upstream-hash-by-subset</c>). 0 for none.
    /// </summary>
    public int SubsetSize { get; init; }

    /// <summary>After how long an answer time counts a third (1/e) in <see cref="BalancingAlgorithm.PeakEwma"/>; null for 10 seconds.</summary>
    public TimeSpan? Decay { get; init; }
}

/// <summary>One thing to hash.</summary>
/// <param name="Input">What.</param>
/// <param name="Name">The name of the header, cookie or query parameter, or the literal text.</param>
public sealed record HashKey(HashInput Input, string Name = "");
