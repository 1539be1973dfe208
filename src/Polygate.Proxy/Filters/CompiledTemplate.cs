using System.Buffers;
using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.FastCgi;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>A <see cref="TextTemplate"/> made ready to be put together for requests.</summary>
internal sealed class CompiledTemplate
{
    // RFC 3986 section 2.3.
    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? shared;

    private readonly (TextSource Source, byte[] Name, bool Escape)[] parts;

    public CompiledTemplate(TextTemplate template)
    {
        parts = [.. template.Parts.Select(part => (part.Source, Encoding.UTF8.GetBytes(part.Name), part.Escape))];
        UsesOriginal = template.Parts.Any(part =>
            part.Source is TextSource.Path or TextSource.Query or TextSource.PathAndQuery or TextSource.Url or TextSource.Authority or TextSource.QueryParameter);
    }

    /// <summary>Whether it speaks of the request's target, which filters may change.</summary>
    public bool UsesOriginal { get; }

    /// <summary>The text for a request.</summary>
    /// <param name="head">The request.</param>
    /// <param name="state">The chain's state.</param>
    /// <param name="status">The answer's status; 0 for none.</param>
    /// <returns>Valid until the next call on this thread.</returns>
    public ReadOnlySpan<byte> Render(RequestHead head, FilterState state, int status = 0)
    {
        var writer = shared ??= new ArrayBufferWriter<byte>(256);
        writer.ResetWrittenCount();
        var request = new Target(head, state);
        foreach (var (source, name, escape) in parts)
        {
            var start = writer.WrittenCount;
            Write(writer, source, name, request, status);
            if (escape)
                EscapeFrom(writer, start);
        }

        return writer.WrittenSpan;
    }

    /// <summary>As <see cref="Render"/>, for a header field: nothing can break out of its line.</summary>
    public byte[] RenderHeader(RequestHead head, FilterState state, int status = 0)
    {
        var text = Render(head, state, status).ToArray();
        foreach (ref var part in text.AsSpan())
        {
            if (part is (byte)'\r' or (byte)'\n' or 0)
                part = (byte)' ';
        }

        return text;
    }

    private static void Write(ArrayBufferWriter<byte> writer, TextSource source, byte[] name, in Target request, int status)
    {
        var head = request.Head;
        switch (source)
        {
            case TextSource.Literal:
                writer.Write(name);
                break;
            case TextSource.Method:
                writer.Write(head.Method);
                break;
            case TextSource.Scheme:
                writer.Write(head.IsTls ? "https"u8 : "http"u8);
                break;
            case TextSource.Authority:
                writer.Write(request.Authority);
                break;
            case TextSource.Host:
                writer.Write(head.Host);
                break;
            case TextSource.Port:
                WriteNumber(writer, request.State.ListenerPort);
                break;
            case TextSource.Path:
                writer.Write(request.Path);
                break;
            case TextSource.Query:
                writer.Write(request.Query);
                break;
            case TextSource.PathAndQuery:
                WritePathAndQuery(writer, request);
                break;
            case TextSource.Url:
                writer.Write(head.IsTls ? "https://"u8 : "http://"u8);
                writer.Write(request.Authority);
                WritePathAndQuery(writer, request);
                break;
            case TextSource.ClientAddress:
                WriteAddress(writer, head);
                break;
            case TextSource.Header:
                WriteHeader(writer, head, name);
                break;
            case TextSource.Cookie when CookieReader.TryGet(head.Headers, name, out var cookie):
                writer.Write(cookie);
                break;
            case TextSource.QueryParameter when QueryReader.TryGet(request.Query, name, out var parameter):
                writer.Write(parameter);
                break;
            case TextSource.Document:
                DocumentPath.Write(writer, head.Path, name);
                break;
            case TextSource.Status when status > 0:
                WriteNumber(writer, status);
                break;
        }
    }

    private static void WritePathAndQuery(ArrayBufferWriter<byte> writer, in Target request)
    {
        writer.Write(request.Path);
        if (request.HasQuery)
        {
            writer.Write("?"u8);
            writer.Write(request.Query);
        }
    }

    private static void WriteHeader(ArrayBufferWriter<byte> writer, RequestHead head, byte[] name)
    {
        for (var i = head.Headers.IndexOf(name); i >= 0; i = Next(i))
            writer.Write(head.Headers.Value(i));

        int Next(int index)
        {
            var next = head.Headers.IndexOf(name, index + 1);
            if (next >= 0)
                writer.Write(", "u8);

            return next;
        }
    }

    private static void WriteAddress(ArrayBufferWriter<byte> writer, RequestHead head)
    {
        head.ClientAddress.TryFormat(writer.GetSpan(64), out var written);
        writer.Advance(written);
    }

    private static void WriteNumber(ArrayBufferWriter<byte> writer, int number)
    {
        number.TryFormat(writer.GetSpan(16), out var written, default, CultureInfo.InvariantCulture);
        writer.Advance(written);
    }

    private static void EscapeFrom(ArrayBufferWriter<byte> writer, int start)
    {
        var text = writer.WrittenSpan[start..];
        if (text.IndexOfAnyExcept(Unreserved) < 0)
            return;

        var plain = text.ToArray();
        var before = writer.WrittenSpan[..start].ToArray();
        writer.ResetWrittenCount();
        writer.Write(before);
        foreach (var part in plain)
        {
            if (Unreserved.Contains(part))
            {
                writer.Write([part]);
            }
            else
            {
                var escaped = writer.GetSpan(3);
                escaped[0] = (byte)'%';
                part.TryFormat(escaped[1..], out _, "X2", CultureInfo.InvariantCulture);
                writer.Advance(3);
            }
        }
    }

    /// <summary>The request's target as it came, where that is kept.</summary>
    private readonly ref struct Target(RequestHead head, FilterState state)
    {
        private readonly ExchangeState? original = state.Exchange?.State is { KeepsOriginal: true } kept ? kept : null;

        public RequestHead Head => head;

        public FilterState State => state;

        public ReadOnlySpan<byte> Path => original is null ? head.Path : original.OriginalPath;

        public ReadOnlySpan<byte> Query => original is null ? head.Query : original.OriginalQuery;

        public bool HasQuery => original is null ? head.HasQuery : original.HadQuery;

        public ReadOnlySpan<byte> Authority => original is null ? head.Authority : original.OriginalAuthority;
    }
}
