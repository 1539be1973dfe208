using System.Buffers;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Polygate.Admin;

namespace Polygate.Echo;

/// <summary>A backend that answers with what it saw of a request, as JSON.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SmallServer server;

    private EchoServer(SmallServer server, string name)
    {
        this.server = server;
        Name = name;
    }

    /// <summary>How it calls itself in its answers.</summary>
    public string Name { get; }

    public IPEndPoint EndPoint => server.EndPoint;

    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static async Task<EchoServer> StartAsync(IPEndPoint endPoint, string name, bool http2) => new(
        await SmallServer.StartAsync(endPoint, http2 ? HttpProtocols.Http2 : HttpProtocols.Http1, context => AnswerAsync(context, name)), name);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, string name)
    {
        // A client that still sends must not be cut off by the answer.
        long bodyBytes = 0;
        while (true)
        {
            var read = await context.Request.BodyReader.ReadAsync();
            bodyBytes += read.Buffer.Length;
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Indented))
        {
            Write(json, context, name, bodyBytes);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.BodyWriter.WriteAsync(body.WrittenMemory);
        }
    }

    private static void Write(Utf8JsonWriter json, HttpContext context, string name, long bodyBytes)
    {
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var target = request.RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        json.WriteStartObject();
        json.WriteString("backend", name);
        json.WriteString("method", request.Method);
        json.WriteString("path", mark < 0 ? target : target[..mark]);
        json.WriteString("query", mark < 0 ? "" : target[(mark + 1)..]);
        json.WriteString("host", context.Request.Host.Value);
        json.WriteString("protocol", request.Protocol);
        json.WriteStartObject("headers");
        foreach (var header in request.Headers)
        {
            json.WriteString(header.Key, header.Value.ToString());
        }

        json.WriteEndObject();
        json.WriteString("client", context.Connection.RemoteIpAddress?.ToString());
        json.WriteNumber("bodyBytes", bodyBytes);
        json.WriteEndObject();
    }
}
