using System.Text;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Forwarding;

/// <summary>What the gateway has to know of gRPC over HTTP/2: which requests are calls, and how a call is told of a failure.</summary>
internal static class GrpcMessages
{
    private static ReadOnlySpan<byte> MediaType => "application/grpc"u8;

    /// <summary>Whether a request is a gRPC call, by its media type: <c>application/grpc</c>, alone or with a suffix (<c>+proto</c>) or parameters.</summary>
    public static bool IsCall(HeaderTable headers)
    {
        var index = headers.IndexOf(KnownHeader.ContentType);
        if (index < 0)
            return false;

        var type = headers.Value(index);
        return type.Length >= MediaType.Length && Ascii.EqualsIgnoreCase(type[..MediaType.Length], MediaType)
            && (type.Length == MediaType.Length || type[MediaType.Length] is (byte)'+' or (byte)';');
    }

    /// <summary>
    /// Turns an answer of the gateway into one that gRPC clients understand without guessing: a response of status 200 that ends with its head
    /// and names the gRPC status (gRPC over HTTP/2, "Trailers-Only").
    /// </summary>
    /// <param name="response">The answer, status 400 or above.</param>
    public static void Translate(ResponseHead response)
    {
        var status = StatusOf(response.Status);
        var message = MessageOf(response.Status);
        response.Headers.Set("content-type"u8, MediaType);
        response.Headers.Set("grpc-status"u8, status);
        response.Headers.Set("grpc-message"u8, message);
        response.Status = 200;
    }

    /// <summary>The gRPC status for an HTTP status (gRPC, "HTTP to gRPC Status Code Mapping").</summary>
    private static ReadOnlySpan<byte> StatusOf(int status) => status switch
    {
        400 => "13"u8,
        401 => "16"u8,
        403 => "7"u8,
        404 => "12"u8,
        429 or 502 or 503 or 504 => "14"u8,
        _ => "2"u8,
    };

    private static ReadOnlySpan<byte> MessageOf(int status) => status switch
    {
        401 => "not authenticated"u8,
        403 => "forbidden"u8,
        404 => "no route"u8,
        421 => "misdirected request"u8,
        429 => "too many requests"u8,
        502 => "bad gateway"u8,
        503 => "service unavailable"u8,
        504 => "gateway timeout"u8,
        _ => "refused by the gateway"u8,
    };
}
