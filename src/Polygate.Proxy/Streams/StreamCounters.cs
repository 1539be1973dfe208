namespace Polygate.Proxy.Streams;

/// <summary>The counts of one stream route on one loop: written there alone, read from anywhere.</summary>
internal sealed class StreamCounters
{
    internal long Opened { get; set; }

    internal long Active { get; set; }

    /// <summary>Those that never reached a backend.</summary>
    internal long Refused { get; set; }

    internal long BytesReceived { get; set; }

    internal long BytesSent { get; set; }

    /// <summary>Datagrams that were not passed on.</summary>
    internal long Dropped { get; set; }
}

/// <summary>The counts of one stream route.</summary>
public sealed record StreamMetrics
{
    /// <summary>Connections, or UDP sessions, since the start; refused ones included.</summary>
    public long Opened { get; private set; }

    /// <summary>Those open now.</summary>
    public long Active { get; private set; }

    /// <summary>Those that never reached a backend: not admitted, no backend, no endpoint that could be connected to.</summary>
    public long Refused { get; private set; }

    /// <summary>From clients.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>To clients.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Datagrams that were not passed on: too many sessions, no endpoint, a full socket.</summary>
    public long Dropped { get; private set; }

    internal void Add(StreamCounters counters)
    {
        Opened += counters.Opened;
        Active += counters.Active;
        Refused += counters.Refused;
        BytesReceived += counters.BytesReceived;
        BytesSent += counters.BytesSent;
        Dropped += counters.Dropped;
    }
}
