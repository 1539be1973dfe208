using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// An HTTP/1.1 connection to an endpoint, and the exchange that is under way on it. Belongs to the pool of its loop and endpoint.
/// </summary>
internal sealed class Http1UpstreamConnection : UpstreamExchange, IInputOwner, IValueTaskSource
{
    private const int Overhead = 256;

    private readonly Http1Pool pool;
    private readonly Channel channel;
    private readonly ChannelInput input;
    private readonly ChannelOutput output;
    private readonly ResponseParser parser;
    private readonly HttpLimits limits;
    private ManualResetValueTaskSourceCore<bool> headSource;
    private ResponseHead head = null!;
    private HeaderTable headTrailers = null!;
    private bool isHeadAwaited;
    private BodyDecoder body;
    private int handedOut;
    private long? requestLength;
    private long? responseLength;
    private bool requestComplete;
    private bool headComplete;
    private bool isHead;
    private bool upgradeAsked;
    private bool switched;
    private bool keepAlive;
    private bool begun;
    private bool leased;
    private int served;
    private long lastSent;

    public Http1UpstreamConnection(Http1Pool pool, Channel channel, HttpLimits limits)
    {
        this.pool = pool;
        this.channel = channel;
        this.limits = limits;
        input = new ChannelInput(channel, this);
        output = new ChannelOutput(channel);
        parser = new ResponseParser(limits);
        Created = channel.Loop.Now;
    }

    /// <summary>On the loop's clock.</summary>
    public long Created { get; }

    public override bool IsReused => served > 1;

    public override bool ResponseBegun => begun || !input.IsEmpty;

    public override long? ResponseLength => responseLength;

    public override bool IsResponseComplete => headComplete && body.IsEnded && !switched;

    /// <summary>The pool hands it out.</summary>
    public void Lease()
    {
        leased = true;
        served++;
        body = default;
        handedOut = 0;
        requestComplete = headComplete = upgradeAsked = switched = keepAlive = begun = false;
        parser.Reset();
    }

    /// <summary>The pool takes it back: it is watched until it is needed again.</summary>
    public void Rest(TimeSpan idleTimeout)
    {
        leased = false;
        input.ReleaseIfEmpty();
        input.Watch(idleTimeout);
    }

    public void Close()
    {
        leased = true;
        input.Close();
        output.Close();
        channel.Dispose();
    }

