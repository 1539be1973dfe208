using System.Buffers.Binary;
using System.Net;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>A gRPC client that calls what it is told: HTTP/2 without TLS, any authority, one empty message.</summary>
internal static class GrpcTestClient
{
    /// <summary>By their numbers (gRPC status codes).</summary>
    private static readonly string[] Statuses =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Whether a word is the name of a status.</summary>
    public static bool IsStatus(string word) => Statuses.Contains(word);

    /// <summary>The status of a call; the HTTP status where there is none.</summary>
    public static string StatusOf(TestAnswer answer) =>
        answer.Headers.TryGetValue("grpc-status", out var number) ? Statuses[int.Parse(number)] : "HTTP " + answer.Status;

    /// <summary>Makes a call.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="authority">The authority.</param>
    /// <param name="path"><c>/service/method</c>.</param>
    /// <param name="metadata">Header fields; <c>Host</c> is left out.</param>
    public static async Task<TestAnswer> CallAsync(IPEndPoint endPoint, string authority, string path, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var message = new ByteArrayContent(Message([]));
        message.Headers.ContentType = new("application/grpc");
        var answer = await Http2TestClient.SendAsync(endPoint, serverName: null, "POST", authority, path, [.. metadata, new("TE", "trailers")], message);
        return answer.Body.Length > 5 ? answer with { Body = answer.Body[5..] } : answer;
    }

    /// <summary>A message as it is sent: not compressed, with its length before it.</summary>
    public static byte[] Message(ReadOnlySpan<byte> content)
    {
        var message = new byte[5 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), content.Length);
        content.CopyTo(message.AsSpan(5));
        return message;
    }
}
