using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>The version a client speaks.</summary>
public enum HttpVersion
{
    Http10,
    Http11,
    Http2,
}

/// <summary>
/// One request and its answer, in whatever version of HTTP: what the request pipeline works on. Bodies are streams of
/// slices; the members that move them exert backpressure. All members are called on <see cref="Loop"/>; the request body
/// and the answer may be moved at the same time.
/// </summary>
public abstract class HttpExchange
{
    private Action<object?>? clientGone;
    private object? clientGoneState;

    /// <summary>The loop of the client's connection; everything of this exchange runs there.</summary>
    public abstract EventLoop Loop { get; }

    public abstract HttpVersion Version { get; }

    public RequestHead Request { get; } = new();

    /// <summary>The answer's head: filled, then sent by <see cref="StartResponse"/> (or one of the other members that send a head).</summary>
    public ResponseHead Response { get; } = new();

    /// <summary>Complete once <see cref="ReadRequestAsync"/> has said the body is over.</summary>
    public HeaderTable RequestTrailers { get; } = new();

    /// <summary>Sent by <see cref="CompleteResponseAsync"/> where the framing has room for trailers; otherwise dropped.</summary>
    public HeaderTable ResponseTrailers { get; } = new();

    /// <summary>What the request pipeline remembers of this exchange.</summary>
    internal ExchangeState State { get; } = new();

    /// <summary>The length of the request's body in bytes: 0 for none, null when only its end will tell.</summary>
    public abstract long? RequestLength { get; }

    /// <summary>Whether the request's body is over: known with its last slice where the framing tells, otherwise with the empty one.</summary>
    public abstract bool IsRequestComplete { get; }

    /// <summary>
    /// The protocol the client asks to switch to (<c>websocket</c>, RFC 9110 section 7.8, RFC 8441); empty for none.
    /// Valid until the exchange ends.
    /// </summary>
    public abstract ReadOnlySpan<byte> UpgradeProtocol { get; }

    /// <summary>Whether a final head was handed over for sending: the status can no longer be changed.</summary>
    public abstract bool ResponseStarted { get; }

    /// <summary>Bytes of the request's body read so far.</summary>
    public long RequestBodyBytes { get; protected set; }

    /// <summary>Bytes of the answer's body written so far.</summary>
    public long ResponseBodyBytes { get; protected set; }

    /// <summary>Whether the client reset or left; nothing that is written arrives any more.</summary>
    public bool IsClientGone { get; private set; }

    /// <summary>
    /// The next slice of the request's body, or an empty one at its end. The slice is valid until the next call. The
    /// first call asks the client to go on where it waits for that (100-continue).
    /// </summary>
    /// <exception cref="BadMessageException">The body's framing is broken, or it came too slowly.</exception>
    /// <exception cref="ChannelException">The client is gone.</exception>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadRequestAsync();

    /// <summary>Sends <see cref="Response"/> as an interim answer (103); nothing for clients that cannot take it. The head may be reused then.</summary>
    public abstract ValueTask SendInformationalAsync();

    /// <summary>
    /// Takes <see cref="Response"/> as the final head. Sends nothing yet: <see cref="FlushResponseAsync"/> does, and what follows may ride along.
    /// Adds framing, <c>Connection</c> and <c>Date</c> as needed.
    /// </summary>
    /// <param name="length">The length of the body that follows; null when unknown. Ignored where the answer has no body (HEAD, 204, 304).</param>
    public abstract void StartResponse(long? length);

    /// <summary>
    /// Sends a slice of the answer's body, or keeps a copy of a small one until more comes or <see cref="FlushResponseAsync"/>. The slice is free when this completes.
    /// </summary>
    /// <exception cref="ChannelException">The client is gone.</exception>
    public abstract ValueTask WriteResponseAsync(ReadOnlyMemory<byte> data);

    /// <summary>Sends what was kept back: to be called before waiting for anything.</summary>
    /// <exception cref="ChannelException">The client is gone.</exception>
    public abstract ValueTask FlushResponseAsync();

    /// <summary>Ends the answer, with its last slice (which may be empty) and <see cref="ResponseTrailers"/>, and sends what was kept back.</summary>
    /// <exception cref="ChannelException">The client is gone.</exception>
    public abstract ValueTask CompleteResponseAsync(ReadOnlyMemory<byte> last);

    /// <summary>
    /// Sends <see cref="Response"/> as the answer that switches to <see cref="UpgradeProtocol"/>. From then on <see cref="ReadRequestAsync"/> and
    /// <see cref="WriteResponseAsync"/> move the bytes of that protocol, and <see cref="CompleteResponseAsync"/> says that no more will be sent.
    /// </summary>
    public abstract ValueTask SwitchProtocolsAsync();

    /// <summary>Cuts the answer so that the client cannot take it for a complete one (closes the connection, resets the stream).</summary>
    public abstract void Abort();

    /// <summary>Calls back, on the loop, when the client goes away before the exchange is over; one at a time, null for none.</summary>
    public void OnClientGone(Action<object?>? callback, object? state)
    {
        clientGone = callback;
        clientGoneState = state;
        if (IsClientGone)
            callback?.Invoke(state);
    }

    /// <summary>To be called by the connection when the client reset the connection or stream, or left.</summary>
    protected void SignalClientGone()
    {
        if (IsClientGone)
            return;

        IsClientGone = true;
        clientGone?.Invoke(clientGoneState);
    }

    /// <summary>Makes the exchange ready for the next request.</summary>
    protected void ResetExchange()
    {
        Request.Clear();
        Response.Clear();
        RequestTrailers.Clear();
        ResponseTrailers.Clear();
        RequestBodyBytes = 0;
        ResponseBodyBytes = 0;
        IsClientGone = false;
        clientGone = null;
        clientGoneState = null;
    }
}
