using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>
/// Reads request heads as RFC 9112 writes them, strictly: what two parsers could read in two ways is refused. Called again with all bytes of
/// the head whenever more have arrived.
/// </summary>
internal sealed class RequestParser(HttpLimits limits)
{
    private HeadSearch search;
    private MessageFraming framing;

    /// <summary>What the header fields say of body and connection, once the head is complete.</summary>
    public ref readonly MessageFraming Framing => ref framing;

    /// <summary><see cref="HttpVersion.Http10"/> or <see cref="HttpVersion.Http11"/>, once the head is complete.</summary>
    public HttpVersion Version { get; private set; }

    /// <summary>The status to refuse with, and why, once <see cref="TryParse"/> has answered <see cref="ParseStatus.Refused"/>.</summary>
    public int RefusalStatus { get; private set; }

    public string Refusal { get; private set; } = "";

    public void Reset()
    {
        search.Reset();
        framing = new MessageFraming();
        Version = HttpVersion.Http11;
    }

    /// <param name="received">Everything received from the first byte of the head on.</param>
    /// <param name="request">Filled; must be clear.</param>
    /// <param name="consumed">The length of the head when it is complete.</param>
    public ParseStatus TryParse(ReadOnlySpan<byte> received, RequestHead request, out int consumed)
    {
        if (search.IsFresh && TryParseAtOnce(received, request, out consumed))
            return ParseStatus.Complete;

        consumed = 0;

        // RFC 9112 section 2.2: an empty line before the request line is ignored.
        var start = received.StartsWith("\r\n"u8) ? 2 : 0;
        var end = search.FindEnd(received[start..]);
        if (end < 0)
            return CheckIncomplete(received[start..]);

        consumed = start + end;
        var head = received[start..consumed];
        var status = ParseHead(head, request);
        if (status == ParseStatus.Refused)
            PreferEarlierRefusal(head);

        return status;
    }

    /// <summary>
    /// Usually all of a head comes at once and is in order: then it is read as it stands, without a search for its end first. False, and as if it had
    /// not been called, when either is not so.
    /// </summary>
    private bool TryParseAtOnce(ReadOnlySpan<byte> received, RequestHead request, out int consumed)
    {
        consumed = 0;
        var lineLength = received.IndexOf((byte)'\r');
        if (lineLength <= 0 || lineLength > limits.RequestLine || !received[lineLength..].StartsWith("\r\n"u8))
            return false;

        if (ParseRequestLine(received[..lineLength], request) == ParseStatus.Complete
            && HeaderSection.Parse(received[(lineLength + 2)..], request.Headers, limits.HeaderCount, ref framing, out var length) is null
            && length <= limits.HeaderBytes
            && CheckFraming(request.Method) == ParseStatus.Complete
            && TakeHost(request) == ParseStatus.Complete)
        {
            consumed = lineLength + 2 + length + 2;
            return true;
        }

        request.Clear();
        Reset();
        return false;
    }

    private ParseStatus CheckIncomplete(ReadOnlySpan<byte> received)
    {
        if (!search.HasBareLineEnd(received) && !IsLineTooLong(received) && received.Length <= LongestHead)
            return ParseStatus.Incomplete;

        PreferEarlierRefusal(received);
        return ParseStatus.Refused;
    }

    /// <summary>With the line ends of the request line and of the whole.</summary>
    private int LongestHead => limits.RequestLine + limits.HeaderBytes + 4;

    private bool IsLineTooLong(ReadOnlySpan<byte> received) =>
        received.Length > limits.RequestLine && received[..(limits.RequestLine + 1)].IndexOf((byte)'\r') < 0;

    /// <summary>
    /// A head of which a beginning is refused has that beginning's answer, also when all of it came at once: the answer must not depend on how the
    /// bytes arrive.
    /// </summary>
    private void PreferEarlierRefusal(ReadOnlySpan<byte> received)
    {
        var bare = HeadSearch.BareLineEnd(received);
        var limit = IsLineTooLong(received) ? limits.RequestLine : LongestHead;
        if (bare >= 0 && bare <= limit)
            Refuse(400, "a bare CR or LF");
        else if (limit == limits.RequestLine)
            Refuse(414, "the request line is too long");
        else if (received.Length > LongestHead)
            Refuse(431, "the header fields are too large");
    }

    private ParseStatus ParseHead(ReadOnlySpan<byte> head, RequestHead request)
    {
        var lineLength = head.IndexOf((byte)'\r');
        if (lineLength > limits.RequestLine)
            return Refuse(414, "the request line is too long");

        if (head[lineLength + 1] != '\n')
            return Refuse(400, "a bare CR or LF");

        // Up to, and without, the empty line.
        var section = head[(lineLength + 2)..^2];
        if (section.Length > limits.HeaderBytes)
            return Refuse(431, "the header fields are too large");

        var status = ParseRequestLine(head[..lineLength], request);
        if (status != ParseStatus.Complete)
            return status;

        if (HeaderSection.Parse(section, request.Headers, limits.HeaderCount, ref framing) is { } problem)
            return Refuse(ReferenceEquals(problem, HeaderSection.TooMany) ? 431 : 400, problem);

        status = CheckFraming(request.Method);
        return status == ParseStatus.Complete ? TakeHost(request) : status;
    }

