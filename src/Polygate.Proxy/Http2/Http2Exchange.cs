using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2;

/// <summary>
/// A request of an HTTP/2 stream and its answer. Used on the loop; what Kestrel completes on its threads comes back here
/// before anyone sees it. Reused from stream to stream.
/// </summary>
internal sealed class Http2Exchange(IHttp2Engine engine) : HttpExchange
{
    /// <summary>Written without being flushed, at most.</summary>
    private const int FlushThreshold = 16 * 1024;

    private const int InternalError = 2;

    private IFeatureCollection features = null!;
    private PipeReader reader = null!;
    private PipeWriter writer = null!;
    private ReadOnlySequence<byte> unread;
    private CancellationTokenRegistration clientLeaves;
    private long? requestLength;
    private ReceivingPace pace;
    private int unflushed;
    private int generation;
    private bool isReading;
    private bool isRequestComplete;
    private bool hasNoBody;
    private bool isStreaming;
    private bool started;
    private bool completed;

    public override EventLoop Loop => engine.Loop;

    public override HttpVersion Version => HttpVersion.Http2;

    public override long? RequestLength => requestLength;

    public override bool IsRequestComplete => isRequestComplete;

    /// <summary>Extended CONNECT (RFC 8441) is not offered, so nobody asks.</summary>
    public override ReadOnlySpan<byte> UpgradeProtocol => default;

    public override bool ResponseStarted => started;

    /// <summary>Takes a request over; false when it is no acceptable one and was answered.</summary>
    internal bool TryBegin(ClientConnection client, IFeatureCollection streamFeatures)
    {
        ResetExchange();
        features = streamFeatures;
        reader = features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        writer = features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        unread = default;
        pace = default;
        unflushed = 0;
        isReading = started = completed = hasNoBody = false;
        var request = features.GetRequiredFeature<IHttpRequestFeature>();
        Request.Client = client;
        if (!Http2Fields.TryReadHead(request, Request))
        {
            features.GetRequiredFeature<IHttpResponseFeature>().StatusCode = StatusCodes.Status400BadRequest;
            return false;
        }

        // Kestrel holds the installation's limits; a listener's own may be narrower.
        if (client.Limits is { } limits && !ReferenceEquals(limits, engine.Limits)
            && (Request.Headers.WireSize > limits.HeaderBytes || Request.Headers.Count > limits.HeaderCount))
        {
            features.GetRequiredFeature<IHttpResponseFeature>().StatusCode = StatusCodes.Status431RequestHeaderFieldsTooLarge;
            return false;
        }

        var hasBody = features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        requestLength = hasBody ? request.Headers.ContentLength : 0;
        isRequestComplete = requestLength == 0;
        isStreaming = Http2Fields.IsGrpc(request.Headers);
        clientLeaves = features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.UnsafeRegister(
            static state => ((ClientWatch)state!).OnAborted(), new ClientWatch(this, generation));
        return true;
    }

    /// <summary>The request is over; the exchange may be begun again.</summary>
    internal void End()
    {
        generation++;
        clientLeaves.Unregister();
        clientLeaves = default;
        features = null!;
        reader = null!;
        writer = null!;
        unread = default;
    }

    public override ValueTask<ReadOnlyMemory<byte>> ReadRequestAsync()
    {
        if (TryTakeUnread(out var slice))
        {
            return new ValueTask<ReadOnlyMemory<byte>>(slice);
        }

        return isRequestComplete ? new ValueTask<ReadOnlyMemory<byte>>(default(ReadOnlyMemory<byte>)) : ReadMoreAsync();
    }

    /// <summary>Kestrel sends no interim answers in HTTP/2; clients do not depend on them (RFC 8297 section 2).</summary>
    public override ValueTask SendInformationalAsync() => default;

    public override void StartResponse(long? length)
    {
        started = true;
        var response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = Response.Status;
        Http2Fields.Write(Response.Headers, response.Headers);
        var isHead = Request.Method.SequenceEqual("HEAD"u8);
        hasNoBody = isHead || Response.Status is 204 or 304;
        if (!hasNoBody)
        {
            response.Headers.ContentLength = length;
        }
        else if (isHead && Http2Fields.ContentLength(Response.Headers) is { } declared)
        {
            response.Headers.ContentLength = declared;
        }
    }

    public override ValueTask WriteResponseAsync(ReadOnlyMemory<byte> data)
    {
        ResponseBodyBytes += data.Length;
        if (hasNoBody)
        {
            return default;
        }

        Write(data.Span);
        return unflushed < FlushThreshold ? default : FlushResponseAsync();
    }

