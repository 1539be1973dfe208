using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Streams;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Forwarding;

/// <summary>Receives one entry at the end of each exchange, on the exchange's loop.</summary>
public interface IAccessLog
{
    /// <summary>Whether entries are wanted; asked before each.</summary>
    bool IsEnabled { get; }

    /// <summary>Must not block, nor keep what the entry refers to.</summary>
    void Log(in AccessLogEntry entry);

    /// <summary>The same for a connection or UDP session that ended. By default nothing is recorded of them.</summary>
    void Log(in StreamLogEntry entry)
    {
    }
}

/// <summary>What happened to one request. Valid during <see cref="IAccessLog.Log(in AccessLogEntry)"/> only.</summary>
public readonly ref struct AccessLogEntry
{
    /// <summary>The request as the filters left it, and the client.</summary>
    public required RequestHead Request { get; init; }

    /// <summary>The path as it came.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }

    /// <summary>The answer's status; 499 when the client left before one.</summary>
    public required int Status { get; init; }

    public required HttpVersion Version { get; init; }

    /// <summary>Milliseconds, in the loop's coarse clock.</summary>
    public required long Duration { get; init; }

    public required long RequestBodyBytes { get; init; }

    public required long ResponseBodyBytes { get; init; }

    /// <summary>Null when no route matched.</summary>
    public CompiledRoute? Route { get; init; }

    /// <summary>The endpoint of the last attempt; null when none was made.</summary>
    public UpstreamEndpoint? Endpoint { get; init; }

    public int Attempts { get; init; }

    /// <summary>How long the last attempt took; null when none was made.</summary>
    public AttemptTimes? Times { get; init; }

    /// <summary>Why the answer is what it is, where the backend did not give it; empty otherwise.</summary>
    public string Reason { get; init; }
}
