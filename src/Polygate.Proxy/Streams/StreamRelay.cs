using System.Runtime.CompilerServices;
using Polygate.Proxy.Http;
using Polygate.Proxy.Transport;

#pragma warning disable CA2012 // One direction is begun, the other awaited, then the first: each once.

namespace Polygate.Proxy.Streams;

/// <summary>
/// Moves bytes both ways between a client and a backend on one loop until both have finished or one breaks. The end of one direction
/// is passed on as such, the other goes on; a reset is passed on as a reset. What one side does not take is not read from the other: a
/// connection holds one buffer a direction at most, and none while nothing is in flight.
/// </summary>
internal sealed class StreamRelay
{
    private readonly Channel client;
    private readonly Channel upstream;
    private readonly long idleLimit;
    private readonly long halfCloseLimit;
    private LoopTimer watch;
    private long lastMove;
    private int finished;
    private bool isBroken;

    /// <param name="client">Stays its owner's.</param>
    /// <param name="upstream">Stays its owner's.</param>
    /// <param name="idle">How long nothing may move; zero for ever.</param>
    /// <param name="halfClose">The same once one side has finished.</param>
    internal StreamRelay(Channel client, Channel upstream, TimeSpan idle, TimeSpan halfClose)
    {
        this.client = client;
        this.upstream = upstream;
        idleLimit = Limit(idle);
        halfCloseLimit = Limit(halfClose);
    }

    /// <summary>From the client.</summary>
    internal long BytesReceived { get; private set; }

    /// <summary>To the client.</summary>
    internal long BytesSent { get; private set; }

    /// <summary>Why it ended, where neither side simply finished; empty otherwise.</summary>
    internal string Reason { get; private set; } = "";

    /// <summary>Completes when nothing moves any more. Never fails.</summary>
    /// <param name="received">What the client has sent already.</param>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    internal async ValueTask RunAsync(ReadOnlyMemory<byte> received)
    {
        lastMove = client.Loop.Now;
        Watch(idleLimit);
        var up = MoveAsync(client, upstream, isUp: true, received);
        await MoveAsync(upstream, client, isUp: false, default);
        await up;
        watch.Cancel();
    }

    private static long Limit(TimeSpan time) => time <= TimeSpan.Zero ? long.MaxValue : (long)time.TotalMilliseconds;

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask MoveAsync(Channel from, Channel to, bool isUp, ReadOnlyMemory<byte> received)
    {
        var isSending = true;
        try
        {
            if (received.Length > 0)
            {
                await to.SendAsync(received);
                Count(isUp, received.Length);
            }

            var size = BufferPool.Standard;
            while (true)
            {
                isSending = false;
                await from.WaitToReceiveAsync();
                var buffer = BufferPool.Rent(size);
                try
                {
                    var count = await from.ReceiveAsync(buffer);
                    if (count == 0)
                    {
                        break;
                    }

                    lastMove = client.Loop.Now;
                    isSending = true;
                    await to.SendAsync(buffer.AsMemory(0, count));
                    Count(isUp, count);
                    size = count == buffer.Length ? BufferPool.Large : BufferPool.Standard;
                }
                finally
                {
                    BufferPool.Return(buffer);
                }
            }

            isSending = true;
            await to.ShutdownSendAsync();
            Finish();
        }
        catch (IOException exception)
        {
            Break(from, to, isUp, isSending, exception);
        }
    }

    private void Count(bool isUp, int bytes)
    {
        lastMove = client.Loop.Now;
        if (isUp)
        {
            BytesReceived += bytes;
        }
        else
        {
            BytesSent += bytes;
        }
    }

    /// <summary>One direction is done; the other may take its time.</summary>
    private void Finish()
    {
        finished++;
        if (finished == 1 && halfCloseLimit != idleLimit && !isBroken)
        {
            lastMove = client.Loop.Now;
            watch.Cancel();
            Watch(halfCloseLimit);
        }
    }

    /// <summary>
    /// A side that cannot be sent to may still have said something (an answer that came before the reset): that is passed on first, and
    /// the other direction ends by itself.
    /// </summary>
    private void Break(Channel from, Channel to, bool isUp, bool isSending, Exception exception)
    {
        if (isBroken)
        {
            return;
        }

        if (Reason.Length == 0)
        {
            Reason = (isSending == isUp ? "backend" : "client") + (exception is ChannelException { Error: ChannelError.TimedOut } ? "-timeout" : "-reset");
        }

        if (isSending)
        {
            Finish();
            return;
        }

        isBroken = true;
        from.Abort();
        to.Abort();
    }

    private void Watch(long limit)
    {
        if (limit != long.MaxValue)
        {
            var left = Math.Max(0, lastMove + limit - client.Loop.Now);
            watch = client.Loop.StartTimer(TimeSpan.FromMilliseconds(left), static relay => ((StreamRelay)relay!).OnTimer(), this);
        }
    }

    private void OnTimer()
    {
        var limit = finished == 0 ? idleLimit : halfCloseLimit;
        if (limit == long.MaxValue || client.Loop.Now - lastMove < limit)
        {
            Watch(limit);
            return;
        }

        // Both sides see an end; what they still wait for fails here.
        Reason = Reason.Length == 0 ? "idle-timeout" : Reason;
        isBroken = true;
        client.Dispose();
        upstream.Dispose();
    }
}
