using Polygate.Proxy.Http;

namespace Polygate.Proxy.Http2.Client;

/// <summary>What was received of a body and not yet read: as much as the stream's window allows, in buffers of the loop.</summary>
internal sealed class ReceivedBody
{
    private readonly Queue<(byte[] Buffer, int Length)> full = new();
    private byte[]? last;
    private int lastLength;
    private byte[]? lent;

    public bool IsEmpty => full.Count == 0 && lastLength == 0;

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            last ??= BufferPool.Rent(BufferPool.Standard);
            var count = Math.Min(data.Length, last.Length - lastLength);
            data[..count].CopyTo(last.AsSpan(lastLength));
            lastLength += count;
            data = data[count..];
            if (lastLength == last.Length)
            {
                full.Enqueue((last, lastLength));
                last = null;
                lastLength = 0;
            }
        }
    }

    /// <summary>The next slice; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        GiveBack();
        if (!full.TryDequeue(out var slice))
        {
            slice = (last!, lastLength);
            last = null;
            lastLength = 0;
        }

        lent = slice.Buffer;
        return slice.Buffer.AsMemory(0, slice.Length);
    }

    /// <summary>Gives every buffer back.</summary>
    public void Clear()
    {
        GiveBack();
        while (full.TryDequeue(out var slice))
            BufferPool.Return(slice.Buffer);

        if (last is not null)
            BufferPool.Return(last);

        last = null;
        lastLength = 0;
    }

    private void GiveBack()
    {
        if (lent is not null)
            BufferPool.Return(lent);

        lent = null;
    }
}
