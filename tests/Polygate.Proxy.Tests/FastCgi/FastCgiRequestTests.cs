using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.FastCgi;

/// <summary>What FastCGI applications are told of requests.</summary>
public sealed class FastCgiRequestTests() : FastCgiTests(TransportKind.Native)
{
    [Fact]
    public async Task A_request_is_told_as_meta_variables()
    {
        var seen = await SeenAsync("GET /shop/a%20b.php?x=1&y HTTP/1.1\r\nHost: Shop.test:8080\r\nX-Team: blue\r\nAuthorization: Basic eDp5\r\n\r\n");

        (string Name, string? Value)[] expected =
        [
            ("REQUEST_METHOD", "GET"), ("QUERY_STRING", "x=1&y"), ("REQUEST_URI", "/shop/a%20b.php?x=1&y"), ("SCRIPT_NAME", "/shop/a b.php"),
            ("DOCUMENT_URI", "/shop/a b.php"), ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_SCHEME", "http"), ("HTTPS", null), ("GATEWAY_INTERFACE", "CGI/1.1"),
            ("SERVER_NAME", "shop.test"), ("SERVER_PORT", "8080"), ("REMOTE_ADDR", "127.0.0.1"), ("REDIRECT_STATUS", "200"), ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", ""),
            ("HTTP_HOST", "Shop.test:8080"), ("HTTP_X_TEAM", "blue"), ("HTTP_AUTHORIZATION", "Basic eDp5"), ("HTTP_X_FORWARDED_FOR", "127.0.0.1"),
        ];
        foreach (var (name, value) in expected)
            Assert.Equal((name, value), (name, seen[name]));

        Assert.Equal("", seen.Body);
        Assert.False(seen.KeepsConnection);
    }

    [Fact]
    public async Task No_client_says_what_is_the_gateways_to_say_or_becomes_a_programs_proxy()
    {
        var seen = await SeenAsync(
            "GET / HTTP/1.1\r\nHost: a\r\nProxy: http://evil.test\r\nX_Real_IP: 1.2.3.4\r\nX-Real.IP: 1.2.3.4\r\nConnection: keep-alive, X-Gone\r\nX-Gone: 1\r\nTE: trailers\r\n\r\n");

        Assert.Equal("127.0.0.1", seen["HTTP_X_REAL_IP"]);
        Assert.DoesNotContain(seen.Parameters, parameter => parameter.Name is "HTTP_PROXY" or "HTTP_CONNECTION" or "HTTP_X_GONE" or "HTTP_TE" or "HTTP_X_REAL.IP");
    }

    [Fact]
    public async Task Lines_of_one_field_are_one_value()
    {
        var seen = await SeenAsync("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nCookie: a=1\r\naccept: */*\r\nCookie: b=2\r\n\r\n");

        Assert.Equal(("text/html, */*", "a=1; b=2"), (seen["HTTP_ACCEPT"], seen["HTTP_COOKIE"]));
    }

    [Fact]
    public async Task A_routes_parameters_take_the_place_of_the_usual_ones()
    {
        var settings = new FastCgiSettings
        {
            Index = "index.php",
            Parameters =
            [
                new HeaderTemplate("SCRIPT_FILENAME", new TextTemplate([TextPart.Literal("/app"), new TextPart(TextSource.Document, "index.php")])),
                new HeaderTemplate("SERVER_NAME", TextTemplate.Literal("inner.test")),
                new HeaderTemplate("HTTPS", TextTemplate.Literal("on")),
            ],
        };
        var seen = await SeenAsync("GET /blog/ HTTP/1.1\r\nHost: a\r\n\r\n", settings);

        Assert.Equal(("/blog/index.php", "/app/blog/index.php", "/blog/"), (seen["SCRIPT_NAME"], seen["SCRIPT_FILENAME"], seen["DOCUMENT_URI"]));
        Assert.Equal(("inner.test", "on"), (seen["SERVER_NAME"], seen["HTTPS"]));
    }

    [Fact]
    public async Task The_script_is_that_of_the_rewritten_path_and_the_target_that_of_the_client()
    {
        var rewrite = new RewriteFilter { Path = new ReplaceElementPrefix("/old", "/new") };
        var seen = await SeenAsync("GET /old/x?q HTTP/1.1\r\nHost: a\r\n\r\n", new FastCgiSettings(), rewrite);

        Assert.Equal(("/old/x?q", "/new/x", "q"), (seen["REQUEST_URI"], seen["SCRIPT_NAME"], seen["QUERY_STRING"]));
    }

    [Theory]
    [InlineData("/a/..%2f..%2f..%2Fetc/passwd", "/etc/passwd")]
    [InlineData("/a%2F..%2fb", "/b")]
    [InlineData("/a%5c..%2f%2e", "/a\\../")]
    [InlineData("/caf%C3%A9%3Fx", "/caf\u00c3\u00a9?x")]
    public async Task Encoded_dot_segments_lead_nowhere(string path, string script)
    {
        var seen = await SeenAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(script, seen["SCRIPT_NAME"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(300_000)]
    public async Task A_body_whose_length_is_known_is_passed_on(int length)
    {
        var seen = await SeenAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{new string('b', length)}");

        Assert.Equal((length.ToString(System.Globalization.CultureInfo.InvariantCulture), "text/plain"), (seen["CONTENT_LENGTH"], seen["CONTENT_TYPE"]));
        Assert.Equal(length, seen.Body.Length);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(500_000)]
    public async Task A_body_whose_length_is_not_known_is_measured_first(int length)
    {
        var seen = await SeenAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{new string('b', length)}\r\n0\r\n\r\n");

        Assert.Equal(length.ToString(System.Globalization.CultureInfo.InvariantCulture), seen["CONTENT_LENGTH"]);
        Assert.Equal(length, seen.Body.Length);
    }

    [Fact]
    public async Task A_large_body_whose_length_is_not_known_is_refused()
    {
        await using var backend = TestApplication.Answering("\n");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{1_100_000:x}\r\n{new string('b', 1_100_000)}\r\n");

        Assert.Equal(411, (await client.ReadResponseAsync()).Status);
        Assert.Equal(0, backend.Accepted);
    }

    [Fact]
    public async Task Many_long_fields_take_several_records()
    {
        var fields = string.Concat(Enumerable.Range(0, 30).Select(i => $"X-Long-{i}: {new string((char)('a' + (i % 26)), 3000)}\r\n"));
        var seen = await SeenAsync($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n", options: new ProxyOptions { Limits = new HttpLimits { HeaderBytes = 128 * 1024 } });

        for (var i = 0; i < 30; i++)
            Assert.Equal(new string((char)('a' + (i % 26)), 3000), seen[$"HTTP_X_LONG_{i}"]);
    }

    private async Task<ApplicationRequest> SeenAsync(string request, FastCgiSettings? settings = null, Filter? filter = null, ProxyOptions? options = null)
    {
        var seen = new TaskCompletionSource<ApplicationRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = TestApplication.Running(async application =>
        {
            seen.SetResult(await application.ReadRequestAsync());
            await application.AnswerAsync("\n");
        });
        await using var proxy = To(backend, settings, options, filter is null ? [] : [filter]);
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(request);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        return await seen.Task;
    }
}