    private ParseStatus ParseRequestLine(ReadOnlySpan<byte> line, RequestHead request)
    {
        var methodLength = FieldScan.TokenEnd(line, 0);
        if (methodLength == 0 || methodLength == line.Length || line[methodLength] != ' ')
            return Refuse(400, "malformed request line");

        var rest = line[(methodLength + 1)..];
        var targetLength = rest.IndexOfAnyExcept(HttpCharacters.Target);
        if (targetLength <= 0 || rest[targetLength] != ' ')
            return Refuse(400, "malformed request target");

        var version = rest[(targetLength + 1)..];
        if (version.SequenceEqual("HTTP/1.1"u8))
            Version = HttpVersion.Http11;
        else if (version.SequenceEqual("HTTP/1.0"u8))
            Version = HttpVersion.Http10;
        else
            return IsOtherVersion(version) ? Refuse(505, "this version of HTTP is not spoken") : Refuse(400, "malformed HTTP version");

        var method = line[..methodLength];
        request.SetMethod(method);
        return ParseTarget(method, rest[..targetLength], request);
    }

    /// <summary>The four forms of RFC 9112 section 3.2.</summary>
    private ParseStatus ParseTarget(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, RequestHead request)
    {
        if (method.SequenceEqual("CONNECT"u8))
            return Refuse(501, "CONNECT is not offered");

        if (target[0] == '/')
            return RequestTarget.TrySetCheckedTarget(request, target) ? ParseStatus.Complete : Refuse(400, "malformed path");

        var isOptions = method.SequenceEqual("OPTIONS"u8);
        if (isOptions && target.SequenceEqual("*"u8))
        {
            request.SetPath(target);
            return ParseStatus.Complete;
        }

        return ParseAbsoluteForm(isOptions, target, request) ? ParseStatus.Complete : Refuse(400, "malformed request target");
    }

    private static bool ParseAbsoluteForm(bool isOptions, ReadOnlySpan<byte> target, RequestHead request)
    {
        // RFC 9110 section 4.2.3: schemes are written in lower case.
        var schemeLength = target.StartsWith("http://"u8) ? 7 : target.StartsWith("https://"u8) ? 8 : 0;
        if (schemeLength == 0)
            return false;

        var rest = target[schemeLength..];
        var authorityLength = rest.IndexOfAny((byte)'/', (byte)'?');
        var authority = authorityLength < 0 ? rest : rest[..authorityLength];
        if (!RequestTarget.TrySetAuthority(request, authority) || !IsAuthorityOfUri(authority))
            return false;

        var pathAndQuery = rest[authority.Length..];
        if (!pathAndQuery.IsEmpty && pathAndQuery[0] == '/')
            return RequestTarget.TrySetCheckedTarget(request, pathAndQuery);

        // RFC 9112 section 3.2.4: OPTIONS without a path is about the server as a whole.
        request.SetPath(isOptions && pathAndQuery.IsEmpty ? "*"u8 : "/"u8);
        if (!pathAndQuery.IsEmpty)
        {
            request.SetQuery(pathAndQuery[1..]);
            request.HasQuery = true;
        }

        return true;
    }

    /// <summary>
    /// Backends often read absolute targets as URIs, and with more rules (labels of 63 characters, IDNA) than hold for <c>Host</c>. Rare enough to
    /// ask the runtime's own reader.
    /// </summary>
    private static bool IsAuthorityOfUri(ReadOnlySpan<byte> authority) =>
        Uri.TryCreate($"http://{Encoding.ASCII.GetString(authority)}/", UriKind.Absolute, out _);

    private ParseStatus CheckFraming(ReadOnlySpan<byte> method)
    {
        if (framing.Chunked || framing.UnknownCoding)
        {
            if (framing.ContentLength >= 0)
                return Refuse(400, "both Content-Length and Transfer-Encoding");

            if (Version == HttpVersion.Http10)
                return Refuse(400, "Transfer-Encoding in HTTP/1.0");

            if (framing.UnknownCoding)
                return Refuse(501, "a transfer coding other than chunked");
        }

        // RFC 1945 section 8.3: such a client may take the end of the connection for the end of its body.
        if (Version == HttpVersion.Http10 && framing.ContentLength < 0 && (method.SequenceEqual("POST"u8) || method.SequenceEqual("PUT"u8)))
            return Refuse(400, "a body without Content-Length in HTTP/1.0");

        return ParseStatus.Complete;
    }

    /// <summary>
    /// RFC 9112 section 3.2: exactly one valid Host in HTTP/1.1, at most one in HTTP/1.0; an absolute target goes before it (section 3.2.2).
    /// </summary>
    private ParseStatus TakeHost(RequestHead request)
    {
        var index = request.Headers.IndexOf(KnownHeader.Host);
        if (index < 0)
        {
            return Version == HttpVersion.Http10 ? ParseStatus.Complete : Refuse(400, "no Host");
        }

        if (request.Headers.IndexOf(KnownHeader.Host, index + 1) >= 0)
            return Refuse(400, "more than one Host");

        var host = request.Headers.Value(index);
        if (request.Authority.IsEmpty)
        {
            if (!RequestTarget.TrySetAuthority(request, host))
                return Refuse(400, "malformed Host");
        }
        else if (!RequestTarget.TryParseAuthority(host, out _))
        {
            return Refuse(400, "malformed Host");
        }

        request.Headers.RemoveAt(index);
        return ParseStatus.Complete;
    }

    private static bool IsOtherVersion(ReadOnlySpan<byte> version) =>
        version.Length == 8 && version.StartsWith("HTTP/"u8) && char.IsAsciiDigit((char)version[5]) && version[6] == '.'
        && char.IsAsciiDigit((char)version[7]);

    private ParseStatus Refuse(int status, string reason)
    {
        RefusalStatus = status;
        Refusal = reason;
        return ParseStatus.Refused;
    }
}

/// <summary>How far a parser got.</summary>
internal enum ParseStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,
    Complete,
    Refused,
}
