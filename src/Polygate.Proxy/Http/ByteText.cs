namespace Polygate.Proxy.Http;

/// <summary>A piece of text in a buffer of its own that grows and is reused.</summary>
internal struct ByteText
{
    private byte[]? buffer;
    private int length;

    public readonly ReadOnlySpan<byte> Span => buffer.AsSpan(0, length);

    public void Set(ReadOnlySpan<byte> value)
    {
        if (buffer is null || buffer.Length < value.Length)
        {
            // A value taken from this very text must survive the move.
            var larger = new byte[Math.Max(64, value.Length)];
            value.CopyTo(larger);
            buffer = larger;
        }
        else
        {
            value.CopyTo(buffer);
        }

        length = value.Length;
    }

    public void Clear() => length = 0;
}
