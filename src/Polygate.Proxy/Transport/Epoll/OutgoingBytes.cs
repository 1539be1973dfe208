namespace Polygate.Proxy.Transport;

/// <summary>What of a send is still to go out: two pieces, one after the other.</summary>
internal unsafe struct OutgoingBytes(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
{
    private ReadOnlyMemory<byte> first = first;
    private ReadOnlyMemory<byte> second = second;

    public readonly int Length => first.Length + second.Length;

    /// <summary>One system call with everything that is left; how much went, or negative when it failed.</summary>
    public readonly nint SendOnce(int descriptor)
    {
        fixed (byte* one = first.Span, two = second.Span)
        {
            if (second.Length == 0)
            {
                return Libc.Send(descriptor, one, (nuint)first.Length, Libc.MsgNoSignal);
            }

            if (first.Length == 0)
            {
                return Libc.Send(descriptor, two, (nuint)second.Length, Libc.MsgNoSignal);
            }

            var vectors = stackalloc Libc.IoVector[2];
            vectors[0] = new Libc.IoVector { Base = one, Length = (nuint)first.Length };
            vectors[1] = new Libc.IoVector { Base = two, Length = (nuint)second.Length };
            var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = 2 };
            return Libc.SendMessage(descriptor, &message, Libc.MsgNoSignal);
        }
    }

    /// <summary>So many bytes went out.</summary>
    public void Advance(int count)
    {
        var fromFirst = Math.Min(count, first.Length);
        first = first[fromFirst..];
        second = second[(count - fromFirst)..];
    }
}
