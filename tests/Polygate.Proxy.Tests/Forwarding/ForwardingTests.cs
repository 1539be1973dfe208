using Polygate.Model;
using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>What becomes of a request on its way to the backend, and of the answer on its way back.</summary>
public abstract class ForwardingTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_request_reaches_the_backend_and_its_answer_the_client()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET /a?b=c HTTP/1.1\r\nHost: Example.com:81\r\nX-Odd:   two  words \t\r\n\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("GET /a?b=c HTTP/1.1\r\nHost: Example.com:81\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Odd: two  words\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For: 127.0.0.1\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Host: Example.com:81\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Port: 8080\r\n", answer.Body, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Proto: http\r\n", answer.Body, StringComparison.Ordinal);
        Assert.NotNull(answer["Date"]);
        Assert.Null(answer["Server"]);
    }

    [Fact]
    public async Task What_an_untrusted_peer_says_of_its_client_is_dropped()
    {
        var seen = await SeenByBackendAsync(TrustedProxies.None);

        Assert.Equal(["127.0.0.1"], seen.Values("X-Forwarded-For"));
        Assert.Equal(["127.0.0.1"], seen.Values("X-Real-IP"));
        Assert.Equal(["http"], seen.Values("X-Forwarded-Proto"));
        Assert.Empty(seen.Values("Forwarded"));
        Assert.Equal(["abc"], seen.Values("X-Request-ID"));
    }

    [Fact]
    public async Task What_a_trusted_peer_says_of_its_client_is_continued()
    {
        var seen = await SeenByBackendAsync(TrustedProxies.Parse(["127.0.0.0/8", "10.0.0.0/8"]));

        Assert.Equal(["9.9.9.9, 203.0.113.7, 10.1.1.1, 127.0.0.1"], seen.Values("X-Forwarded-For"));
        Assert.Equal(["https"], seen.Values("X-Forwarded-Proto"));
        Assert.Equal(["1.2.3.4"], seen.Values("X-Real-IP"));
    }

    [Theory]
    [InlineData(null, "for=127.0.0.1;host=\"a:8\";proto=http")]
    [InlineData("for=1.2.3.4;by=_x", "for=1.2.3.4;by=_x, for=127.0.0.1;host=\"a:8\";proto=http")]
    [InlineData("for=\"[::1]:9\", for=_b", "for=\"[::1]:9\", for=_b, for=127.0.0.1;host=\"a:8\";proto=http")]
    [InlineData("for=\"a\\\"b\"", "for=\"a\\\"b\", for=127.0.0.1;host=\"a:8\";proto=http")]
    [InlineData("for=\"1.2.3.4", "for=127.0.0.1;host=\"a:8\";proto=http")]
    public async Task Forwarded_is_continued_where_the_installation_wants_it(string? told, string expected)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, options: new ProxyOptions { TrustedProxies = TrustedProxies.Parse(["127.0.0.1"]), Forwarded = ForwardedHeader.Address });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a:8\r\n{(told is null ? "" : $"Forwarded: {told}\r\n")}\r\n");

        Assert.Equal([expected], new TestMessage((await client.ReadResponseAsync()).Body, "", "").Values("Forwarded"));
    }

    [Fact]
    public async Task Forwarded_tells_no_address_where_that_is_not_wanted_and_nothing_of_an_untrusted_peer()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, options: new ProxyOptions { Forwarded = ForwardedHeader.Obfuscated });
        using var client = await proxy.ConnectAsync();
        var seen = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=1.2.3.4\r\n\r\n");
            seen.AddRange(new TestMessage((await client.ReadResponseAsync()).Body, "", "").Values("Forwarded"));
        }

        Assert.All(seen, value => Assert.Matches("^for=_[0-9a-f]{16};host=a;proto=http$", value));
        Assert.Equal(2, seen.Distinct().Count());
    }

    [Fact]
    public async Task Hop_by_hop_fields_stay_on_their_hop()
    {
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(
                    "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\n"
                    + $"X-Seen: {request.Head.Replace("\r\n", "|", StringComparison.Ordinal)}\r\nContent-Length: 0\r\n\r\n");
            }
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\nProxy-Connection: x\r\nX-End: 1\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        var seen = answer["X-Seen"]!;

        foreach (var name in new[] { "Connection", "X-Mine", "Keep-Alive", "Proxy-Connection" })
            Assert.Null(answer[name]);

        foreach (var name in new[] { "|Connection", "|X-Hop", "|Keep-Alive", "|TE", "|Proxy-Connection" })
            Assert.DoesNotContain(name, seen, StringComparison.OrdinalIgnoreCase);

        Assert.Contains("|X-End: 1|", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_backend_sees_the_normalised_path()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET http://b.example/x/../%61%2f?%61 HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.StartsWith("GET /a%2F?%61 HTTP/1.1\r\nHost: b.example\r\n", (await client.ReadResponseAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_route_the_answer_is_404()
    {
        await using var proxy = Start(Without(routes: true));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(404, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Without_an_endpoint_the_answer_is_503()
    {
        await using var proxy = Start(Without(routes: false));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(503, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task When_nothing_listens_the_answer_is_502()
    {
        int port;
        await using (var closed = TestBackend.Echoing())
            port = closed.Port;

        await using var proxy = Start(TestProxy.Configuration([TestProxy.Backend("backend", port)], new ForwardAction([new WeightedBackend("backend")])));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_direct_answer_comes_from_the_gateway()
    {
        await using var proxy = Start(TestProxy.Configuration([], new DirectResponseAction(418, "short and stout")));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + Get);
        var first = await client.ReadResponseAsync();
        var head = await client.ReadResponseAsync(hasNoBody: true);
        var last = await client.ReadResponseAsync();

        Assert.Equal((418, "short and stout", "polygate"), (first.Status, first.Body, first["Server"]));
        Assert.Equal("15", head["Content-Length"]);
        Assert.Equal("short and stout", last.Body);
    }

    [Fact]
    public async Task A_backend_that_takes_too_long_is_answered_for_with_504()
    {
        await using var backend = new TestBackend(async connection => await connection.ReadToEndAsync());
        await using var proxy = To(backend, action => action with { BackendTimeout = TimeSpan.FromMilliseconds(200) });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
        await client.SendAsync(Get);
        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task The_time_for_a_request_covers_all_attempts()
    {
        await using var backend = new TestBackend(async connection => await connection.ReadToEndAsync());
        await using var proxy = To(backend, action => action with
        {
            RequestTimeout = TimeSpan.FromMilliseconds(300),
            Retry = new RetryPolicy(1000) { OnTimeout = true },
            BackendTimeout = TimeSpan.FromMilliseconds(100),
        });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
        Assert.InRange(backend.Accepted, 1, 10);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_repeated_within_the_time_of_the_request()
    {
        var attempts = 0;
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                if (Interlocked.Increment(ref attempts) > 1)
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
            }
        });
        await using var proxy = To(backend, action => action with
        {
            Retry = new RetryPolicy(1) { OnTimeout = true },
            BackendTimeout = TimeSpan.FromMilliseconds(200),
            RequestTimeout = TimeSpan.FromSeconds(30),
        });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal("second", (await client.ReadResponseAsync()).Body);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task An_endpoint_that_cannot_be_reached_is_passed_over()
    {
        int closedPort;
        await using (var closed = TestBackend.Echoing())
            closedPort = closed.Port;

        await using var backend = TestBackend.Echoing();
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", closedPort, backend.Port)], new ForwardAction([new WeightedBackend("backend")])));
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
            Assert.EndsWith("hello", (await client.ReadResponseAsync()).Body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello world")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")]
    public async Task A_body_beyond_the_limit_is_refused(string body)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, filters: new BodyLimitFilter(10));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + body);

        Assert.Equal(413, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_new_configuration_serves_the_next_request_on_the_same_connection()
    {
        await using var first = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
        await using var second = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
        await using var proxy = To(first);
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal("1", (await client.ReadResponseAsync()).Body);

        proxy.Server.Apply(TestProxy.Configuration([TestProxy.Backend("backend", second.Port)], new ForwardAction([new WeightedBackend("backend")])));
        await client.SendAsync(Get);

        Assert.Equal("2", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task A_failed_attempt_is_repeated_where_the_route_says_so()
    {
        var requests = 0;
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(Interlocked.Increment(ref requests) < 3
                    ? "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
                    : $"HTTP/1.1 200 OK\r\nContent-Length: {request.Body.Length}\r\n\r\n{request.Body}");
            }
        });
        await using var proxy = To(backend, action => action with { Retry = new RetryPolicy(2) { Statuses = [503] } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        var answer = await client.ReadResponseAsync();

        Assert.Equal((200, "hello"), (answer.Status, answer.Body));
        Assert.Equal(3, requests);
    }

    [Fact]
    public async Task A_request_is_sent_once_more_when_its_pooled_connection_was_closed_under_it()
    {
        var connections = 0;
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

            // The first connection takes a second request and gives no answer.
            if (Interlocked.Increment(ref connections) == 1)
                await connection.ReadRequestAsync();
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
        await client.SendAsync(Get);

        Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
        Assert.Equal(2, backend.Accepted);
    }

    [Fact]
    public async Task A_request_that_is_not_idempotent_is_never_sent_twice_by_itself()
    {
        var requests = 0;
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null && Interlocked.Increment(ref requests) == 1)
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
        Assert.Equal(2, requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")]
    public async Task An_answer_that_is_no_clean_one_becomes_502(string answer)
    {
        await using var backend = TestBackend.Answering(answer);
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_copy_goes_to_the_mirror_and_its_answer_nowhere()
    {
        var copied = new TaskCompletionSource<TestMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var mirror = new TestBackend(async connection =>
        {
            copied.TrySetResult((await connection.ReadRequestAsync())!);
            await connection.SendAsync("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
        });
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", backend.Port), TestProxy.Backend("mirror", mirror.Port)],
            new ForwardAction([new WeightedBackend("backend")]),
            new MirrorFilter("mirror")));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");

        Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
        var copy = await copied.Task;
        Assert.Equal(("POST /x HTTP/1.1", "hello"), (copy.StartLine, copy.Body));
    }

    [Fact]
    public async Task The_client_may_reset_while_the_backend_thinks()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            arrived.SetResult();
            await connection.ReadToEndAsync();
            left.SetResult();
        });
        var log = new RecordingLog();
        await using var proxy = To(backend, options: new ProxyOptions { AccessLog = log });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        await arrived.Task;
        client.Reset();

        await left.Task;
        Assert.Equal((499, "client gone"), await log.Entry);
    }

    [Fact]
    public async Task The_log_and_the_counters_tell_of_each_request()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
        var log = new RecordingLog();
        await using var proxy = To(backend, options: new ProxyOptions { AccessLog = log });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        await client.ReadResponseAsync();

        Assert.Equal((201, ""), await log.Entry);
        var metrics = proxy.Server.ReadMetrics();
        var route = metrics.Routes["route"];
        Assert.Equal((1, 3, 2), (route.ByClass[2], route.RequestBytes, route.ResponseBytes));
        Assert.Equal((1, 1), (metrics.ActiveConnections, metrics.UpstreamConnects));
    }

    private async Task<TestMessage> SeenByBackendAsync(TrustedProxies trusted)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, options: new ProxyOptions { TrustedProxies = trusted });
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9, 203.0.113.7\r\nX-Forwarded-For: 10.1.1.1\r\nX-Forwarded-Proto: https\r\n"
            + "X-Real-IP: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Request-ID: abc\r\n\r\n");
        return new TestMessage((await client.ReadResponseAsync()).Body, "", "");
    }

    private static GatewayConfiguration Without(bool routes)
    {
        var configuration = TestProxy.Configuration([new Backend("backend", new StaticEndpoints([]))], new ForwardAction([new WeightedBackend("backend")]));
        var piece = configuration.Pieces["piece"];
        return routes ? configuration with { Pieces = configuration.Pieces.SetItem("piece", piece with { Routes = [] }) } : configuration;
    }

    private sealed class RecordingLog : IAccessLog
    {
        private readonly TaskCompletionSource<(int Status, string Reason)> entry = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsEnabled => true;

        public Task<(int Status, string Reason)> Entry => entry.Task;

        public void Log(in AccessLogEntry entry) => this.entry.TrySetResult((entry.Status, entry.Reason));
    }
}
