using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http2;

/// <summary>
/// A request to an endpoint over HTTP/2 and its answer, by .NET's HTTP client. Used on the loop; what the client
/// completes on its threads comes back here before anyone sees it. Request trailers are not sent on: the client has no
/// way to (a proxy may drop them, RFC 9110 section 6.5.1).
/// </summary>
internal sealed class Http2UpstreamExchange(EventLoop loop, HttpMessageInvoker invoker, string origin, HttpRequestOptions tag)
    : UpstreamExchange, IDisposable
{
    private const int ReadSize = 16 * 1024;
    private const int BadGateway = 502;

    private readonly CancellationTokenSource aborted = new();
    private HttpRequestMessage? request;
    private StreamedContent? content;
    private Task<HttpResponseMessage>? sending;
    private HttpResponseMessage? response;
    private Stream? body;
    private HeaderTable? trailers;
    private byte[]? buffer;
    private long? responseLength;
    private bool isResponseComplete;
    private bool isRequestComplete;
    private bool isUnflushed;
    private bool isExpired;

    /// <summary>The client sends again by itself what a connection that went away did not take.</summary>
    public override bool IsReused => false;

    public override bool ResponseBegun => response is not null;

    public override long? ResponseLength => responseLength;

    public override bool IsResponseComplete => isResponseComplete;

    public override void StartRequest(RequestHead head, ReadOnlySpan<byte> authority, long? length, ReadOnlySpan<byte> upgrade)
    {
        request = new HttpRequestMessage(new HttpMethod(Encoding.Latin1.GetString(head.Method)), Target(head))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (var option in tag)
        {
            ((IDictionary<string, object?>)request.Options).Add(option);
        }

        if (length != 0)
        {
            request.Content = content = new StreamedContent(length);
        }

        isRequestComplete = length == 0;
        request.Headers.Host = Encoding.Latin1.GetString(authority);
        AddFields(head);
    }

    public override ValueTask WriteRequestAsync(ReadOnlyMemory<byte> data) => data.IsEmpty ? FlushRequestAsync() : WriteAsync(data);

    public override ValueTask FlushRequestAsync()
    {
        _ = Send();
        return isUnflushed ? FlushAsync() : default;
    }

    public override async ValueTask CompleteRequestAsync(ReadOnlyMemory<byte> last, HeaderTable requestTrailers)
    {
        _ = Send();
        if (last.Length > 0)
        {
            await WriteAsync(last).ConfigureAwait(false);
        }

        isRequestComplete = true;
        isUnflushed = false;
        content?.End();
    }

    public override async ValueTask ReadHeadAsync(ResponseHead head, HeaderTable responseTrailers)
    {
        response = await OnLoopAsync(Send()).ConfigureAwait(false);
        trailers = responseTrailers;
        head.Clear();
        responseTrailers.Clear();
        head.Status = (int)response.StatusCode;
        Read(response.Headers.NonValidated, head.Headers);
        Read(response.Content.Headers.NonValidated, head.Headers);
        var hasNoBody = request!.Method == HttpMethod.Head || head.Status is 204 or 304;
        responseLength = hasNoBody ? 0 : response.Content.Headers.ContentLength;
        isResponseComplete = responseLength == 0 && hasNoBody;
    }

    public override async ValueTask<ReadOnlyMemory<byte>> ReadResponseAsync()
    {
        if (isResponseComplete)
        {
            return default;
        }

        body ??= response!.Content.ReadAsStream();
        buffer ??= ArrayPool<byte>.Shared.Rent(ReadSize);
        var reading = body.ReadAsync(buffer, aborted.Token);
        var count = reading.IsCompletedSuccessfully ? reading.Result : await OnLoopAsync(reading.AsTask()).ConfigureAwait(false);
        if (count > 0)
        {
            return buffer.AsMemory(0, count);
        }

        isResponseComplete = true;
        Read(response!.TrailingHeaders.NonValidated, trailers!);
        return default;
    }

    public override void Abort() => aborted.Cancel();

    public void Dispose() => Release();

    public override void Release()
    {
        if (!isResponseComplete || !isRequestComplete)
        {
            aborted.Cancel();
        }

        content?.End();
        response?.Dispose();
        request?.Dispose();
        aborted.Dispose();
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private Uri Target(RequestHead head)
    {
        var path = Encoding.Latin1.GetString(head.Path);
        var query = head.HasQuery ? "?" + Encoding.Latin1.GetString(head.Query) : "";

        // The path is sent as it is: it was normalised once, and what is left of escapes is meant.
        return new Uri(
            origin + (path == "*" ? "/" : path) + query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    private void AddFields(RequestHead head)
    {
        var fields = head.Headers;
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields.Known(i) is var known && known != KnownHeader.Unknown && (KnownHeaders.NotForwarded & KnownHeaders.Mask(known)) != 0)
            {
                continue;
            }

            var name = Encoding.Latin1.GetString(fields.Name(i));
            var value = Encoding.Latin1.GetString(fields.Value(i));
            if (!request!.Headers.TryAddWithoutValidation(name, value))
            {
                // A field that .NET keeps with the body, on a request that may have none.
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        // gRPC servers insist on it; it says that we take trailers, which is so.
        if (fields.IndexOf(KnownHeader.Te) is var te and >= 0 && fields.Value(te).IndexOf("trailers"u8) >= 0)
        {
            request!.Headers.TryAddWithoutValidation("TE", "trailers");
        }
    }

    private Task<HttpResponseMessage> Send() => sending ??= SendAsync();

    private async Task<HttpResponseMessage> SendAsync()
    {
        try
        {
            return await invoker.SendAsync(request!, aborted.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            content?.Fail(exception);
            throw;
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        _ = Send();
        var stream = await OnLoopAsync(content!.Stream).ConfigureAwait(false);
        isUnflushed = true;
        var writing = stream.WriteAsync(data, aborted.Token);
        if (!writing.IsCompletedSuccessfully)
        {
            await OnLoopAsync(ThenNothing(writing.AsTask())).ConfigureAwait(false);
        }
    }

    private async ValueTask FlushAsync()
    {
        isUnflushed = false;
        var stream = await OnLoopAsync(content!.Stream).ConfigureAwait(false);
        await OnLoopAsync(ThenNothing(stream.FlushAsync(aborted.Token))).ConfigureAwait(false);
    }

    private static async Task<bool> ThenNothing(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Waits for something of the client's, for so long as the endpoint may be silent, and comes back to the loop.</summary>
    private async ValueTask<T> OnLoopAsync<T>(Task<T> task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return await task.ConfigureAwait(false);
        }

        var limit = loop.StartTimer(IdleTimeout, static exchange => ((Http2UpstreamExchange)exchange!).Expire(), this);
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw Translate(exception);
        }
        finally
        {
            await loop.SwitchTo();
            limit.Cancel();
        }
    }

    private void Expire()
    {
        isExpired = true;
        aborted.Cancel();
    }

    private Exception Translate(Exception exception)
    {
        if (isExpired)
        {
            return new ChannelException(ChannelError.TimedOut, "The endpoint was silent for too long.", exception);
        }

        return exception switch
        {
            BadMessageException or ChannelException => exception,
            { InnerException: UpstreamOverloadedException } => new ChannelException(ChannelError.ConnectFailed, exception.InnerException.Message, exception),
            { InnerException: ChannelException } => exception.InnerException,
            OperationCanceledException { InnerException: TimeoutException } =>
                new ChannelException(ChannelError.ConnectFailed, "Connecting took too long.", exception),
            OperationCanceledException => new ChannelException(ChannelError.Aborted, "The exchange was aborted.", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError } =>
                new ChannelException(ChannelError.ConnectFailed, exception.Message, exception),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse } =>
                new BadMessageException(BadGateway, exception.Message),
            _ => new ChannelException(ChannelError.Reset, exception.Message, exception),
        };
    }

    private static void Read(HttpHeadersNonValidated fields, HeaderTable table)
    {
        foreach (var (name, values) in fields)
        {
            foreach (var value in values)
            {
                if (!Http2Fields.TryAdd(table, name, value))
                {
                    throw new BadMessageException(BadGateway, $"The answer's field {name} is malformed.");
                }
            }
        }
    }
}
