namespace Polygate.Model;

/// <summary>How the clients of a listener are treated on their connections, before any route is known. What is null is the installation's.</summary>
public sealed record ClientSettings
{
    /// <summary>From the first byte of a request's head to its last, above zero; the answer is 408.</summary>
    public TimeSpan? HeaderTimeout { get; init; }

    /// <summary>How long a connection may stay open without a request, above zero.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Between two reads of a request's body, above zero; the answer is 408.</summary>
    public TimeSpan? BodyTimeout { get; init; }

    /// <summary>Bytes of a request line, 1 or more; beyond it the answer is 414.</summary>
    public int? RequestLineBytes { get; init; }

    /// <summary>Bytes of all header fields together, 1 or more; beyond it the answer is 431.</summary>
    public int? HeaderBytes { get; init; }

    /// <summary>Header field lines, 1 or more; beyond it the answer is 431.</summary>
    public int? HeaderCount { get; init; }

    /// <summary>Networks (CIDR) of the proxies that are believed about their clients; empty for none.</summary>
    public ValueList<string>? TrustedProxies { get; init; }
}
