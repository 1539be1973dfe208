using System.Buffers;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2.Frames;
using Polygate.Proxy.Http2.Hpack;

namespace Polygate.Proxy.Http2.Client;

/// <summary>
/// Reads the fields of an answer's head or trailer section as strictly as those of HTTP/1.1 are read (RFC 9113 sections 8.2 and 8.3), so that nothing
/// reaches a client that another version would not have let through. White space around a value is taken off.
/// </summary>
internal sealed class ResponseFields(HttpLimits limits) : IFieldSink
{
    /// <summary>What a line of HTTP/1.1 has beside name and value.</summary>
    private const int LineOverhead = 4;

    /// <summary>A block that unfolds to so many times what may be in a head was made to do harm.</summary>
    private const int BombFactor = 16;

    private static readonly SearchValues<byte> Name = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);

    private HeaderTable? table;
    private MessageFraming framing;
    private bool isHead;
    private bool hasRegular;
    private int room;
    private int decoded;
    private int count;

    /// <summary>The status of a head; 0 while there was none.</summary>
    public int Status { get; private set; }

    /// <summary>What <c>Content-Length</c> says; -1 without.</summary>
    public long ContentLength => framing.ContentLength;

    /// <summary>What is wrong with the section; null while nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>A section begins whose fields go into a table.</summary>
    public void BeginHead(HeaderTable fields) => Begin(fields, head: true, limits.HeaderBytes);

    /// <inheritdoc cref="BeginHead"/>
    public void BeginTrailers(HeaderTable fields) => Begin(fields, head: false, limits.TrailerBytes);

    /// <summary>A section begins that nobody wants any more.</summary>
    public void BeginNothing()
    {
        decoded = 0;
        Problem = "";
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        decoded += name.Length + value.Length;
        if (decoded > BombFactor * limits.HeaderBytes)
            throw new ConnectionException(ErrorCode.EnhanceYourCalm, "a field block that is a bomb");

        if (Problem is not null)
            return;

        value = HttpCharacters.TrimWhiteSpace(value);
        room -= name.Length + value.Length + LineOverhead;
        if (room < 0)
            Problem = "the header fields are too large";
        else if (name is [(byte)':', ..])
            TakePseudo(name, value);
        else if (count++ == limits.HeaderCount)
            Problem = HeaderSection.TooMany;
        else
            Take(name, value);
    }

    private void Begin(HeaderTable fields, bool head, int bytes)
    {
        table = fields;
        isHead = head;
        hasRegular = false;
        decoded = 0;
        room = bytes;
        count = 0;
        Status = 0;
        framing = new MessageFraming();
        Problem = null;
    }

    private void TakePseudo(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!isHead || hasRegular || Status != 0 || !name.SequenceEqual(":status"u8))
            Problem = "a pseudo-field that may not stand there";
        else if (value.Length != 3 || value.ContainsAnyExcept(HttpCharacters.Digits) || value[0] == '0')
            Problem = "a malformed status";
        else
            Status = ((value[0] - '0') * 100) + ((value[1] - '0') * 10) + value[2] - '0';
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        hasRegular = true;
        var known = KnownHeaders.Recognise(name);
        if (name.IsEmpty || name.ContainsAnyExcept(Name))
            Problem = "malformed header field name";
        else if (value.ContainsAny(HttpCharacters.NotInValue))
            Problem = "a character that must not stand in a header field";
        else if (IsOfTheConnection(known))
            Problem = "a field that HTTP/2 does not have";
        else if (known == KnownHeader.ContentLength)
            Problem = framing.Take(known, value);

        if (Problem is null)
            table!.Add(name, value);
    }

    /// <summary>RFC 9113 section 8.2.2.</summary>
    private static bool IsOfTheConnection(KnownHeader header) => header
        is KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.TransferEncoding or KnownHeader.Upgrade;
}
