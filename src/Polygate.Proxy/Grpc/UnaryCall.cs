using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Grpc;

/// <summary>Calls of the gateway's own with one message each way (gRPC over HTTP/2).</summary>
internal static class UnaryCall
{
    private const int PrefixLength = 5;

    /// <summary>The head of a call.</summary>
    /// <param name="head">Empty.</param>
    /// <param name="path">Service and method.</param>
    /// <param name="authority">Empty for the endpoint's.</param>
    /// <param name="timeout">Told to the server.</param>
    public static void Start(RequestHead head, ReadOnlySpan<byte> path, ReadOnlySpan<byte> authority, TimeSpan timeout)
    {
        head.SetMethod("POST"u8);
        head.SetPath(path);
        head.SetAuthority(authority);
        head.Headers.Add("content-type"u8, "application/grpc"u8);
        head.Headers.Add("te"u8, "trailers"u8);
        head.Headers.Add("grpc-timeout"u8, Encoding.ASCII.GetBytes(((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "m"));
    }

    /// <summary>A message as it goes into the body.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message)
    {
        var frame = new byte[PrefixLength + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    /// <summary>The message of an answer; false when the call failed or the answer is not one message.</summary>
    public static bool TryRead(SubrequestAnswer answer, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (answer.Failure is not null || answer.Head.Status != 200 || !IsOk(answer) || answer.Body.Length < PrefixLength || answer.Body[0] != 0)
            return false;

        message = answer.Body.AsSpan(PrefixLength);
        return BinaryPrimitives.ReadUInt32BigEndian(answer.Body.AsSpan(1)) == message.Length;
    }

    /// <summary>An answer of headers alone has its status there.</summary>
    private static bool IsOk(SubrequestAnswer answer) =>
        (answer.Trailers.TryGet("grpc-status"u8, out var status) || answer.Head.Headers.TryGet("grpc-status"u8, out status)) && status.SequenceEqual("0"u8);
}
