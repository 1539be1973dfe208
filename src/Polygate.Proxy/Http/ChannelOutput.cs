using System.Runtime.CompilerServices;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>
/// What is sent on a channel: small pieces are gathered in a buffer, large ones go out behind it without being copied. What is gathered goes out
/// at the end of the loop's turn: everything of a connection at once, and connection after connection, so that the system's part of sending stays
/// in the processor's caches. The buffer is held only while there is something in it. With a pace, the other side has to take what waits as fast as
/// <see cref="HttpLimits.MinimumResponseRate"/> says, or the channel is broken.
/// </summary>
internal sealed class ChannelOutput(Channel channel, HttpLimits? pace = null)
{
    /// <summary>Up to this size copying is cheaper than another element in a system call.</summary>
    private const int CopyLimit = 4 * 1024;

    private byte[]? buffer;
    private int length;

    /// <summary>A send that nobody waits for, since the turn had ended before it could; null when there is none.</summary>
    private Task? background;

    private ChannelException? failure;
    private bool isScheduled;
    private bool isSending;

    /// <summary>How many bytes are kept.</summary>
    public int Length => length;

    /// <summary>Whether everything was handed to the channel, and taken by it.</summary>
    public bool IsEmpty => length == 0 && !isSending;

    /// <summary>Whether nothing that is written arrives any more.</summary>
    public bool HasFailed => failure is not null;

    /// <summary>Room for at least this many bytes; what is written there counts after <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (buffer is null)
        {
            buffer = BufferPool.Rent(size);
        }
        else if (buffer.Length - length < size)
        {
            var larger = BufferPool.Rent(Math.Max(buffer.Length * 2, length + size));
            buffer.AsSpan(0, length).CopyTo(larger);
            BufferPool.Return(buffer);
            buffer = larger;
        }

        return buffer.AsSpan(length);
    }

    public void Advance(int bytes) => length += bytes;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        length += bytes.Length;
    }

    /// <summary>Whether <see cref="WriteAsync"/> would only copy.</summary>
    public bool Fits(int bytes) => bytes <= CopyLimit && length + bytes <= (buffer?.Length ?? BufferPool.Standard);

    /// <summary>Sends, or keeps a copy of a small piece. It is free when this completes.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        if (Fits(data.Length))
        {
            Write(data.Span);
            return default;
        }

        return SendAsync(data);
    }

    /// <summary>
    /// Has what is kept go out at the end of the loop's turn. Completes at once, unless the other side has not yet taken what was sent before.
    /// </summary>
    /// <exception cref="ChannelException">Sending has failed, now or in the background.</exception>
    public ValueTask FlushAsync()
    {
        if (failure is not null)
            return ValueTask.FromException(failure);

        if (background is not null)
            return SendBehindAsync(default);

        Schedule();
        return default;
    }

    /// <summary>Sends what is kept; completes when the channel has taken all of it.</summary>
    /// <exception cref="ChannelException">Sending has failed, now or in the background.</exception>
    public ValueTask SendAllAsync() =>
        length > 0 || background is not null ? SendAsync(default)
        : failure is not null ? ValueTask.FromException(failure)
        : default;

    /// <summary>Has what is kept go out at the end of the loop's turn, or after what is being sent.</summary>
    public void Schedule()
    {
        if (length == 0 || isScheduled || isSending)
            return;

        isScheduled = true;
        channel.Loop.Schedule(static output => ((ChannelOutput)output!).SendInBackground(), this);
    }

    /// <summary>Sends what is kept as far as it goes now; the rest follows by itself.</summary>
    public void SendInBackground()
    {
        isScheduled = false;
        if (length == 0 || isSending || failure is not null)
            return;

        try
        {
            var sending = SendNowAsync(default);
            if (sending.IsCompletedSuccessfully)
                sending.GetAwaiter().GetResult();
            else
                background = FinishInBackgroundAsync(sending);
        }
        catch (ChannelException exception)
        {
            Fail(exception);
        }
    }

    /// <summary>Gives up what is kept. The channel is closed by its owner.</summary>
    public void Close()
    {
        if (buffer is not null)
            BufferPool.Return(buffer);

        buffer = null;
        length = 0;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> data) =>
        failure is not null ? ValueTask.FromException(failure)
        : background is not null ? SendBehindAsync(data)
        : SendNowAsync(data);

    private ValueTask SendNowAsync(ReadOnlyMemory<byte> data)
    {
        var sending = length == 0 ? channel.SendAsync(data)
            : data.IsEmpty ? channel.SendAsync(buffer.AsMemory(0, length))
            : channel.SendAsync(buffer.AsMemory(0, length), data);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending, length + data.Length);

        sending.GetAwaiter().GetResult();
        Close();
        return default;
    }

    /// <summary>What is written meanwhile (100 Continue) goes into another buffer, and out when this is done.</summary>
    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask sending, int bytes)
    {
        var limit = pace is { MinimumResponseRate: > 0 } limits
            ? channel.Loop.StartTimer(
                limits.RateGracePeriod + TimeSpan.FromSeconds((double)bytes / limits.MinimumResponseRate),
                static channel => ((Channel)channel!).Abort(),
                channel)
            : default;
        var sent = buffer;
        buffer = null;
        length = 0;
        isSending = true;
        try
        {
            await sending;
        }
        finally
        {
            limit.Cancel();
            isSending = false;
            if (sent is not null)
                BufferPool.Return(sent);
        }

        Schedule();
    }

    private async Task FinishInBackgroundAsync(ValueTask sending)
    {
        try
        {
            await sending;
        }
        catch (ChannelException exception)
        {
            Fail(exception);
        }

        background = null;
    }

    /// <summary>Whoever sends next is told; whoever receives learns of it in the channel's own way.</summary>
    private void Fail(ChannelException exception)
    {
        failure = exception;
        Close();
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask SendBehindAsync(ReadOnlyMemory<byte> data)
    {
        while (background is { } before)
            await before;

        await SendAsync(data);
    }
}
