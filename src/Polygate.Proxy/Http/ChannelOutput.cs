using System.Runtime.CompilerServices;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Http;

/// <summary>
/// What is sent on a channel: small pieces are gathered in a buffer, large ones go out behind it without being copied. The buffer is held only
/// while there is something in it.
/// </summary>
internal sealed class ChannelOutput(Channel channel)
{
    /// <summary>Up to this size copying is cheaper than another element in a system call.</summary>
    private const int CopyLimit = 4 * 1024;

    private byte[]? buffer;
    private int length;

    /// <summary>A send that bypasses the buffer (100 Continue) and that has to end before the next; null for none.</summary>
    public Task? Barrier { get; set; }

    /// <summary>How many bytes are kept.</summary>
    public int Length => length;

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

    /// <summary>Sends what is kept.</summary>
    public ValueTask FlushAsync() => length == 0 ? default : SendAsync(default);

    public void Close()
    {
        if (buffer is not null)
            BufferPool.Return(buffer);

        buffer = null;
        length = 0;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        if (Barrier is { IsCompleted: false })
            return SendBehindBarrierAsync(data);

        var sending = length == 0 ? channel.SendAsync(data)
            : data.IsEmpty ? channel.SendAsync(buffer.AsMemory(0, length))
            : channel.SendAsync(buffer.AsMemory(0, length), data);
        if (!sending.IsCompletedSuccessfully)
            return FinishAsync(sending);

        sending.GetAwaiter().GetResult();
        Close();
        return default;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask sending)
    {
        await sending;
        Close();
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask SendBehindBarrierAsync(ReadOnlyMemory<byte> data)
    {
        await Barrier!;
        Barrier = null;
        await SendAsync(data);
    }
}
