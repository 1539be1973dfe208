using System.Globalization;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>What a client's connection does.</summary>
public abstract class ConnectionTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task Requests_follow_one_another_on_one_connection_to_client_and_backend()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
        }

        Assert.Equal(1, backend.Accepted);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(string.Concat(Enumerable.Range(0, 50).Select(i => $"POST /{i} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n{i:000}")));

        for (var i = 0; i < 50; i++)
        {
            var answer = await client.ReadResponseAsync();
            Assert.StartsWith($"POST /{i} ", answer.Body, StringComparison.Ordinal);
            Assert.EndsWith(i.ToString("000", CultureInfo.InvariantCulture), answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_connection_is_idle_again_after_a_request_that_came_during_another()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.StartLine.StartsWith("GET /slow", StringComparison.Ordinal))
                {
                    arrived.SetResult();
                    await answer.Task;
                }

                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        var limits = new HttpLimits { HeaderTimeout = TimeSpan.FromMilliseconds(200), IdleTimeout = TimeSpan.FromMilliseconds(500) };
        await using var proxy = To(backend, options: new ProxyOptions { Limits = limits });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await arrived.Task;
        await client.SendAsync(Get);
        for (var i = 0; i < 5; i++)
        {
            using var other = await proxy.ConnectAsync();
            await other.SendAsync(Get);
            Assert.Equal(200, (await other.ReadResponseAsync()).Status);
        }

        answer.SetResult();
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);

        // Nothing of a slow request's 408.
        Assert.Equal(("", true), await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "close")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "close")]
    public async Task The_connection_ends_when_the_client_wants_no_more(string request, string connection)
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(request);
        var answer = await client.ReadResponseAsync();

        Assert.Equal(("ok", connection), (answer.Body, answer["Connection"]));
        Assert.Equal(("", true), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Http_1_0_keeps_the_connection_when_asked_to()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
            Assert.Equal("keep-alive", (await client.ReadResponseAsync())["Connection"]);
        }
    }

    [Fact]
    public async Task A_bad_request_is_answered_and_the_connection_closed()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Get);
        var answer = await client.ReadResponseAsync();

        Assert.Equal((400, "close", "polygate"), (answer.Status, answer["Connection"], answer["Server"]));
        Assert.Equal(("", true), await client.ReadToEndAsync());
        Assert.Equal(0, backend.Accepted);
    }

    [Fact]
    public async Task An_unknown_expectation_fails()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\n");

        Assert.Equal(417, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_Continue_gets_it()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadHeadAsync());
        await client.SendAsync("hello");
        var answer = await client.ReadResponseAsync();

        Assert.EndsWith("\r\n\r\nhello", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Expect", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_head_is_answered_408()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, options: new ProxyOptions { Limits = new HttpLimits { HeaderTimeout = TimeSpan.FromMilliseconds(200) } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost");

        Assert.Equal(408, (await client.ReadResponseAsync()).Status);
        Assert.Equal(("", true), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_slow_body_is_answered_408()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, options: new ProxyOptions { Limits = new HttpLimits { BodyTimeout = TimeSpan.FromMilliseconds(200) } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");

        Assert.Equal(408, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, options: new ProxyOptions { Limits = new HttpLimits { IdleTimeout = TimeSpan.FromMilliseconds(200) } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);

        Assert.Equal(("", true), await client.ReadToEndAsync());
    }

    /// <summary>A connection that rested was waited on for longer than this request allows.</summary>
    [Fact]
    public async Task A_backend_may_be_silent_for_no_longer_on_a_connection_that_was_used_before()
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            while (await connection.ReadRequestAsync() is not null)
            {
                // Never answered.
            }
        });
        await using var proxy = To(backend, action => action with { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);

        await client.SendAsync(Get);

        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
        Assert.Equal(1, backend.Accepted);
    }

    [Fact]
    public async Task A_client_that_leaves_is_noticed_however_long_the_backend_was_silent()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var brokenOff = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            try
            {
                await connection.ReadRequestAsync();
                arrived.SetResult();
                await connection.ReadRequestAsync();
            }
            finally
            {
                brokenOff.SetResult();
            }
        });
        await using var proxy = To(backend, options: new ProxyOptions { Limits = new HttpLimits { IdleTimeout = TimeSpan.FromMilliseconds(100) } });
        using (var client = await proxy.ConnectAsync())
        {
            await client.SendAsync(Get);
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20));

            // Longer than a connection may rest.
            await Task.Delay(500, TestContext.Current.CancellationToken);
            Assert.False(brokenOff.Task.IsCompleted);
        }

        await brokenOff.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Draining_closes_idle_connections_and_lets_exchanges_finish()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            arrived.SetResult();
            await answer.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using var proxy = To(backend);
        // So many that every loop has one: where they are closed, their loop has heard that it drains.
        var idle = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => proxy.ConnectAsync()));
        using var busy = await proxy.ConnectAsync();
        await busy.SendAsync(Get);
        await arrived.Task;

        var draining = proxy.Server.DrainAsync(TimeSpan.FromSeconds(30));
        foreach (var connection in idle)
        {
            using (connection)
            {
                Assert.Equal(("", true), await connection.ReadToEndAsync());
            }
        }

        Assert.False(draining.IsCompleted);
        answer.SetResult();

        Assert.Equal("close", (await busy.ReadResponseAsync())["Connection"]);
        await draining;
        Assert.Equal(0, proxy.Server.ReadMetrics().ActiveConnections);
    }
}
