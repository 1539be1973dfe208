namespace Polygate.Proxy.Http;

/// <summary>How large and how slow messages may be.</summary>
public sealed record HttpLimits
{
    public static HttpLimits Default { get; } = new();

    /// <summary>Bytes of the request line, without its line end; beyond it the answer is 414.</summary>
    public int RequestLine { get; init; } = 8 * 1024;

    /// <summary>Bytes of all header fields together; beyond it the answer is 431.</summary>
    public int HeaderBytes { get; init; } = 32 * 1024;

    /// <summary>Header field lines; beyond it the answer is 431.</summary>
    public int HeaderCount { get; init; } = 100;

    /// <summary>Bytes of a chunked body's trailer section.</summary>
    public int TrailerBytes { get; init; } = 8 * 1024;

    /// <summary>From the first byte of a request's head to its last; the answer is 408. Also from the connection to the first byte.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection may stay open without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Between two reads of a request's body; the answer is 408.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Bytes a second that a request's body has to come with on average, over the time that is spent waiting for it; the answer is 408. 0 for no
    /// such limit. Bodies of gRPC calls may pause as long as they like.
    /// </summary>
    public int MinimumRequestRate { get; init; } = 240;

    /// <summary>Bytes a second that a client has to take of what waits to be sent; its connection is broken. 0 for no such limit.</summary>
    public int MinimumResponseRate { get; init; } = 240;

    /// <summary>How long the two rates may be missed, for a connection that has to get going.</summary>
    public TimeSpan RateGracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a client may take none of what is sent to it.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a tunnel (WebSocket) may be silent in both directions.</summary>
    public TimeSpan TunnelTimeout { get; init; } = TimeSpan.FromHours(1);
}
