using System.Buffers.Binary;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Polygate.EndToEnd.Tests.GatewayApi;

/// <summary>gRPC-Web from browsers to backends that speak gRPC.</summary>
public sealed class GrpcWebTests
{
    [Theory]
    [InlineData("application/grpc-web", "1.1")]
    [InlineData("application/grpc-web+proto", "2.0")]
    [InlineData("application/grpc-web-text", "1.1")]
    [InlineData("application/grpc-web-text+proto", "2.0")]
    public async Task A_call_is_made_of_a_gRPC_Web_request_and_its_trailers_become_a_frame(string type, string version)
    {
        await using var backend = await GreeterAsync();
        using var folder = Configuration(backend);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        using var answer = await SendAsync(gateway, "calls.localhost", type, version, Message("hello"));
        var body = await answer.Content.ReadAsByteArrayAsync();
        var frames = Frames(type.Contains("text", StringComparison.Ordinal) ? Decode(body) : body);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            [
                (0, "application/grpc" + (type.EndsWith("+proto", StringComparison.Ordinal) ? "+proto" : "") + " trailers HTTP/2"),
                (0, "hello"),
                (0x80, "grpc-message: fine\r\ngrpc-status: 0\r\n"),
            ],
            frames);
        Assert.Empty(answer.TrailingHeaders);
    }

    [Fact]
    public async Task A_call_that_fails_at_once_tells_its_status()
    {
        await using var backend = await GreeterAsync();
        using var folder = Configuration(backend);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);

        using var fromBackend = await SendAsync(gateway, "calls.localhost", "application/grpc-web", "1.1", Message("fail"));
        Assert.Equal("9", fromBackend.Headers.GetValues("grpc-status").Single());
        Assert.Equal("application/grpc-web", fromBackend.Content.Headers.ContentType!.ToString());

        using var fromGateway = await SendAsync(gateway, "lost.localhost", "application/grpc-web", "1.1", Message("hello"));
        Assert.Equal("14", fromGateway.Headers.GetValues("grpc-status").Single());
        Assert.Equal("application/grpc-web", fromGateway.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Text_that_is_not_base64_is_refused()
    {
        await using var backend = await GreeterAsync();
        using var folder = Configuration(backend);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://calls.localhost:9080/greet.Greeter/Hello") { Content = new ByteArrayContent("%%%"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc-web-text");

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal("13", answer.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task An_HTTPRoute_answers_the_preflight_of_a_browser_and_takes_the_call()
    {
        await using var backend = await GreeterAsync();
        using var folder = Configuration(backend);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "http://web.localhost:9080/greet.Greeter/Hello");
        preflight.Headers.Add("Origin", "https://shop.example");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type,x-grpc-web");
        using var allowed = await gateway.Client.SendAsync(preflight);
        Assert.Equal("https://shop.example", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());

        using var answer = await SendAsync(gateway, "web.localhost", "application/grpc-web", "1.1", Message("hello"));
        Assert.Equal((0, "hello"), Frames(await answer.Content.ReadAsByteArrayAsync())[1]);
    }

    /// <summary>Answers with what it was asked by, what it was sent, and trailers; "fail" with its head alone.</summary>
    private static Task<TestBackend> GreeterAsync() => TestBackend.StartAsync(
        async context =>
        {
            var sent = new MemoryStream();
            await context.Request.Body.CopyToAsync(sent);
            var (_, text) = Frames(sent.ToArray()).Single();
            context.Response.ContentType = context.Request.ContentType;
            if (text == "fail")
            {
                context.Response.Headers["grpc-status"] = "9";
                return;
            }

            await context.Response.Body.WriteAsync(Message($"{context.Request.ContentType} {context.Request.Headers.TE} {context.Request.Protocol}"));
            await context.Response.Body.FlushAsync();
            await context.Response.Body.WriteAsync(Message(text));
            context.Response.AppendTrailer("grpc-status", "0");
            context.Response.AppendTrailer("grpc-message", "fine");
        },
        HttpProtocols.Http2);

    private static ConfigurationFolder Configuration(TestBackend backend)
    {
        var folder = new ConfigurationFolder();
        folder.Write("service.yaml", backend.Service("greeter", "kubernetes.io/h2c"));
        folder.Write("routes.yaml", """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: gw }
            spec:
              gatewayClassName: any
              listeners: [{ name: http, port: 9080, protocol: HTTP }]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: GRPCRoute
            metadata: { name: calls }
            spec:
              parentRefs: [{ name: gw }]
              hostnames: [calls.localhost]
              rules: [{ backendRefs: [{ name: greeter, port: 80 }] }]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: GRPCRoute
            metadata: { name: lost }
            spec:
              parentRefs: [{ name: gw }]
              hostnames: [lost.localhost]
              rules: [{ backendRefs: [{ name: nobody, port: 80 }] }]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web }
            spec:
              parentRefs: [{ name: gw }]
              hostnames: [web.localhost]
              rules:
                - filters: [{ type: CORS, cors: { allowOrigins: ["https://shop.example"], allowMethods: [POST], allowHeaders: [content-type, x-grpc-web], exposeHeaders: [grpc-status, grpc-message] } }]
                  backendRefs: [{ name: greeter, port: 80 }]
            """);
        return folder;
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayProcess gateway, string host, string type, string version, byte[] message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}:9080/greet.Greeter/Hello")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(type.Contains("text", StringComparison.Ordinal) ? Encoding.ASCII.GetBytes(Convert.ToBase64String(message)) : message),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await gateway.Client.SendAsync(request);
    }

    private static byte[] Message(string text)
    {
        var bytes = new byte[5 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), bytes.Length - 5);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(5));
        return bytes;
    }

    private static List<(int Flags, string Text)> Frames(byte[] body)
    {
        var frames = new List<(int, string)>();
        for (var rest = body.AsSpan(); rest.Length > 0;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
            var text = Encoding.UTF8.GetString(rest.Slice(5, length));
            frames.Add((rest[0], rest[0] == 0 ? text : string.Concat(text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(line => line + "\r\n"))));
            rest = rest[(5 + length)..];
        }

        return frames;
    }

    /// <summary>Pieces of base64 that may each end with padding.</summary>
    private static byte[] Decode(byte[] text) =>
        [.. Enumerable.Range(0, text.Length / 4).SelectMany(i => Convert.FromBase64String(Encoding.ASCII.GetString(text, i * 4, 4)))];
}
