using System.Runtime.CompilerServices;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

#pragma warning disable CA2012 // A read is begun, what was kept back is flushed, then the read is awaited: once.

namespace Polygate.Proxy.Forwarding;

/// <summary>Moves a request's body to the backend while the answer is already being read.</summary>
internal static class RequestPump
{
    /// <summary>
    /// Ends without failing: what is wrong with the request is left in <see cref="ExchangeState.RequestFailure"/> and breaks the attempt; when the backend
    /// takes no more, its answer tells why.
    /// </summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public static async ValueTask RunAsync(HttpExchange exchange, UpstreamExchange upstream, BodyLimits limits)
    {
        try
        {
            await MoveAsync(exchange, upstream, limits);
        }
        catch (BadMessageException exception)
        {
            exchange.State.RequestFailure = GatewayReplies.For(exception.Status);
            upstream.Abort();
        }
        catch (ChannelException)
        {
            if (exchange.IsClientGone)
                upstream.Abort();
        }
    }

    /// <summary>Waits for the end of something that was given up.</summary>
    public static async ValueTask IgnoreAsync(ValueTask<ReadOnlyMemory<byte>> reading)
    {
        try
        {
            await reading;
        }
        catch (IOException)
        {
            // Given up: how it ends does not matter.
        }
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask MoveAsync(HttpExchange exchange, UpstreamExchange upstream, BodyLimits limits)
    {
        if (!exchange.State.Body.IsEmpty)
            await upstream.WriteRequestAsync(exchange.State.Body);

        while (true)
        {
            var reading = exchange.ReadRequestAsync();
            if (!reading.IsCompleted)
            {
                try
                {
                    await upstream.FlushRequestAsync();
                }
                catch
                {
                    // The read cannot be taken back: it ends with the client's next bytes.
                    await IgnoreAsync(reading);
                    throw;
                }
            }

            var slice = await reading;
            if (limits.Exceeded(exchange) is { } refusal)
            {
                exchange.State.RequestFailure = refusal;
                upstream.Abort();
                return;
            }

            if (slice.IsEmpty)
            {
                await upstream.CompleteRequestAsync(default, exchange.RequestTrailers);
                return;
            }

            if (exchange.IsRequestComplete)
            {
                await upstream.CompleteRequestAsync(slice, exchange.RequestTrailers);
                await exchange.ReadRequestAsync();
                return;
            }

            await upstream.WriteRequestAsync(slice);
        }
    }
}
