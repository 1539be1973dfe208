using System.Buffers.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Http2.Hpack;

namespace Polygate.Proxy.Http2.Client;

/// <summary>Encodes what a request says of itself (RFC 9113 section 8.3.1), without what belongs to a connection or another framing (section 8.2.2).</summary>
internal static class RequestFields
{
    /// <summary>Encodes a head.</summary>
    /// <param name="encoder">Begun anew.</param>
    /// <param name="request">The request.</param>
    /// <param name="isSecure">Whether the connection has TLS.</param>
    /// <param name="authority">Goes out as <c>:authority</c>.</param>
    /// <param name="length">Of the body; 0 for none, null when unknown.</param>
    public static void Encode(FieldEncoder encoder, RequestHead request, bool isSecure, ReadOnlySpan<byte> authority, long? length)
    {
        encoder.Begin();
        AddMethod(encoder, request.Method);
        encoder.AddIndexed(isSecure ? StaticTable.SchemeHttps : StaticTable.SchemeHttp);
        AddPath(encoder, request);
        if (!authority.IsEmpty)
            encoder.Add(StaticTable.Authority, authority);

        AddFields(encoder, request.Headers, KnownHeaders.NotForwarded);
        if (length > 0 || (length == 0 && RequestFraming.ExpectsBody(request.Method)))
            AddLength(encoder, length.Value);

        // gRPC servers insist on it; it says that we take trailers, which is so.
        if (RequestFraming.TakesTrailers(request.Headers))
            encoder.Add("te"u8, "trailers"u8);
    }

    /// <summary>Encodes trailers.</summary>
    public static void EncodeTrailers(FieldEncoder encoder, HeaderTable trailers)
    {
        encoder.Begin();
        AddFields(encoder, trailers, KnownHeaders.NotForwarded | KnownHeaders.ForwardedFields);
    }

    private static void AddMethod(FieldEncoder encoder, ReadOnlySpan<byte> method)
    {
        if (method.SequenceEqual("GET"u8))
            encoder.AddIndexed(StaticTable.MethodGet);
        else if (method.SequenceEqual("POST"u8))
            encoder.AddIndexed(StaticTable.MethodPost);
        else
            encoder.Add(StaticTable.MethodGet, method);
    }

    private static void AddPath(FieldEncoder encoder, RequestHead request)
    {
        if (request.HasQuery)
            encoder.Add(StaticTable.Path, request.Path, "?"u8, request.Query);
        else if (request.Path is [(byte)'/'])
            encoder.AddIndexed(StaticTable.Path);
        else
            encoder.Add(StaticTable.Path, request.Path);
    }

    private static void AddFields(FieldEncoder encoder, HeaderTable fields, ulong without)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            var known = fields.Known(i);
            if (known == KnownHeader.Unknown || (without & KnownHeaders.Mask(known)) == 0)
                encoder.Add(fields.Name(i), fields.Value(i));
        }
    }

    private static void AddLength(FieldEncoder encoder, long length)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(length, digits, out var written);
        encoder.Add(StaticTable.ContentLength, digits[..written]);
    }
}
