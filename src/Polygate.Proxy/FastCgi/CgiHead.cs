using Polygate.Proxy.Http;

namespace Polygate.Proxy.FastCgi;

/// <summary>
/// The head of a CGI program's answer (RFC 3875 section 6): header fields, of which <c>Status</c> is the answer's status. Lines end with LF or CRLF,
/// whichever the program likes. It comes in pieces.
/// </summary>
internal sealed class CgiHead(HttpLimits limits)
{
    private byte[]? buffer;
    private int length;
    private int lineStart;

    /// <summary>As much as a head of HTTP may have.</summary>
    private int Longest => limits.RequestLine + limits.HeaderBytes;

    /// <summary>The length of the body that the head tells; -1 where it tells none. Valid once the head was taken.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Takes what belongs to the head.</summary>
    /// <param name="piece">What has come next.</param>
    /// <param name="response">Filled when the head is complete.</param>
    /// <param name="taken">How many bytes belong to the head.</param>
    /// <returns>Whether the head is complete.</returns>
    /// <exception cref="BadMessageException">It is no acceptable one.</exception>
    public bool TryTake(ReadOnlySpan<byte> piece, ResponseHead response, out int taken)
    {
        taken = 0;
        while (taken < piece.Length)
        {
            var lineEnd = piece[taken..].IndexOf((byte)'\n');
            Append(lineEnd < 0 ? piece[taken..] : piece.Slice(taken, lineEnd));
            if (lineEnd < 0)
            {
                taken = piece.Length;
                return false;
            }

            taken += lineEnd + 1;
            if (IsSectionOver())
            {
                Parse(response);
                Release();
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        if (buffer is not null)
            BufferPool.Return(buffer);

        buffer = null;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        // A line end takes two bytes here, even where it came as one.
        const int LineEnd = 2;
        if (length + bytes.Length + LineEnd > Longest)
            throw new BadMessageException(502, "the head is too large");

        buffer ??= BufferPool.Rent(BufferPool.Standard);
        if (buffer.Length - length < bytes.Length + LineEnd)
        {
            var larger = BufferPool.Rent(Math.Max(buffer.Length * 2, length + bytes.Length + LineEnd));
            buffer.AsSpan(0, length).CopyTo(larger);
            BufferPool.Return(buffer);
            buffer = larger;
        }

        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    /// <summary>Ends a line as HTTP does; says whether it was the empty one.</summary>
    private bool IsSectionOver()
    {
        if (length > lineStart && buffer![length - 1] == '\r')
            length--;

        if (length == lineStart)
            return true;

        buffer![length++] = (byte)'\r';
        buffer[length++] = (byte)'\n';
        lineStart = length;
        return false;
    }

    private void Parse(ResponseHead response)
    {
        var framing = new MessageFraming();
        var headers = response.Headers;
        if (HeaderSection.Parse(buffer.AsSpan(0, length), headers, limits.HeaderCount, ref framing) is { } problem)
            throw new BadMessageException(502, problem);

        if (framing.Chunked || framing.UnknownCoding)
            throw new BadMessageException(502, "a transfer coding, which CGI does not have");

        // A redirect need not say that it is one (RFC 3875 section 6.2.3).
        response.Status = headers.TryGet("Status"u8, out var status) ? StatusOf(status) : headers.Contains("Location"u8) ? 302 : 200;
        if (headers.Remove("Status"u8) > 1)
            throw new BadMessageException(502, "more than one Status");

        ContentLength = framing.ContentLength;
    }

    private static int StatusOf(ReadOnlySpan<byte> value)
    {
        if (value.Length < 3 || value[..3].ContainsAnyExceptInRange((byte)'0', (byte)'9') || (value.Length > 3 && value[3] != ' ') || value[0] < '2')
            throw new BadMessageException(502, "malformed Status");

        return ((value[0] - '0') * 100) + ((value[1] - '0') * 10) + (value[2] - '0');
    }
}
