using System.Text;
using Polygate.Model;
using Polygate.Proxy.Grpc;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Http2;

namespace Polygate.Proxy.Tests.Authorization;

/// <summary>Envoy's authorization protocol against a service that speaks it.</summary>
public sealed class GrpcAuthorizationTests() : ProxyTests(TransportKind.Native)
{
    [Fact]
    public async Task The_service_learns_of_the_request_and_says_what_the_backend_gets()
    {
        byte[] question = [];
        await using var auth = Service(message => question = message, answer =>
        {
            answer.Message(1, _ => { });
            answer.Message(3, ok =>
            {
                Option(ok, 2, "x-user", "alice");
                ok.Text(5, "x-secret");
                Option(ok, 6, "x-decided", "yes");
            });
        });

        var response = await SendAsync(auth, new ExternalAuthorizationFilter("auth")
        {
            Protocol = AuthorizationProtocol.Grpc,
            Body = new AuthorizationBody(100),
            Context = [new HeaderValue("tenant", "blue")],
        });

        Assert.Equal((200, "yes"), (response.Status, response["x-decided"]));
        Assert.Contains("x-user: alice\r\n", response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", response.Body, StringComparison.Ordinal);
        Assert.EndsWith("hello", response.Body, StringComparison.Ordinal);
        var attributes = Find(question, 1);
        var http = Find(Find(attributes, 4), 2);
        Assert.Equal(("POST", "/a?b=c", "shop.example", "http", "hello"), (Text(http, 2), Text(http, 4), Text(http, 5), Text(http, 6), Text(http, 11)));
        Assert.Equal("127.0.0.1", Text(Find(Find(Find(attributes, 1), 1), 1), 2));
        Assert.Equal(("tenant", "blue"), (Text(Find(attributes, 10), 1), Text(Find(attributes, 10), 2)));
    }

    [Fact]
    public async Task A_denial_is_the_answer()
    {
        await using var auth = Service(_ => { }, answer =>
        {
            answer.Message(1, status => status.Number(1, 7));
            answer.Message(2, denied =>
            {
                denied.Message(1, status => status.Number(1, 418));
                Option(denied, 2, "x-why", "because");
                denied.Text(3, "go away");
            });
        });

        var response = await SendAsync(auth, new ExternalAuthorizationFilter("auth") { Protocol = AuthorizationProtocol.Grpc });

        Assert.Equal((418, "because", "go away"), (response.Status, response["x-why"], response.Body));
    }

    [Fact]
    public async Task A_bare_no_is_403()
    {
        await using var auth = Service(_ => { }, answer => answer.Message(1, status => status.Number(1, 16)));

        Assert.Equal(403, (await SendAsync(auth, new ExternalAuthorizationFilter("auth") { Protocol = AuthorizationProtocol.Grpc })).Status);
    }

    [Fact]
    public async Task A_call_that_fails_closes_the_route()
    {
        await using var auth = new Http2Backend(async exchange =>
        {
            exchange.Response.Status = 200;
            exchange.Response.Headers.Add("content-type"u8, "application/grpc"u8);
            exchange.Response.Headers.Add("grpc-status"u8, "12"u8);
            exchange.StartResponse(0);
            await exchange.CompleteResponseAsync(default);
        });

        Assert.Equal(403, (await SendAsync(auth, new ExternalAuthorizationFilter("auth") { Protocol = AuthorizationProtocol.Grpc, ErrorStatus = 403 })).Status);
    }

    [Theory]
    [InlineData(new byte[] { 0x08 })]
    [InlineData(new byte[] { 0x0A, 0x05, 0x01 })]
    [InlineData(new byte[] { 0x0F, 0x01 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    public void A_malformed_message_is_told(byte[] message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            // To the end.
        }

        Assert.True(reader.IsMalformed);
    }

    private static void Option(ProtobufWriter writer, int field, string name, string value) => writer.Message(field, option => option.Message(1, header =>
    {
        header.Text(1, name);
        header.Text(2, value);
    }));

    private static Http2Backend Service(Action<byte[]> seen, Action<ProtobufWriter> write) => new(async exchange =>
    {
        var body = new List<byte>();
        for (var slice = await exchange.ReadRequestAsync(); !slice.IsEmpty; slice = await exchange.ReadRequestAsync())
            body.AddRange(slice.Span);

        Assert.Equal("/envoy.service.auth.v3.Authorization/Check", Encoding.ASCII.GetString(exchange.Request.Path));
        seen(body.Count < 5 ? [] : [.. body[5..]]);
        var answer = new ProtobufWriter();
        write(answer);
        exchange.Response.Status = 200;
        exchange.Response.Headers.Add("content-type"u8, "application/grpc"u8);
        exchange.StartResponse(null);
        exchange.ResponseTrailers.Add("grpc-status"u8, "0"u8);
        await exchange.CompleteResponseAsync(new byte[] { 0, 0, 0, 0, (byte)answer.Written.Length }.Concat(answer.Written.ToArray()).ToArray());
    });

    private static byte[] Find(byte[] message, int field)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == field)
                return reader.Bytes.ToArray();
        }

        return [];
    }

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Find(message, field));

    private async Task<TestMessage> SendAsync(Http2Backend auth, ExternalAuthorizationFilter filter)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", backend.Port), auth.AsBackend() with { Id = "auth" }], new ForwardAction([new WeightedBackend("backend")]), filter));
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST /a?b=c HTTP/1.1\r\nHost: shop.example\r\nx-user: forged\r\nx-secret: hidden\r\nContent-Length: 5\r\n\r\nhello");
        return await client.ReadResponseAsync();
    }
}
