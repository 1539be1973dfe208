using System.Runtime.CompilerServices;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>
/// One HTTP/1.x request of a connection and its answer. Taken from the loop's store when the first byte of a request arrives and given back
/// when the exchange is over, so that idle connections hold none of its buffers.
/// </summary>
internal sealed class Http1Exchange : HttpExchange
{
    /// <summary>A request that was answered early: up to this much of its body is read to keep the connection.</summary>
    private const int DrainLimit = 256 * 1024;

    private readonly HttpLimits limits;
    private readonly RequestParser parser;
    private Http1ServerConnection connection = null!;
    private BodyDecoder body;
    private ReceivingPace pace;
    private BodyKind responseBody;
    private long responseRemaining;
    private int handedOut;
    private bool mayContinue;
    private bool switched;
    private bool started;
    private bool completed;

    public Http1Exchange(HttpLimits limits)
    {
        this.limits = limits;
        parser = new RequestParser(limits);
    }

    /// <summary>How the answer's body is framed.</summary>
    private enum BodyKind
    {
        None,
        Length,
        Chunked,
        UntilClose,
    }

    /// <summary>How large and how slow messages may be.</summary>
    public HttpLimits Limits => limits;

    public override EventLoop Loop => connection.Channel.Loop;

    public override HttpVersion Version => parser.Version;

    public override long? RequestLength => parser.Framing.Chunked ? null : Math.Max(0, parser.Framing.ContentLength);

    public override bool IsRequestComplete => body.IsEnded && !switched;

    public override bool ResponseStarted => started;

    /// <summary>Whether another request may follow on the connection, as far as the messages say.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>Whether the answer was sent to its end.</summary>
    public bool IsResponseComplete => completed;

    /// <summary>Whether nothing is left to be done before the next request on the connection.</summary>
    public bool IsReadyForNext => completed && KeepAlive && !switched && body.IsEnded && handedOut == 0;

    public bool ExpectsSomethingElse => parser.Framing.UnknownExpectation && Version == HttpVersion.Http11;

    public bool IsSwitched => switched;

    /// <summary>The client still waits for 100 Continue, and may or may not send the body.</summary>
    public bool IsBodyUncertain => mayContinue && !body.IsEnded;

    public int RefusalStatus => parser.RefusalStatus;

    public string Refusal => parser.Refusal;

    public override ReadOnlySpan<byte> UpgradeProtocol
    {
        get
        {
            if (!parser.Framing.Upgrade || Version != HttpVersion.Http11)
                return default;

            var index = Request.Headers.IndexOf(KnownHeader.Upgrade);

            // RFC 9113 section 3.1: the upgrade to h2c is gone; such requests are answered as they are.
            return index < 0 || Request.Headers.Value(index).StartsWith("h2c"u8) ? default : Request.Headers.Value(index);
        }
    }

    private ChannelInput Input => connection.Input;

    private ChannelOutput Output => connection.Output;

    /// <summary>Makes it serve a connection.</summary>
    public void Begin(Http1ServerConnection owner)
    {
        ResetExchange();
        parser.Reset();
        connection = owner;
        body = default;
        pace = default;
        handedOut = 0;
        mayContinue = switched = started = completed = false;
        KeepAlive = false;
    }

    /// <summary>Lets go of the connection.</summary>
    public void End() => connection = null!;

    public ParseStatus ParseHead(ReadOnlySpan<byte> received, out int consumed)
    {
        var status = parser.TryParse(received, Request, out consumed);
        if (status != ParseStatus.Complete)
            return status;

        var framing = parser.Framing;
        body = framing.Chunked ? BodyDecoder.Chunked(RequestTrailers, limits) : BodyDecoder.OfLength(Math.Max(0, framing.ContentLength));
        mayContinue = framing.ExpectContinue && Version == HttpVersion.Http11;
        KeepAlive = !framing.Close && (Version == HttpVersion.Http11 || framing.KeepAlive);
        return status;
    }

    /// <summary>The head cannot be relied on: the answer ends the connection, and no body is read.</summary>
    public void Refuse()
    {
        KeepAlive = false;
        body = default;
    }

    /// <summary>The connection noticed that the client left.</summary>
    public void ClientLeft() => SignalClientGone();

