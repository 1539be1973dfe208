namespace Polygate.Proxy.Http;

/// <summary>
/// Takes a message's body out of what is received after its head (RFC 9112 sections 6 and 7): of a given length, chunked, or up to the end
/// of the connection. Strict: a chunk header that is not exactly one is an error.
/// </summary>
internal struct BodyDecoder
{
    /// <summary>All chunk extensions of one body together; nothing reads them.</summary>
    private const int MaximumExtensionBytes = 16 * 1024;

    /// <summary>A client's chunk is no larger than 2 GiB, and no longer to write. Backends are believed more.</summary>
    private const int MaximumSizeDigits = 8;
    private const int MaximumAnswerSizeDigits = 15;

    private State state;
    private long remaining;
    private int sizeDigits;
    private int extensionBytes;
    private readonly HeaderTable? trailers;
    private readonly HttpLimits? limits;
    private readonly bool isAnswer;

    private BodyDecoder(State state, long remaining = 0, HeaderTable? trailers = null, HttpLimits? limits = null, bool isAnswer = false)
    {
        this.state = state;
        this.remaining = remaining;
        this.trailers = trailers;
        this.limits = limits;
        this.isAnswer = isAnswer;
    }

    private enum State
    {
        Ended,
        Length,
        UntilEnd,
        Size,
        Extension,
        SizeLineFeed,
        Data,
        DataReturn,
        DataLineFeed,
        Trailers,
    }

    /// <summary>The body is over.</summary>
    public readonly bool IsEnded => state == State.Ended;

    /// <summary>The end of the connection is the end of the body.</summary>
    public readonly bool EndsWithConnection => state == State.UntilEnd;

    /// <summary>Bytes still to come of a body of known length.</summary>
    public readonly long Remaining => state == State.Length ? remaining : 0;

    public static BodyDecoder None() => default;

    public static BodyDecoder OfLength(long length) => length == 0 ? default : new(State.Length, length);

    public static BodyDecoder UntilConnectionEnds() => new(State.UntilEnd);

    public static BodyDecoder Chunked(HeaderTable trailers, HttpLimits limits) => new(State.Size, 0, trailers, limits);

    public static BodyDecoder ChunkedAnswer(HeaderTable trailers, HttpLimits limits) => new(State.Size, 0, trailers, limits, isAnswer: true);

    /// <summary>
    /// Looks at what has been received: <paramref name="skip"/> bytes of framing are done with, then <paramref name="length"/> bytes of the body
    /// follow, which count as taken. No bytes of the body: it is over, or more must be received.
    /// </summary>
    /// <exception cref="BadMessageException">The framing is broken (400).</exception>
    public void Decode(ReadOnlySpan<byte> received, out int skip, out int length)
    {
        skip = 0;
        length = 0;
        switch (state)
        {
            case State.Ended:
                return;
            case State.UntilEnd:
                length = received.Length;
                return;
            case State.Length:
                length = (int)Math.Min(remaining, received.Length);
                remaining -= length;
                if (remaining == 0)
                    state = State.Ended;

                return;
        }

        while (skip < received.Length && state is not (State.Data or State.Trailers))
            TakeFraming(received[skip++]);

        if (state == State.Data)
        {
            length = (int)Math.Min(remaining, received.Length - skip);
            remaining -= length;
            if (remaining == 0)
                state = State.DataReturn;
        }
        else if (state == State.Trailers)
        {
            skip += TakeTrailers(received[skip..]);
        }
    }

    /// <summary>
    /// After a slice of a chunked body: whether what follows it is the plain end of the body. Known with the last slice, the end can travel with
    /// it.
    /// </summary>
    public bool TryEnd(ReadOnlySpan<byte> following, out int skip)
    {
        skip = 0;
        if (state != State.DataReturn || !following.StartsWith("\r\n0\r\n\r\n"u8))
            return false;

        skip = 7;
        state = State.Ended;
        return true;
    }

    private void TakeFraming(byte value)
    {
        switch (state)
        {
            case State.Size when char.IsAsciiHexDigit((char)value):
                remaining = (remaining << 4) + (value <= '9' ? value - '0' : (value | 0x20) - 'a' + 10);
                if (++sizeDigits > (isAnswer ? MaximumAnswerSizeDigits : MaximumSizeDigits) || (remaining > int.MaxValue && !isAnswer))
                    throw Broken("a chunk size that is too large");

                break;
            case State.Size when sizeDigits > 0 && value == ';':
                state = State.Extension;
                break;
            case State.Size when sizeDigits > 0 && value == '\r':
            case State.Extension when value == '\r':
                state = State.SizeLineFeed;
                break;
            case State.Extension when value is (byte)'\t' or (>= 0x20 and not 0x7F):
                if (++extensionBytes > MaximumExtensionBytes)
                    throw Broken("too many chunk extensions");

                break;
            case State.SizeLineFeed when value == '\n':
                state = remaining == 0 ? State.Trailers : State.Data;
                sizeDigits = 0;
                break;
            case State.DataReturn when value == '\r':
                state = State.DataLineFeed;
                break;
            case State.DataLineFeed when value == '\n':
                state = State.Size;
                break;
            default:
                throw Broken("malformed chunk");
        }
    }

    /// <summary>The trailer section is taken when all of it is there.</summary>
    private int TakeTrailers(ReadOnlySpan<byte> received)
    {
        if (received.StartsWith("\r\n"u8))
        {
            state = State.Ended;
            return 2;
        }

        var end = received.IndexOf("\r\n\r\n"u8);
        if (end > limits!.TrailerBytes || (end < 0 && received.Length > limits.TrailerBytes))
            throw new BadMessageException(431, "the trailer fields are too large");

        if (end < 0)
        {
            var search = default(HeadSearch);
            return search.HasBareLineEnd(received) ? throw Broken("a bare CR or LF") : 0;
        }

        var framing = new MessageFraming();
        if (HeaderSection.Parse(received[..(end + 2)], trailers!, limits.HeaderCount, ref framing) is { } problem)
            throw Broken(problem);

        // RFC 9110 section 6.5.1: what frames and routes a message has no meaning here.
        trailers!.RemoveAll(KnownHeaders.NotForwarded | KnownHeaders.ForwardedFields);
        state = State.Ended;
        return end + 4;
    }

    private static BadMessageException Broken(string what) => new(400, what);
}
