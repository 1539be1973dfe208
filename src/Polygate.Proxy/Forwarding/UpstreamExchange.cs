using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// One request to an endpoint and its answer, in whatever version of HTTP is spoken to it: the mirror image of
/// <see cref="HttpExchange"/>. Called on one loop; request and answer may be moved at the same time. Every member fails with
/// <see cref="ChannelException"/> when the connection or stream broke and with <see cref="BadMessageException"/> when the answer breaks the protocol.
/// </summary>
public abstract class UpstreamExchange
{
    /// <summary>Whether the connection served a request before, so that it may turn out to be stale.</summary>
    public abstract bool IsReused { get; }

    /// <summary>Whether the endpoint said that it has not looked at the request and never will, so that it may be sent again whatever it is.</summary>
    public virtual bool IsUnprocessed => false;

    /// <summary>Whether a byte of the answer arrived.</summary>
    public abstract bool ResponseBegun { get; }

    /// <summary>The length of the answer's body: 0 for none, null when only its end tells. Valid after a final head.</summary>
    public abstract long? ResponseLength { get; }

    /// <summary>Whether the answer's body is over: known with its last slice where the framing tells, otherwise with the empty one.</summary>
    public abstract bool IsResponseComplete { get; }

    /// <summary>How long the endpoint may take none of what is sent, or send nothing while something is read.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Takes the request's head. Sends nothing yet: <see cref="FlushRequestAsync"/> does, and what follows may ride along.</summary>
    /// <param name="request">Hop-by-hop fields are left out and written anew.</param>
    /// <param name="authority">What the endpoint is told as <c>Host</c> (<c>:authority</c>).</param>
    /// <param name="length">The length of the body that follows: 0 for none, null when unknown.</param>
    /// <param name="upgrade">The protocol to ask for; empty for none.</param>
    public abstract void StartRequest(RequestHead request, ReadOnlySpan<byte> authority, long? length, ReadOnlySpan<byte> upgrade);

    /// <summary>Sends a slice of the request's body, or keeps a copy of a small one. The slice is free when this completes.</summary>
    public abstract ValueTask WriteRequestAsync(ReadOnlyMemory<byte> data);

    /// <summary>Sends what was kept back.</summary>
    public abstract ValueTask FlushRequestAsync();

    /// <summary>Ends the request's body, with its last slice (which may be empty) and trailers, and sends what was kept back.</summary>
    public abstract ValueTask CompleteRequestAsync(ReadOnlyMemory<byte> last, HeaderTable trailers);

    /// <summary>
    /// Reads a head, interim ones (1xx) included: call again after one of those. After 101 both sides move the bytes of the new protocol.
    /// </summary>
    /// <param name="response">Cleared and filled.</param>
    /// <param name="trailers">Receives the trailers, until <see cref="IsResponseComplete"/>.</param>
    public abstract ValueTask ReadHeadAsync(ResponseHead response, HeaderTable trailers);

    /// <summary>The next slice of the answer's body, or an empty one at its end. Valid until the next call.</summary>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadResponseAsync();

    /// <summary>Breaks the exchange at once: operations under way fail.</summary>
    public abstract void Abort();

    /// <summary>Gives the connection back: to be reused when request and answer are complete, closed otherwise. Nothing may be under way.</summary>
    public abstract void Release();
}
