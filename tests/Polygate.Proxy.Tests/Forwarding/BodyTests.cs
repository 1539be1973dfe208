using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>How bodies travel.</summary>
public abstract class BodyTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello world", "hello world")]
    [InlineData("Content-Length: 0\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", "hello world")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "")]
    public async Task Every_framing_of_an_answer_arrives_at_the_client(string answer, string body)
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\n" + answer);
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal(body, (await client.ReadResponseAsync()).Body);
        }

        Assert.Equal(1, backend.Accepted);
    }

    [Fact]
    public async Task An_answer_that_ends_with_its_connection_becomes_chunked()
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Get);
            var answer = await client.ReadResponseAsync();
            Assert.Equal(("until the end", "chunked"), (answer.Body, answer["Transfer-Encoding"]));
        }
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_no_chunks()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal(("hello", null, "close"), (answer.Body, answer["Transfer-Encoding"], answer["Connection"]));
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello world", "Content-Length: 11\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n")]
    public async Task Every_framing_of_a_request_arrives_at_the_backend(string request, string framing)
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\n" + request);
        var answer = await client.ReadResponseAsync();

        Assert.EndsWith("\r\n\r\nhello world", answer.Body, StringComparison.Ordinal);
        Assert.Contains(framing, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailers_travel_both_ways()
    {
        var seen = new TaskCompletionSource<TestMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            seen.SetResult((await connection.ReadRequestAsync())!);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: down\r\n\r\n");
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: up\r\n\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal("X-Sum: down\r\n", answer.Trailers);
        var request = await seen.Task;
        Assert.Equal(("X-Sum: up\r\n", "trailers", "TE"), (request.Trailers, request["TE"], request["Connection"]));
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 200, "500")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, null)]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, null)]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304, "500")]
    public async Task Answers_without_a_body_leave_the_connection_in_step(string method, string answer, int status, string? length)
    {
        await using var backend = TestBackend.Answering(answer);
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
            var received = await client.ReadResponseAsync(hasNoBody: true);
            Assert.Equal((status, length), (received.Status, received["Content-Length"]));
        }

        Assert.Equal(1, backend.Accepted);
    }

    [Fact]
    public async Task Interim_answers_pass_but_for_100()
    {
        await using var backend = TestBackend.Answering(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", await client.ReadHeadAsync());
        Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task Large_bodies_arrive_whole_in_both_directions()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        var body = new byte[3_000_000];
        Random.Shared.NextBytes(body);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{proxy.Port}") };

        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/") { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            using var answer = await client.SendAsync(request);
            var echoed = await answer.Content.ReadAsByteArrayAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(echoed.AsSpan().EndsWith(body));
        }
    }

    [Fact]
    public async Task An_answer_may_come_before_the_request_has_ended()
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n");
            Assert.Equal("4\r\nlate\r\n", await connection.ReadAsync(9));
            await connection.SendAsync("4\r\nlate\r\n0\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.ReadHeadAsync();
        Assert.Equal("5\r\nearly\r\n", await client.ReadAsync(10));
        await client.SendAsync("4\r\nlate\r\n");
        Assert.Equal("4\r\nlate\r\n0\r\n\r\n", await client.ReadAsync(14));
        await client.SendAsync("0\r\n\r\n");
    }

    [Fact]
    public async Task A_refusal_that_comes_early_reaches_a_client_that_is_still_sending()
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n");
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + new string('x', 1000));

        Assert.Equal((413, "no\n"), (await client.ReadResponseAsync()) is var answer ? (answer.Status, answer.Body) : default);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nnonsense")]
    public async Task An_answer_that_breaks_off_is_cut_and_never_ended(string beginning)
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(beginning);
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        var (text, clean) = await client.ReadToEndAsync();

        Assert.False(clean);
        Assert.DoesNotContain("0\r\n\r\n", text.Contains("\r\n\r\n", StringComparison.Ordinal) ? text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..] : "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_chunk_in_a_request_is_answered_400_and_closes_the_connection()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n" + Get);

        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.Equal("", (await client.ReadToEndAsync()).Text);
    }

    [Fact]
    public async Task A_client_that_does_not_read_stops_the_backend()
    {
        var sent = 0L;
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            var block = new byte[64 * 1024];
            connection.Socket.Blocking = false;
            while (true)
            {
                try
                {
                    sent += connection.Socket.Send(block);
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
                {
                    // Writable again within a second means that the proxy goes on reading.
                    if (!connection.Socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite))
                        break;
                }
            }

            stalled.SetResult();
            await connection.ReadToEndAsync();
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        await stalled.Task;

        // Socket buffers at four ends, and no more than a few buffers of the proxy's.
        Assert.InRange(sent, 1, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task WebSockets_and_their_like_are_tunnelled()
    {
        await using var backend = new TestBackend(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            Assert.Equal(("websocket", "Upgrade"), (request!["Upgrade"], request["Connection"]));
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: y\r\n\r\nhi");
            Assert.Equal("ping", await connection.ReadAsync(4));
            await connection.SendAsync("pong");
            Assert.Equal("", (await connection.ReadToEndAsync()).Text);
            await connection.SendAsync("bye");
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        Assert.Equal((101, "websocket", "Upgrade", "y"), (answer.Status, answer["Upgrade"], answer["Connection"], answer["X"]));
        Assert.Equal("hi", await client.ReadAsync(2));
        await client.SendAsync("ping");
        Assert.Equal("pong", await client.ReadAsync(4));
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(("bye", true), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Where_a_route_allows_no_upgrade_the_request_goes_on_without()
    {
        await using var backend = TestBackend.Echoing();
        await using var proxy = To(backend, action => action with { AllowUpgrade = false });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

        Assert.DoesNotContain("Upgrade", (await client.ReadResponseAsync()).Body, StringComparison.Ordinal);
    }
}