    public override ValueTask FlushResponseAsync()
    {
        unflushed = 0;
        try
        {
            var flushing = writer.FlushAsync();
            if (!flushing.IsCompletedSuccessfully)
            {
                return FinishFlushAsync(flushing);
            }

            return flushing.GetAwaiter().GetResult().IsCompleted ? throw Gone(null) : default;
        }
        catch (Exception exception) when (exception is not ChannelException)
        {
            throw Gone(exception);
        }
    }

    public override async ValueTask CompleteResponseAsync(ReadOnlyMemory<byte> last)
    {
        try
        {
            if (last.Length > 0 && !hasNoBody)
            {
                ResponseBodyBytes += last.Length;
                Write(last.Span);
            }

            if (ResponseTrailers.Count > 0 && features.Get<IHttpResponseTrailersFeature>() is { } trailers)
            {
                Http2Fields.Write(ResponseTrailers, trailers.Trailers);
            }

            await features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync().ConfigureAwait(false);
            completed = true;
        }
        catch (Exception exception) when (exception is not ChannelException)
        {
            throw Gone(exception);
        }
        finally
        {
            await Loop.SwitchTo();
        }
    }

    public override ValueTask SwitchProtocolsAsync() => throw new NotSupportedException("HTTP/2 streams do not switch protocols.");

    /// <summary>Resets the stream; the connection and its other streams go on.</summary>
    public override void Abort()
    {
        if (!completed)
        {
            features.GetRequiredFeature<IHttpResetFeature>().Reset(InternalError);
        }
    }

    private static ChannelException Gone(Exception? exception) =>
        new(ChannelError.Reset, exception?.Message ?? "The client is gone.", exception);

    private void Write(ReadOnlySpan<byte> data)
    {
        try
        {
            writer.Write(data);
            unflushed += data.Length;
        }
        catch (Exception exception)
        {
            throw Gone(exception);
        }
    }

    private async ValueTask FinishFlushAsync(ValueTask<FlushResult> flushing)
    {
        try
        {
            if ((await flushing.ConfigureAwait(false)).IsCompleted)
            {
                throw Gone(null);
            }
        }
        catch (Exception exception) when (exception is not ChannelException)
        {
            throw Gone(exception);
        }
        finally
        {
            await Loop.SwitchTo();
        }
    }

    /// <summary>The next segment of what was read; when there is none, what was handed out is given back.</summary>
    private bool TryTakeUnread(out ReadOnlyMemory<byte> slice)
    {
        if (!unread.IsEmpty)
        {
            slice = unread.First;
            unread = unread.Slice(slice.Length);
            RequestBodyBytes += slice.Length;
            return true;
        }

        slice = default;
        if (isReading)
        {
            isReading = false;
            reader.AdvanceTo(unread.End);
        }

        return false;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadMoreAsync()
    {
        // A call is silent while both sides of it think; any other body has to keep coming.
        var limit = isStreaming ? default : Loop.StartTimer(pace.Allowance(Request.Client.Limits ?? engine.Limits), static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        var began = Loop.Now;
        try
        {
            while (true)
            {
                var result = await ReadAsync().ConfigureAwait(false);
                isReading = true;
                unread = result.Buffer;
                pace.Add(Loop.Now - began, (int)unread.Length);
                began = Loop.Now;
                if (result.IsCanceled)
                {
                    throw new BadMessageException(StatusCodes.Status408RequestTimeout, "the request's body came too slowly");
                }

                if (TryTakeUnread(out var slice))
                {
                    return slice;
                }

                if (result.IsCompleted)
                {
                    isRequestComplete = true;
                    ReadTrailers();
                    return default;
                }
            }
        }
        finally
        {
            limit.Cancel();
        }
    }

    private async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            return await reader.ReadAsync().ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            throw new BadMessageException(exception.StatusCode, exception.Message);
        }
        catch (Exception exception)
        {
            throw Gone(exception);
        }
        finally
        {
            await Loop.SwitchTo();
        }
    }

    private void ReadTrailers()
    {
        if (features.Get<IHttpRequestTrailersFeature>() is { Available: true } trailers)
        {
            Http2Fields.TryRead(trailers.Trailers, RequestTrailers);
        }
    }

    /// <summary>Tells the exchange, on its loop, that the client left; unless it serves another request by then.</summary>
    private sealed class ClientWatch(Http2Exchange exchange, int generation)
    {
        internal void OnAborted() => exchange.Loop.Post(static watch => ((ClientWatch)watch!).Tell(), this);

        private void Tell()
        {
            if (exchange.generation == generation)
            {
                exchange.SignalClientGone();
            }
        }
    }
}