    public override ValueTask<ReadOnlyMemory<byte>> ReadRequestAsync()
    {
        if (TryRead(out var slice))
            return new ValueTask<ReadOnlyMemory<byte>>(slice);

        return ReadMoreAsync();
    }

    public override async ValueTask SendInformationalAsync()
    {
        if (started || Version != HttpVersion.Http11)
            return;

        var span = Output.GetSpan(ResponseWriter.Overhead + Response.Headers.WireSize);
        var length = ResponseWriter.WriteStatusLine(span, Response.Status);
        length += Response.Headers.WriteTo(span[length..], KnownHeaders.HopByHop);
        "\r\n"u8.CopyTo(span[length..]);
        Output.Advance(length + 2);
        await Output.FlushAsync();
    }

    public override void StartResponse(long? length)
    {
        started = true;
        var headers = Response.Headers;
        var span = Output.GetSpan(ResponseWriter.Overhead + headers.WireSize);
        var written = ResponseWriter.WriteStatusLine(span, Response.Status);
        var hasNoBody = Response.Status is 204 or 304 || Request.Method.SequenceEqual("HEAD"u8);

        // An answer without a body may still tell the length that it would have (RFC 9110 section 8.6).
        var keepLength = hasNoBody && Response.Status != 204 && headers.IndexOf(KnownHeader.ContentLength) >= 0;
        written += headers.WriteTo(
            span[written..], keepLength ? KnownHeaders.HopByHop & ~KnownHeaders.Mask(KnownHeader.ContentLength) : KnownHeaders.HopByHop);
        if (!headers.Contains(KnownHeader.Date))
            written += HeaderTable.WriteField(span[written..], "Date"u8, ResponseWriter.Date(Loop));

        ChooseFraming(hasNoBody, length);
        if (responseBody == BodyKind.Length || (hasNoBody && !keepLength && length is > 0 && Response.Status != 204))
            written += ResponseWriter.WriteLength(span[written..], length ?? 0);
        else if (responseBody == BodyKind.Chunked)
            written += HeaderTable.WriteField(span[written..], "Transfer-Encoding"u8, "chunked"u8);

        // A client that was not told to go on may take the connection for ready while the gateway waits for a body.
        KeepAlive &= responseBody != BodyKind.UntilClose && !connection.IsDraining && !IsBodyUncertain;
        if (!KeepAlive)
            written += HeaderTable.WriteField(span[written..], "Connection"u8, "close"u8);
        else if (Version == HttpVersion.Http10)
            written += HeaderTable.WriteField(span[written..], "Connection"u8, "keep-alive"u8);

        "\r\n"u8.CopyTo(span[written..]);
        Output.Advance(written + 2);
    }

    public override ValueTask WriteResponseAsync(ReadOnlyMemory<byte> data)
    {
        ResponseBodyBytes += data.Length;
        if (switched)
            return Output.WriteAsync(data);

        switch (responseBody)
        {
            case BodyKind.None:
                return default;
            case BodyKind.Chunked:
                return ChunkWriter.WriteAsync(Output, data);
            case BodyKind.Length when data.Length > responseRemaining:
                throw new InvalidOperationException("More of a body than its length says.");
            default:
                responseRemaining -= data.Length;
                return Output.WriteAsync(data);
        }
    }

    public override ValueTask FlushResponseAsync() => Output.FlushAsync();

    public override ValueTask CompleteResponseAsync(ReadOnlyMemory<byte> last)
    {
        var writing = last.IsEmpty ? default : WriteResponseAsync(last);
        if (!writing.IsCompletedSuccessfully)
            return CompleteAsync(writing);

        writing.GetAwaiter().GetResult();
        if (switched)
            return CompleteAsync(default);

        EndBody();
        return Output.FlushAsync();
    }

