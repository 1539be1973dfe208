using System.Net;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Streams;

/// <summary>What happened to one connection or UDP session. Valid during <see cref="Forwarding.IAccessLog.Log(in StreamLogEntry)"/> only.</summary>
public readonly ref struct StreamLogEntry
{
    public required IPEndPoint Client { get; init; }

    public required BoundListener Listener { get; init; }

    public required CompiledStreamRoute Route { get; init; }

    /// <summary><c>tcp</c>, <c>tls</c> or <c>udp</c>: what the client spoke.</summary>
    public required string Protocol { get; init; }

    /// <summary>The SNI; empty without.</summary>
    public string ServerName { get; init; }

    /// <summary>Milliseconds, in the loop's coarse clock.</summary>
    public required long Duration { get; init; }

    /// <summary>From the client.</summary>
    public long BytesReceived { get; init; }

    /// <summary>To the client.</summary>
    public long BytesSent { get; init; }

    /// <summary>The endpoint of the last attempt; null when none was made.</summary>
    public UpstreamEndpoint? Endpoint { get; init; }

    public int Attempts { get; init; }

    /// <summary>Why it ended, where neither side simply finished; empty otherwise.</summary>
    public string Reason { get; init; }
}
