using System.Text;

namespace Polygate.Proxy.Http;

/// <summary>What the header fields of a message say about the connection and the body (RFC 9112 sections 6 and 9).</summary>
internal struct MessageFraming
{
    /// <summary>-1 without <c>Content-Length</c>.</summary>
    public long ContentLength = -1;

    /// <summary>The only transfer coding is <c>chunked</c>.</summary>
    public bool Chunked;

    /// <summary>There is a <c>Transfer-Encoding</c> with codings other than <c>chunked</c>.</summary>
    public bool UnknownCoding;

    /// <summary><c>Connection</c> says close, keep-alive, upgrade.</summary>
    public bool Close;
    public bool KeepAlive;
    public bool Upgrade;

    /// <summary><c>Connection</c> lists other fields, which go no further.</summary>
    public bool ListsFields;

    /// <summary><c>TE</c> says trailers.</summary>
    public bool Trailers;

    public bool ExpectContinue;

    /// <summary><c>Expect</c> says something else than 100-continue.</summary>
    public bool UnknownExpectation;

    public MessageFraming()
    {
    }

    /// <summary>Takes a header field into account; says what is wrong with it, or null.</summary>
    public string? Take(KnownHeader header, ReadOnlySpan<byte> value) => header switch
    {
        KnownHeader.ContentLength => TakeLength(value),
        KnownHeader.TransferEncoding => TakeCodings(value),
        KnownHeader.Connection => TakeConnection(value),
        KnownHeader.Te => TakeTe(value),
        KnownHeader.Expect => TakeExpectation(value),
        _ => null,
    };

    private string? TakeLength(ReadOnlySpan<byte> value)
    {
        if (ContentLength >= 0)
            return "more than one Content-Length";

        // 18 digits always fit; longer ones are no honest length.
        if (value.Length is 0 or > 18)
            return "malformed Content-Length";

        var length = 0L;
        foreach (var digit in value)
        {
            if (!char.IsAsciiDigit((char)digit))
                return "malformed Content-Length";

            length = (length * 10) + (digit - '0');
        }

        ContentLength = length;
        return null;
    }

    private string? TakeCodings(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
        {
            var coding = HttpCharacters.TrimWhiteSpace(value[range]);
            if (Chunked)
                return "chunked is not the last transfer coding";

            var parameters = coding.IndexOf((byte)';');
            if (Ascii.EqualsIgnoreCase(coding, "chunked"u8))
                Chunked = true;
            else if (HttpCharacters.IsToken(parameters < 0 ? coding : coding[..parameters]))
                UnknownCoding = true;
            else
                return "malformed Transfer-Encoding";
        }

        return null;
    }

    private string? TakeConnection(ReadOnlySpan<byte> value)
    {
        // What nearly everybody says.
        if (value.SequenceEqual("keep-alive"u8))
        {
            KeepAlive = true;
            return null;
        }

        foreach (var range in value.Split((byte)','))
        {
            var option = HttpCharacters.TrimWhiteSpace(value[range]);
            if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
                KeepAlive = true;
            else if (Ascii.EqualsIgnoreCase(option, "close"u8))
                Close = true;
            else if (Ascii.EqualsIgnoreCase(option, "upgrade"u8))
                Upgrade = true;
            else if (HttpCharacters.IsToken(option))
                ListsFields = true;
            else if (!option.IsEmpty)
                return "malformed Connection";
        }

        return null;
    }

    private string? TakeTe(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
            Trailers |= Ascii.EqualsIgnoreCase(HttpCharacters.TrimWhiteSpace(value[range]), "trailers"u8);

        return null;
    }

    private string? TakeExpectation(ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(value, "100-continue"u8))
            ExpectContinue = true;
        else
            UnknownExpectation = true;

        return null;
    }
}
