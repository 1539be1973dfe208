using System.Buffers;
using System.Net;
using Polygate.Proxy.Listening;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Streams;

/// <summary>A client's connection and the stream route that takes it. TLS to be terminated is terminated.</summary>
/// <param name="Channel">The receiver owns it.</param>
/// <param name="Listener">Where it came in.</param>
/// <param name="Client">The client: what the PROXY protocol says of it, otherwise the peer.</param>
/// <param name="Route">What to do.</param>
/// <param name="ServerName">The SNI; empty without.</param>
/// <param name="Received">What the client has sent already; the receiver gives it back.</param>
public readonly record struct AcceptedStream(
    Channel Channel, BoundListener Listener, IPEndPoint Client, CompiledStreamRoute Route, string ServerName, ReceivedBytes Received);

/// <summary>Bytes received in advance, in a buffer of the shared pool.</summary>
public readonly record struct ReceivedBytes(byte[]? Buffer, int Count)
{
    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(0, Count);

    /// <summary>Gives the buffer back; it is not to be used again.</summary>
    public void Return()
    {
        if (Buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(Buffer);
        }
    }
}