    void IInputOwner.OnInput()
    {
        // Nothing may come on a connection that rests: it is closed, timed out, or out of step.
        if (isHeadAwaited)
            ContinueHead();
        else if (!leased)
            pool.Discard(this);
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            headSource.GetResult(token);
        }
        finally
        {
            headSource.Reset();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => headSource.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        headSource.OnCompleted(continuation, state, token, flags);

    public override void StartRequest(RequestHead request, ReadOnlySpan<byte> authority, long? length, ReadOnlySpan<byte> upgrade)
    {
        channel.SendTimeout = IdleTimeout;
        lastSent = channel.Loop.Now;
        requestLength = length;
        isHead = request.Method.SequenceEqual("HEAD"u8);
        upgradeAsked = !upgrade.IsEmpty;

        var headers = request.Headers;
        var span = output.GetSpan(
            Overhead + request.Method.Length + request.Path.Length + request.Query.Length + authority.Length + upgrade.Length + headers.WireSize);
        var written = WriteRequestLine(span, request);
        written += HeaderTable.WriteField(span[written..], "Host"u8, authority);
        written += headers.WriteTo(span[written..], KnownHeaders.NotForwarded);
        if (length is null)
            written += HeaderTable.WriteField(span[written..], "Transfer-Encoding"u8, "chunked"u8);
        else if (length > 0 || RequestFraming.ExpectsBody(request.Method))
            written += ResponseWriter.WriteLength(span[written..], length.Value);

        if (upgradeAsked)
        {
            written += HeaderTable.WriteField(span[written..], "Upgrade"u8, upgrade);
            written += HeaderTable.WriteField(span[written..], "Connection"u8, "Upgrade"u8);
        }
        else if (RequestFraming.TakesTrailers(headers))
        {
            written += HeaderTable.WriteField(span[written..], "TE"u8, "trailers"u8);
            written += HeaderTable.WriteField(span[written..], "Connection"u8, "TE"u8);
        }

        "\r\n"u8.CopyTo(span[written..]);
        output.Advance(written + 2);
    }

    public override ValueTask WriteRequestAsync(ReadOnlyMemory<byte> data)
    {
        lastSent = channel.Loop.Now;
        return requestLength is null && !switched ? ChunkWriter.WriteAsync(output, data) : output.WriteAsync(data);
    }

    public override ValueTask FlushRequestAsync() => output.FlushAsync();

    public override ValueTask CompleteRequestAsync(ReadOnlyMemory<byte> last, HeaderTable trailers)
    {
        if (!last.IsEmpty || switched)
            return CompleteLaterAsync(last, trailers);

        if (requestLength is null)
            ChunkWriter.WriteEnd(output, trailers);

        var flushing = output.FlushAsync();
        requestComplete = flushing.IsCompletedSuccessfully;
        return requestComplete ? default : CompleteLaterAsync(flushing);
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask CompleteLaterAsync(ReadOnlyMemory<byte> last, HeaderTable trailers)
    {
        if (!last.IsEmpty)
            await WriteRequestAsync(last);

        if (!switched)
        {
            await CompleteRequestAsync(default, trailers);
            return;
        }

        await output.FlushAsync();
        requestComplete = true;
        await output.SendAllAsync();
        await channel.ShutdownSendAsync();
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask CompleteLaterAsync(ValueTask flushing)
    {
        await flushing;
        requestComplete = true;
    }

    /// <summary>No async method, since it waits for each request: what is received is looked at where it is told of.</summary>
    public override ValueTask ReadHeadAsync(ResponseHead response, HeaderTable trailers)
    {
        response.Clear();
        parser.Reset();
        head = response;
        headTrailers = trailers;
        if (TryTakeHead())
            return default;

        isHeadAwaited = true;
        ReceiveHead();
        return new ValueTask(this, headSource.Version);
    }

    /// <summary>Receives until the head is complete, or has to be waited for.</summary>
    private void ReceiveHead()
    {
        while (true)
        {
            switch (input.Listen(IdleTimeout))
            {
                case Reception.Waits:
                    return;
                case Reception.Over:
                    EndHead(input.Failure ?? new ChannelException(ChannelError.Reset, "The backend closed the connection before its answer."));
                    return;
                default:
                    if (TryEndHead())
                        return;

                    break;
            }
        }
    }

    private void ContinueHead()
    {
        // When time is up the request may still be on its way, or not be there for long: the backend's time begins with its end.
        if (input.Failure is { } failure && (failure.Error != ChannelError.TimedOut || channel.Loop.Now - lastSent >= IdleTimeout.TotalMilliseconds))
            EndHead(failure);
        else if (input.IsEnded || input.Failure is not null || !TryEndHead())
            ReceiveHead();
    }

    /// <summary>Whether the head is complete, or will never be.</summary>
    private bool TryEndHead()
    {
        try
        {
            if (!TryTakeHead())
                return false;
        }
        catch (BadMessageException exception)
        {
            EndHead(exception);
            return true;
        }

        EndHead(null);
        return true;
    }

    private void EndHead(Exception? failure)
    {
        isHeadAwaited = false;
        if (failure is null)
            headSource.SetResult(true);
        else
            headSource.SetException(failure);
    }

    /// <summary>Takes the head out of what was received; false while it is not complete.</summary>
    /// <exception cref="BadMessageException">It is no acceptable one.</exception>
    private bool TryTakeHead()
    {
        var status = parser.TryParse(input.Span, head, out var consumed);
        if (status == ParseStatus.Incomplete)
            return false;

        begun = true;
        if (status == ParseStatus.Refused)
            throw new BadMessageException(502, parser.Refusal);

        input.Advance(consumed);
        if (head.Status >= 200)
            TakeFinalHead(head.Status, headTrailers);
        else if (head.Status == 101)
            TakeSwitch();

        return true;
    }

    public override ValueTask<ReadOnlyMemory<byte>> ReadResponseAsync() =>
        TryRead(out var slice) ? new ValueTask<ReadOnlyMemory<byte>>(slice) : ReadMoreAsync();

    public override void Abort()
    {
        keepAlive = false;
        channel.Abort();
    }

    public override void Release()
    {
        input.Advance(handedOut);
        handedOut = 0;

        // An answer that came before its request was sent would leave the connection out of step.
        if (keepAlive && requestComplete && output.IsEmpty && IsResponseComplete && input.IsEmpty && input is { IsEnded: false, Failure: null })
            pool.Return(this);
        else
            pool.Discard(this);
    }

    private static int WriteRequestLine(Span<byte> span, RequestHead request)
    {
        var written = request.Method.Length;
        request.Method.CopyTo(span);
        span[written++] = (byte)' ';
        request.Path.CopyTo(span[written..]);
        written += request.Path.Length;
        if (request.HasQuery)
        {
            span[written++] = (byte)'?';
            request.Query.CopyTo(span[written..]);
            written += request.Query.Length;
        }

        " HTTP/1.1\r\n"u8.CopyTo(span[written..]);
        return written + 11;
    }

    private void TakeFinalHead(int status, HeaderTable trailers)
    {
        var framing = parser.Framing;
        keepAlive = parser.Version == HttpVersion.Http11 ? !framing.Close : framing.KeepAlive;
        responseLength = 0;
        if (isHead || status is 204 or 304)
        {
            body = BodyDecoder.None();
        }
        else if (framing.Chunked)
        {
            responseLength = null;
            body = BodyDecoder.ChunkedAnswer(trailers, limits);
        }
        else if (framing.ContentLength >= 0)
        {
            responseLength = framing.ContentLength;
            body = BodyDecoder.OfLength(framing.ContentLength);
        }
        else
        {
            responseLength = null;
            body = BodyDecoder.UntilConnectionEnds();
            keepAlive = false;
        }

        headComplete = true;
        if (body.IsEnded)
            input.ReleaseIfEmpty();
    }

    private void TakeSwitch()
    {
        if (!upgradeAsked)
            throw new BadMessageException(502, "a switch of protocols that was not asked for");

        switched = headComplete = true;
    }

    private bool TryRead(out ReadOnlyMemory<byte> slice)
    {
        input.Advance(handedOut);
        handedOut = 0;
        slice = default;
        if (switched)
        {
            slice = input.Memory;
            handedOut = slice.Length;
            return handedOut > 0 || input.IsEnded;
        }

        body.Decode(input.Span, out var skip, out var length);
        input.Advance(skip);
        if (length == 0)
            return body.IsEnded || (body.EndsWithConnection && input.IsEnded);

        slice = input.Memory[..length];
        handedOut = length;
        if (body.TryEnd(input.Span[length..], out var end))
            handedOut += end;

        return true;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReadMoreAsync()
    {
        while (true)
        {
            input.ReleaseIfEmpty();
            var count = await input.FillAsync(IdleTimeout);
            if (count == 0 && !switched && !body.EndsWithConnection)
                throw new ChannelException(ChannelError.Reset, "The backend closed the connection in the middle of its answer.");

            if (TryRead(out var slice))
                return slice;
        }
    }
}