    public override ValueTask SwitchProtocolsAsync()
    {
        started = switched = true;
        KeepAlive = false;
        mayContinue = false;
        var headers = Response.Headers;
        var span = Output.GetSpan(ResponseWriter.Overhead + headers.WireSize);
        var written = ResponseWriter.WriteStatusLine(span, Response.Status);
        written += headers.WriteTo(span[written..], KnownHeaders.HopByHop & ~KnownHeaders.Mask(KnownHeader.Upgrade));
        if (!headers.Contains(KnownHeader.Upgrade))
            written += HeaderTable.WriteField(span[written..], "Upgrade"u8, UpgradeProtocol);

        written += HeaderTable.WriteField(span[written..], "Connection"u8, "Upgrade"u8);
        "\r\n"u8.CopyTo(span[written..]);
        Output.Advance(written + 2);
        return Output.FlushAsync();
    }

    public override void Abort()
    {
        KeepAlive = false;
        Output.SendInBackground();
        connection.Channel.Abort();
    }

    /// <summary>
    /// Takes what is left of the request's body, so that the next request can follow it. False when there is too much left to be worth it.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    public async ValueTask<bool> DrainRequestAsync()
    {
        var limit = RequestBodyBytes + DrainLimit;
        while (true)
        {
            var slice = await ReadRequestAsync();
            if (slice.IsEmpty)
                return true;

            if (RequestBodyBytes > limit)
                return false;
        }
    }

    private void ChooseFraming(bool hasNoBody, long? length)
    {
        responseRemaining = length ?? 0;
        if (hasNoBody)
            responseBody = BodyKind.None;
        else if (length is not null)
            responseBody = BodyKind.Length;
        else
            responseBody = Version == HttpVersion.Http10 ? BodyKind.UntilClose : BodyKind.Chunked;
    }

    private void EndBody()
    {
        if (responseBody == BodyKind.Chunked)
            ChunkWriter.WriteEnd(Output, ResponseTrailers);
        else if (responseBody == BodyKind.Length && responseRemaining != 0)
            throw new InvalidOperationException("Less of a body than its length says.");

        completed = true;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask CompleteAsync(ValueTask writing)
    {
        await writing;
        if (switched)
        {
            await Output.SendAllAsync();
            await connection.Channel.ShutdownSendAsync();
            completed = true;
            return;
        }

        EndBody();
        await Output.FlushAsync();
    }

    /// <summary>Takes the next slice out of what was received; false when there is none and the body is not over.</summary>
    private bool TryRead(out ReadOnlyMemory<byte> slice)
    {
        Input.Advance(handedOut);
        handedOut = 0;
        slice = default;
        if (switched)
        {
            slice = Input.Memory;
            handedOut = slice.Length;
            return handedOut > 0 || Input.IsEnded;
        }

        int skip;
        int length;
        try
        {
            body.Decode(Input.Span, out skip, out length);
        }
        catch (BadMessageException)
        {
            // Where the next request starts cannot be known.
            KeepAlive = false;
            throw;
        }

        Input.Advance(skip);
        if (length == 0)
        {
            if (body.IsEnded)
                connection.OnRequestRead();

            return body.IsEnded;
        }

        slice = Input.Memory[..length];
        handedOut = length;
        if (body.TryEnd(Input.Span[length..], out var end))
            handedOut += end;

        RequestBodyBytes += length;
        mayContinue = false;
        return true;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReadMoreAsync()
    {
        if (mayContinue && !started)
            AskToContinue();

        Input.PreferredSize = body.Remaining > BufferPool.Standard ? BufferPool.Large : BufferPool.Standard;
        while (true)
        {
            int count;
            try
            {
                Input.ReleaseIfEmpty();
                var began = Loop.Now;
                count = await Input.FillAsync(switched ? limits.TunnelTimeout : pace.Allowance(limits));
                pace.Add(Loop.Now - began, count);
            }
            catch (ChannelException exception) when (exception.Error == ChannelError.TimedOut && !switched)
            {
                KeepAlive = false;
                throw new BadMessageException(408, "the request's body came too slowly");
            }
            catch (ChannelException exception) when (exception.Error != ChannelError.TimedOut)
            {
                SignalClientGone();
                throw;
            }

            if (count == 0 && !switched)
            {
                SignalClientGone();
                throw new ChannelException(ChannelError.Reset, "The client left in the middle of its request.");
            }

            if (TryRead(out var slice))
                return slice;
        }
    }

    /// <summary>No answer was begun, so that this goes before whatever is written next.</summary>
    private void AskToContinue()
    {
        mayContinue = false;
        Output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
        Output.Schedule();
    }
}
