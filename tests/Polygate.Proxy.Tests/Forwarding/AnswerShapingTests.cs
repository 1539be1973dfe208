using System.IO.Compression;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>Answers that are compressed, replaced, rewritten or held back on their way to the client.</summary>
public abstract class AnswerShapingTests(TransportKind transport) : ProxyTests(transport)
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("compress me, please. ", 20_000));

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0.5, gzip;q=0.9", "gzip")]
    [InlineData("gzip, br", "br")]
    [InlineData("*", "br")]
    [InlineData("identity, gzip;q=0", null)]
    [InlineData("", null)]
    public async Task A_body_is_compressed_as_the_client_likes(string accepted, string? coding)
    {
        await using var backend = TestBackend.Answering($"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nETag: \"1\"\r\nContent-Length: {Text.Length}\r\n\r\n{Text}");
        await using var proxy = To(backend, filters: new CompressionFilter { Types = ["text/*"] });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\n{(accepted.Length > 0 ? $"Accept-Encoding: {accepted}\r\n" : "")}\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal((coding, "Accept-Encoding"), (answer["Content-Encoding"], answer["Vary"]));
        Assert.Equal(coding is null ? "\"1\"" : "W/\"1\"", answer["ETag"]);
        Assert.Equal(Text, Decode(answer.Body, coding));
        Assert.True(coding is null || answer.Body.Length < Text.Length / 10);
    }

    [Theory]
    [InlineData("Content-Type: image/png")]
    [InlineData("Content-Type: text/plain\r\nContent-Encoding: br")]
    [InlineData("Content-Type: text/plain\r\nCache-Control: no-transform")]
    public async Task What_must_not_or_need_not_be_compressed_is_left_alone(string fields)
    {
        await using var backend = TestBackend.Answering($"HTTP/1.1 200 OK\r\n{fields}\r\nContent-Length: {Text.Length}\r\n\r\n{Text}");
        await using var proxy = To(backend, filters: new CompressionFilter { Types = ["text/*"] });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");

        Assert.Equal(Text, (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task What_was_compressed_so_far_does_not_wait_for_the_rest()
    {
        var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            await more.Task;
            await connection.SendAsync("4\r\nlast\r\n0\r\n\r\n");
        });
        await using var proxy = To(backend, filters: new CompressionFilter());
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Contains("gzip", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.ReadAsync(12);
        more.SetResult();
        Assert.EndsWith("0\r\n\r\n", await ReadToLastChunkAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_page_takes_the_place_of_the_backends_answer()
    {
        var seen = new TaskCompletionSource<TestMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var errors = new TestBackend(async connection =>
        {
            seen.TrySetResult((await connection.ReadRequestAsync())!);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\noops");
        });
        await using var backend = TestBackend.Answering("HTTP/1.1 503 Busy\r\nX-Inner: 1\r\nContent-Length: 4\r\n\r\nbusy");
        var filter = new ErrorPagesFilter("errors", [500, 503])
        {
            Path = new TextTemplate([TextPart.Literal("/error/"), new TextPart(TextSource.Status)]),
            Set = [new HeaderTemplate("X-Code", TextTemplate.Of(TextSource.Status)), new HeaderTemplate("X-Original-URI", TextTemplate.Of(TextSource.PathAndQuery))],
        };
        await using var proxy = WithErrors(errors, backend, filter);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST /a?b HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 2\r\n\r\nhi");
        var answer = await client.ReadResponseAsync();
        var question = await seen.Task;

        Assert.Equal((503, "oops", "text/html", (string?)null), (answer.Status, answer.Body, answer["Content-Type"], answer["X-Inner"]));
        Assert.Equal(("GET /error/503 HTTP/1.1", "shop.example", "503", "/a?b"), (question.StartLine, question["Host"], question["X-Code"], question["X-Original-URI"]));
    }

    [Fact]
    public async Task An_error_page_takes_the_place_of_the_gateways_answer_unless_told_otherwise()
    {
        await using var errors = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops");
        var gone = TestBackend.Echoing();
        await gone.DisposeAsync();

        Assert.Equal((502, "oops"), await AnswerAsync(new ErrorPagesFilter("errors", [502])));
        Assert.Equal((200, "oops"), await AnswerAsync(new ErrorPagesFilter("errors", [502]) { KeepStatus = false }));
        Assert.Equal((599, "oops"), await AnswerAsync(new ErrorPagesFilter("errors", [502]) { StatusChanges = [new StatusChange(502, 599)] }));
        Assert.Equal((502, "502 bad gateway\n"), await AnswerAsync(new ErrorPagesFilter("errors", [502]) { BackendOnly = true }));

        async Task<(int, string)> AnswerAsync(ErrorPagesFilter filter)
        {
            await using var proxy = WithErrors(errors, gone, filter);
            using var client = await proxy.ConnectAsync();
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            var answer = await client.ReadResponseAsync();
            return (answer.Status, answer.Body);
        }
    }

    [Fact]
    public async Task Without_the_error_backend_the_status_stays()
    {
        var errors = TestBackend.Echoing();
        await errors.DisposeAsync();
        await using var backend = TestBackend.Answering("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
        await using var proxy = WithErrors(errors, backend, new ErrorPagesFilter("errors", [503]));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Cookies_and_redirects_of_the_backend_are_rewritten()
    {
        await using var backend = TestBackend.Answering(
            "HTTP/1.1 302 Found\r\nLocation: http://inner:8080/app/x\r\nSet-Cookie: a=1; Domain=inner.example; Path=/app/sub\r\nSet-Cookie: b=2; path=/\r\nContent-Length: 0\r\n\r\n");
        await using var proxy = To(backend, filters:
        [
            new LocationRewriteFilter([new TextReplacement(TextReplacementKind.Prefix, "http://inner:8080/app", "https://shop.example")]),
            new CookieRewriteFilter
            {
                Domains = [new TextReplacement(TextReplacementKind.Exact, "INNER.example", "shop.example")],
                Paths = [new TextReplacement(TextReplacementKind.Regex, "^/app(.*)$", "$1")],
            },
        ]);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal("https://shop.example/x", answer["Location"]);
        Assert.Equal(["a=1; Domain=shop.example; Path=/sub", "b=2; path=/"], answer.Values("Set-Cookie"));
    }

    [Theory]
    [InlineData(1000, 0, 500, 0, 500)]
    [InlineData(1000, 0, 500, 500, 0)]
    [InlineData(1000, 2000, 1500, 0, 0)]
    [InlineData(1000, 2000, 3500, 1000, 500)]
    public void A_rate_says_how_long_to_wait(long rate, long after, long sent, long elapsed, int wait) =>
        Assert.Equal(TimeSpan.FromMilliseconds(wait), new BandwidthLimit(rate, after).WaitAfter(sent, elapsed));

    [Fact]
    public async Task A_body_held_back_to_a_rate_arrives_whole()
    {
        await using var backend = TestBackend.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {Text.Length}\r\n\r\n{Text}");
        await using var proxy = To(backend, filters: new BandwidthLimitFilter(2_000_000));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(Text, (await client.ReadResponseAsync()).Body);
    }

    private static async Task<string> ReadToLastChunkAsync(TestConnection client)
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            text.Append(await client.ReadAsync(1));

        return text.ToString();
    }

    private static string Decode(string body, string? coding)
    {
        var stream = new MemoryStream(Encoding.Latin1.GetBytes(body));
        using Stream decoded = coding switch
        {
            "gzip" => new GZipStream(stream, CompressionMode.Decompress),
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            _ => stream,
        };
        return new StreamReader(decoded).ReadToEnd();
    }

    private TestProxy WithErrors(TestBackend errors, TestBackend backend, params Filter[] filters) => Start(TestProxy.Configuration(
        [TestProxy.Backend("backend", backend.Port), TestProxy.Backend("errors", errors.Port)], new ForwardAction([new WeightedBackend("backend")]), filters));
}

public sealed class AnswersOverTheNativeTransport() : AnswerShapingTests(TransportKind.Native);

public sealed class AnswersOverDotNetSockets() : AnswerShapingTests(TransportKind.Sockets);
