using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// Makes gRPC of gRPC-Web requests (<c>application/grpc-web</c>, and <c>-text</c> in base64) and gRPC-Web of the answers: the messages are the same, the
/// trailers become a last frame of the body (grpc/grpc, doc/PROTOCOL-WEB.md).
/// </summary>
internal sealed class GrpcWebStep(GrpcWebFilter filter) : AsyncFilterStep
{
    private static readonly object Binary = new();

    private static readonly object Text = new();

    private readonly LocalReply tooLarge = LocalReply.Of(413);

    private readonly LocalReply broken = LocalReply.Of(400);

    private static ReadOnlySpan<byte> Plain => "application/grpc"u8;

    private static ReadOnlySpan<byte> Web => "application/grpc-web"u8;

    private static ReadOnlySpan<byte> WebText => "application/grpc-web-text"u8;

    public override ValueTask<LocalReply?> OnRequestAsync(RequestHead head, FilterState state)
    {
        var index = head.Headers.IndexOf(KnownHeader.ContentType);
        if (index < 0 || state.Exchange is not { } exchange || KindOf(head.Headers.Value(index), out var suffix) is not { } kind)
            return default;

        state.Note(this, kind);
        head.Headers.Set("content-type"u8, (byte[])[.. Plain, .. suffix]);
        head.Headers.Set("te"u8, "trailers"u8);
        return kind == Text && exchange.RequestLength != 0 ? DecodeAsync(exchange) : default;
    }

    public override void OnResponse(RequestHead head, ResponseHead response, FilterState state)
    {
        if (state.NoteOf(this) is not { } kind || state.Exchange is not { } exchange)
            return;

        var index = response.Headers.IndexOf(KnownHeader.ContentType);
        if (index < 0 || !response.Headers.Value(index).StartsWith(Plain))
            return;

        response.Headers.Set("content-type"u8, (byte[])[.. kind == Text ? WebText : Web, .. response.Headers.Value(index)[Plain.Length..]]);
        if (!exchange.State.IsBackendAnswer)
            return;

        // An answer that ends with its head has its status there, where clients look too.
        if (response.Headers.Contains("grpc-status"u8))
            return;

        response.Headers.Remove("content-length"u8);
        response.Headers.Remove("trailer"u8);
        exchange.State.Encoder = new GrpcWebBody(exchange, kind == Text);
    }

    /// <summary>Text is known as a whole only: its base64 may end anywhere within a message. Browsers send one message.</summary>
    private async ValueTask<LocalReply?> DecodeAsync(HttpExchange exchange)
    {
        await HeldBody.ReadAsync(exchange, filter.MaximumTextBytes);
        return !exchange.State.HasBody || exchange.State.Body.Length > filter.MaximumTextBytes ? tooLarge
            : exchange.State.TryDecodeBody() ? null : broken;
    }

    /// <summary>Which kind of gRPC-Web a media type is; null for none.</summary>
    private static object? KindOf(ReadOnlySpan<byte> type, out ReadOnlySpan<byte> suffix)
    {
        foreach (var isText in (ReadOnlySpan<bool>)[true, false])
        {
            var name = isText ? WebText : Web;
            if (type.Length >= name.Length && Ascii.EqualsIgnoreCase(type[..name.Length], name) && (type.Length == name.Length || type[name.Length] is (byte)'+' or (byte)';'))
            {
                suffix = type[name.Length..];
                return isText ? Text : Binary;
            }
        }

        suffix = default;
        return null;
    }
}
