using System.Runtime.CompilerServices;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

#pragma warning disable CA2012 // A read is begun, what was kept back is flushed, then the read is awaited: once.

namespace Polygate.Proxy.Forwarding;

/// <summary>Sends an answer's body that is compressed on the way, or held back to a rate. One slice is worked on at a time.</summary>
internal static class ShapedBody
{
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public static async ValueTask SendAsync(HttpExchange exchange, UpstreamExchange upstream, BandwidthLimit? limit)
    {
        var state = exchange.State;
        var began = exchange.Loop.Now;
        while (!upstream.IsResponseComplete)
        {
            var reading = upstream.ReadResponseAsync();
            if (!reading.IsCompleted)
                await FlushAsync(exchange, upstream, reading);

            var slice = await reading;
            if (slice.IsEmpty)
                break;

            var data = state.Encoder is { } encoder ? encoder.Encode(slice.Span) : slice;
            state.IsSending = true;
            if (!data.IsEmpty)
                await exchange.WriteResponseAsync(data);

            if (limit?.WaitAfter(exchange.ResponseBodyBytes, exchange.Loop.Now - began) is { Ticks: > 0 } wait)
            {
                await exchange.FlushResponseAsync();
                await exchange.Loop.DelayAsync(wait);
            }

            state.IsSending = false;
        }

        state.Times.Ended(exchange.Loop.Now);
        state.IsSending = true;
        await exchange.CompleteResponseAsync(state.Encoder is { } ended ? ended.End(default) : default);
    }

    /// <summary>What there is goes out before the wait, as it would without compression; should that fail, the wait is ended too.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask FlushAsync(HttpExchange exchange, UpstreamExchange upstream, ValueTask<ReadOnlyMemory<byte>> reading)
    {
        try
        {
            exchange.State.IsSending = true;
            if (exchange.State.Encoder?.Flush() is { IsEmpty: false } ready)
                await exchange.WriteResponseAsync(ready);

            await exchange.FlushResponseAsync();
            exchange.State.IsSending = false;
        }
        catch
        {
            upstream.Abort();
            await RequestPump.IgnoreAsync(reading);
            throw;
        }
    }
}
