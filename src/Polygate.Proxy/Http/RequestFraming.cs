namespace Polygate.Proxy.Http;

/// <summary>What the framing of a request that is sent on depends on, in every version.</summary>
internal static class RequestFraming
{
    /// <summary>RFC 9110 section 8.6: methods for which an absent body is worth telling.</summary>
    public static bool ExpectsBody(ReadOnlySpan<byte> method) =>
        method.SequenceEqual("POST"u8) || method.SequenceEqual("PUT"u8) || method.SequenceEqual("PATCH"u8);

    /// <summary>Whether the client says that it takes trailers (RFC 9110 section 10.1.4).</summary>
    public static bool TakesTrailers(HeaderTable headers)
    {
        var index = headers.IndexOf(KnownHeader.Te);
        if (index < 0)
            return false;

        var framing = new MessageFraming();
        framing.Take(KnownHeader.Te, headers.Value(index));
        return framing.Trailers;
    }
}
