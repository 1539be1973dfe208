namespace Polygate.Proxy.Http;

/// <summary>
/// Reads response heads: lenient about the reason phrase, which nobody reads, strict about everything that says where the answer ends.
/// Called again with all bytes of the head whenever more have arrived.
/// </summary>
internal sealed class ResponseParser(HttpLimits limits)
{
    private HeadSearch search;
    private MessageFraming framing;

    public ref readonly MessageFraming Framing => ref framing;

    private int LongestHead => limits.RequestLine + limits.HeaderBytes;

    public HttpVersion Version { get; private set; }

    /// <summary>What is wrong, once <see cref="TryParse"/> has answered <see cref="ParseStatus.Refused"/>.</summary>
    public string Refusal { get; private set; } = "";

    public void Reset()
    {
        search.Reset();
        framing = new MessageFraming();
    }

    /// <inheritdoc cref="RequestParser.TryParse"/>
    public ParseStatus TryParse(ReadOnlySpan<byte> received, ResponseHead response, out int consumed)
    {
        if (search.IsFresh && TryParseAtOnce(received, response, out consumed))
            return ParseStatus.Complete;

        consumed = search.FindEnd(received);
        if (consumed >= 0 && consumed <= LongestHead)
            return ParseHead(received[..consumed], response);

        consumed = 0;
        if (search.HasBareLineEnd(received))
            return Refuse("a bare CR or LF");

        return received.Length > LongestHead ? Refuse("the head is too large") : ParseStatus.Incomplete;
    }

    /// <summary>As <see cref="RequestParser"/> does it.</summary>
    private bool TryParseAtOnce(ReadOnlySpan<byte> received, ResponseHead response, out int consumed)
    {
        consumed = 0;
        if (!TryReadStatusLine(received, response, out var lineLength))
            return false;

        if (HeaderSection.Parse(received[(lineLength + 2)..], response.Headers, limits.HeaderCount, ref framing, out var length) is null
            && lineLength + 2 + length + 2 <= LongestHead
            && FramingProblem() is null)
        {
            consumed = lineLength + 2 + length + 2;
            return true;
        }

        response.Clear();
        Reset();
        return false;
    }

    private bool TryReadStatusLine(ReadOnlySpan<byte> received, ResponseHead response, out int length)
    {
        // What nearly everybody says.
        if (received.StartsWith("HTTP/1.1 200 OK\r\n"u8))
        {
            Version = HttpVersion.Http11;
            response.Status = 200;
            length = 15;
            return true;
        }

        length = received.IndexOf((byte)'\r');
        return length >= 0 && IsStatusLine(received, length, response);
    }

    private ParseStatus ParseHead(ReadOnlySpan<byte> head, ResponseHead response)
    {
        var lineLength = head.IndexOf((byte)'\r');
        if (!IsStatusLine(head, lineLength, response))
            return Refuse("malformed status line");

        var problem = HeaderSection.Parse(head[(lineLength + 2)..^2], response.Headers, limits.HeaderCount, ref framing) ?? FramingProblem();
        return problem is null ? ParseStatus.Complete : Refuse(problem);
    }

    private string? FramingProblem() =>
        !framing.Chunked && !framing.UnknownCoding ? null
        : framing.ContentLength >= 0 ? "both Content-Length and Transfer-Encoding"
        : framing.UnknownCoding || Version == HttpVersion.Http10 ? "a transfer coding that was not asked for"
        : null;

    private bool IsStatusLine(ReadOnlySpan<byte> head, int length, ResponseHead response)
    {
        var line = head[..length];
        return head[length..].StartsWith("\r\n"u8) && length >= 12 && FieldScan.ValueEnd(line, 0) == length && TryParseStatus(line, response);
    }

    private bool TryParseStatus(ReadOnlySpan<byte> line, ResponseHead response)
    {
        if (line.StartsWith("HTTP/1.1 "u8))
            Version = HttpVersion.Http11;
        else if (line.StartsWith("HTTP/1.0 "u8))
            Version = HttpVersion.Http10;
        else
            return false;

        var hundreds = line[9] - '0';
        var tens = line[10] - '0';
        var ones = line[11] - '0';
        if (hundreds is < 1 or > 9 || tens is < 0 or > 9 || ones is < 0 or > 9 || (line.Length > 12 && line[12] != ' '))
            return false;

        response.Status = (hundreds * 100) + (tens * 10) + ones;
        return true;
    }

    private ParseStatus Refuse(string reason)
    {
        Refusal = reason;
        return ParseStatus.Refused;
    }
}
