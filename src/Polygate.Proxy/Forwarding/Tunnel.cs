using System.Runtime.CompilerServices;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

#pragma warning disable CA2012 // A read is begun, what was kept back is flushed, then the read is awaited: once.

namespace Polygate.Proxy.Forwarding;

/// <summary>Moves the bytes of another protocol (WebSocket) both ways, after both sides have switched to it.</summary>
internal static class Tunnel
{
    /// <summary>Ends when both directions have ended, or one of them broke.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    public static async ValueTask RunAsync(HttpExchange exchange, UpstreamExchange upstream)
    {
        var activity = new Activity();
        var up = MoveUpAsync(exchange, upstream, activity);
        await MoveDownAsync(exchange, upstream, activity);
        await up;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask MoveUpAsync(HttpExchange exchange, UpstreamExchange upstream, Activity activity)
    {
        try
        {
            while (true)
            {
                var seen = activity.Count;
                try
                {
                    var reading = exchange.ReadRequestAsync();
                    if (!reading.IsCompleted)
                        await FlushAsync(upstream.FlushRequestAsync(), reading, exchange, upstream);

                    var slice = await reading;
                    activity.Count++;
                    if (slice.IsEmpty)
                        break;

                    await upstream.WriteRequestAsync(slice);
                }
                catch (ChannelException exception) when (exception.Error == ChannelError.TimedOut && activity.Count != seen)
                {
                    // Silent, but the other direction is not.
                }
            }

            await upstream.CompleteRequestAsync(default, exchange.RequestTrailers);
        }
        catch (IOException)
        {
            Break(exchange, upstream);
        }
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask MoveDownAsync(HttpExchange exchange, UpstreamExchange upstream, Activity activity)
    {
        try
        {
            while (true)
            {
                var seen = activity.Count;
                try
                {
                    var reading = upstream.ReadResponseAsync();
                    if (!reading.IsCompleted)
                        await FlushAsync(exchange.FlushResponseAsync(), reading, exchange, upstream);

                    var slice = await reading;
                    activity.Count++;
                    if (slice.IsEmpty)
                        break;

                    await exchange.WriteResponseAsync(slice);
                }
                catch (ChannelException exception) when (exception.Error == ChannelError.TimedOut && activity.Count != seen)
                {
                    // Silent, but the other direction is not.
                }
            }

            await exchange.CompleteResponseAsync(default);
        }
        catch (IOException)
        {
            Break(exchange, upstream);
        }
    }

    /// <summary>What was kept back goes out before the wait; should that fail, the wait is ended too.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask FlushAsync(
        ValueTask flushing, ValueTask<ReadOnlyMemory<byte>> reading, HttpExchange exchange, UpstreamExchange upstream)
    {
        try
        {
            await flushing;
        }
        catch
        {
            Break(exchange, upstream);
            await RequestPump.IgnoreAsync(reading);
            throw;
        }
    }

    private static void Break(HttpExchange exchange, UpstreamExchange upstream)
    {
        exchange.Abort();
        upstream.Abort();
    }

    /// <summary>Counts what moves, in either direction.</summary>
    private sealed class Activity
    {
        public long Count { get; set; }
    }
}
