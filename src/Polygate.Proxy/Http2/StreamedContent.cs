using System.Net;

namespace Polygate.Proxy.Http2;

/// <summary>A request's body that is pushed: .NET's client opens the stream, the exchange writes to it.</summary>
internal sealed class StreamedContent(long? length) : HttpContent
{
    private readonly TaskCompletionSource<Stream> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int opens;

    /// <summary>Where to write, once the head was sent.</summary>
    internal Task<Stream> Stream => opened.Task;

    /// <summary>The body is complete.</summary>
    internal void End() => ended.TrySetResult();

    /// <summary>The request failed before its body was asked for.</summary>
    internal void Fail(Exception exception)
    {
        if (opened.TrySetException(exception))
        {
            // Whoever writes sees it; if nobody does, nobody needs to.
            _ = opened.Task.Exception;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref opens) > 1)
        {
            throw new InvalidOperationException("The body was sent already and is gone.");
        }

        // The head goes out now: the answer may come before the body.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        opened.TrySetResult(stream);
        await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length ?? 0;
        return length is not null;
    }
}
