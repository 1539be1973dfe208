using System.Net;

namespace Polygate.Proxy.Streams;

/// <summary>What is known of a connection (or datagram) when its route is chosen.</summary>
internal readonly ref struct StreamContext
{
    /// <summary>Lower case; empty without.</summary>
    public required ReadOnlySpan<byte> ServerName { get; init; }

    /// <summary>The client: what the PROXY protocol says of it, otherwise the peer.</summary>
    public required IPAddress Client { get; init; }

    /// <summary>Whether the client began with a ClientHello.</summary>
    public bool IsTls { get; init; }

    /// <summary>What the client offers by ALPN.</summary>
    public IReadOnlyList<string> Protocols { get; init; }
}
