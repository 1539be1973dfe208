namespace Polygate.Proxy.Streams;

/// <summary>How connections and datagrams are passed on where their route does not say.</summary>
public sealed record StreamOptions
{
    /// <summary>How long a connection may be silent in both directions.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a UDP session may be silent in both directions.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>UDP sessions of one listener on one loop; datagrams of further clients are dropped.</summary>
    public int MaximumSessions { get; init; } = 16 * 1024;
}
