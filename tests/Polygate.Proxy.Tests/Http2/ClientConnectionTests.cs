using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Http2.Frames;
using Polygate.Proxy.Tests.Forwarding;
using TransportHost = Polygate.Proxy.Tests.Transport.TransportHost;

namespace Polygate.Proxy.Tests.Http2;

public sealed class Http2BackendsOverTheNativeTransport() : ClientConnectionTests(TransportKind.Native);

public sealed class Http2BackendsOverDotNetSockets() : ClientConnectionTests(TransportKind.Sockets);

/// <summary>HTTP/2 towards backends, frame by frame: the backend is the test, the client speaks HTTP/1.1.</summary>
public abstract class ClientConnectionTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "\u0088";

    [Fact]
    public async Task A_request_says_everything_once_and_nothing_of_its_first_hop()
    {
        await using var backend = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            var (stream, ends, fields) = await connection.ReadHeadAsync();
            await connection.AnswerAsync(stream, $"{ends} " + string.Join('|', fields.Where(field => !field.Key.StartsWith("x-", StringComparison.Ordinal)).Select(field => $"{field.Key}={field.Value}")));
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("PUT /a%2Fb?c=d HTTP/1.1\r\nHost: Shop.Example:81\r\nAccept: x\r\nConnection: keep-alive, odd\r\nOdd: 1\r\nTE: trailers\r\nKeep-Alive: 3\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(
            "True :method=PUT|:scheme=http|:path=/a%2Fb?c=d|:authority=Shop.Example:81|accept=x|content-length=0|te=trailers",
            (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task Trailers_of_a_request_reach_the_backend()
    {
        await using var backend = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            var data = await connection.ReadAsync(FrameType.Data);
            var (_, ends, trailers) = await connection.ReadHeadAsync();
            await connection.AnswerAsync(stream, $"{data.Payload} {data.EndsStream} {ends} {string.Join(',', trailers)}");
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nChecksum: 1\r\nHost: b\r\n\r\n");

        Assert.Equal("body False True [checksum, 1]", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task Interim_answers_and_trailers_reach_the_client()
    {
        await using var backend = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            await connection.SendAsync(
                Frames.Headers(stream, Frames.Fields((":status", "103"), ("link", "</a>"))),
                Frames.Headers(stream, Frames.Fields((":status", "100"))),
                Frames.Headers(stream, Frames.Fields((":status", "103"), ("link", "</b>"))),
                Frames.Headers(stream, Ok),
                Frames.Data(stream, "body"),
                Frames.Headers(stream, Frames.Fields(("sum", "1"), ("content-length", "9")), ends: true));
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n");

        Assert.Equal("</a>", (await client.ReadResponseAsync())["link"]);
        Assert.Equal("</b>", (await client.ReadResponseAsync())["link"]);
        var answer = await client.ReadResponseAsync();
        Assert.Equal((200, "body", "sum: 1\r\n"), (answer.Status, answer.Body, answer.Trailers));
    }

    /// <summary>Each is an answer to stream 1 that no server may give; the next request finds out whether the connection survives.</summary>
    public static TheoryData<string, string> MalformedAnswers() => new()
    {
        { "no status", Frames.Headers(1, Frames.Field("a", "b"), ends: true) },
        { "two statuses", Frames.Headers(1, Ok + Ok, ends: true) },
        { "a status of two digits", Frames.Headers(1, Frames.Field(":status", "20"), ends: true) },
        { "a switch of protocols", Frames.Headers(1, Frames.Field(":status", "101")) },
        { "a late status", Frames.Headers(1, Frames.Field("a", "b") + Ok, ends: true) },
        { "a request's pseudo-field", Frames.Headers(1, Ok + Frames.Field(":path", "/"), ends: true) },
        { "an upper case name", Frames.Headers(1, Ok + Frames.Field("A", "b"), ends: true) },
        { "an empty name", Frames.Headers(1, Ok + Frames.Field("", "b"), ends: true) },
        { "a space in a name", Frames.Headers(1, Ok + Frames.Field("a b", "b"), ends: true) },
        { "a line end in a value", Frames.Headers(1, Ok + Frames.Field("a", "b\r\nc: d"), ends: true) },
        { "a NUL in a value", Frames.Headers(1, Ok + Frames.Field("a", "\0"), ends: true) },
        { "Connection", Frames.Headers(1, Ok + Frames.Field("connection", "close"), ends: true) },
        { "Transfer-Encoding", Frames.Headers(1, Ok + Frames.Field("transfer-encoding", "chunked"), ends: true) },
        { "two lengths", Frames.Headers(1, Ok + Frames.Fields(("content-length", "1"), ("content-length", "2"))) },
        { "a length that is none", Frames.Headers(1, Ok + Frames.Field("content-length", "-1")) },
        { "no body of a length", Frames.Headers(1, Ok + Frames.Field("content-length", "1"), ends: true) },
        { "an interim answer at the end", Frames.Headers(1, Frames.Field(":status", "103"), ends: true) },
        { "a body without a head", Frames.Data(1, "body", ends: true) },
        { "fields without end", Frames.Headers(1, Ok + string.Concat(Enumerable.Repeat(Frames.Field("a", "b"), 101)), ends: true) },
        { "interim answers without end", string.Concat(Enumerable.Repeat(Frames.Headers(1, Frames.Field(":status", "102")), 40)) },
        { "a stream never opened", Frames.Headers(3, Ok, ends: true) },
        { "a stream of the server's", Frames.Headers(2, Ok, ends: true) },
        { "a promise", Frames.Make(FrameType.PushPromise, FrameFlags.EndHeaders, 1, Frames.Text(2) + Ok) },
        { "no HPACK", Frames.Headers(1, "\u0080", ends: true) },
        { "a head that is not continued", Frames.Make(FrameType.Headers, FrameFlags.None, 1, Ok) + Frames.Data(1, "") },
        { "a continuation of nothing", Frames.Make(FrameType.Continuation, FrameFlags.EndHeaders, 1, Ok) },
        { "too large a frame", Frames.Make(FrameType.Data, FrameFlags.None, 1, new string('x', 16385)) },
        { "padding beyond the end", Frames.Make(FrameType.Headers, FrameFlags.Padded | FrameFlags.EndHeaders, 1, "\u0009" + Ok) },
        { "a window update of nothing", Frames.Number(FrameType.WindowUpdate, 0, 0) },
        { "a window that overflows", Frames.Number(FrameType.WindowUpdate, 0, int.MaxValue) },
        { "a setting out of its range", Frames.Settings((Setting.MaximumFrameSize, 1)) },
        { "a push that is wanted", Frames.Settings((Setting.EnablePush, 1)) },
        { "half a setting", Frames.Make(FrameType.Settings, FrameFlags.None, 0, "abc") },
        { "settings of a stream", Frames.Make(FrameType.Settings, FrameFlags.None, 1, "") },
        { "a short ping", Frames.Make(FrameType.Ping, FrameFlags.None, 0, "a") },
        { "a reset of nothing", Frames.Number(FrameType.ResetStream, 0, 8) },
        { "HTTP/1.1", "HTTP/1.1 400 Bad Request\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(MalformedAnswers))]
    public async Task A_malformed_answer_is_502_and_the_next_request_is_answered(string what, string frames)
    {
        var broken = 0;
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync();
            while (true)
            {
                var (stream, _, _) = await connection.ReadHeadAsync();
                await (Interlocked.Increment(ref broken) == 1 ? connection.SendAsync(frames) : connection.AnswerAsync(stream, "fine"));
            }
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        TestMessage answer;
        do
        {
            answer = await client.ReadResponseAsync();
        }
        while (answer.Status < 200);

        Assert.Equal((what, 502), (what, answer.Status));
        await client.SendAsync(Get);
        Assert.Equal((what, "fine"), (what, (await client.ReadResponseAsync()).Body));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("5")]
    public async Task A_body_of_another_length_than_it_said_is_never_whole(string length)
    {
        var headSeen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            await connection.SendAsync(Frames.Headers(stream, Ok + Frames.Field("content-length", length)), Frames.Data(stream, "b"));
            await headSeen.Task;
            await connection.SendAsync(Frames.Data(stream, "ody", ends: true));
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        var head = await client.ReadHeadAsync();
        Assert.Contains($"content-length: {length}\r\n", head, StringComparison.OrdinalIgnoreCase);
        headSeen.SetResult();

        var (text, isClean) = await client.ReadToEndAsync();
        Assert.InRange(text.Length, 0, int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) - 1);
        Assert.False(isClean);
    }

    public static TheoryData<string, string> Refusals() => new()
    {
        { "REFUSED_STREAM", Frames.Number(FrameType.ResetStream, 1, (int)ErrorCode.RefusedStream) },
        { "GOAWAY", Frames.GoAway(0) },
        { "no streams at all", Frames.Settings((Setting.MaximumConcurrentStreams, 0)) + Frames.Number(FrameType.ResetStream, 1, (int)ErrorCode.RefusedStream) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_was_not_looked_at_is_sent_again_whatever_it_is(string how, string refusal)
    {
        var requests = 0;
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync();
            while (true)
            {
                var (stream, _, _) = await connection.ReadHeadAsync();
                await (Interlocked.Increment(ref requests) == 1 ? connection.SendAsync(refusal) : connection.AnswerAsync(stream, "second"));
            }
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal((how, "second"), (how, (await client.ReadResponseAsync()).Body));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_may_come_before_the_request_has_ended(bool isReset)
    {
        var reset = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            await connection.AnswerAsync(stream, "enough");
            if (isReset)
                await connection.SendAsync(Frames.Number(FrameType.ResetStream, stream, (int)ErrorCode.NoError));
            else
                reset.SetResult(await connection.ReadAsync(FrameType.ResetStream));

            (stream, _, _) = await connection.ReadHeadAsync();
            await connection.AnswerAsync(stream, "again");
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n");

        Assert.Equal("enough", (await client.ReadResponseAsync()).Body);
        await client.SendAsync("0\r\n\r\n");
        if (!isReset)
            Assert.Equal((int)ErrorCode.Cancel, (await reset.Task.WaitAsync(TransportHost.Patience)).Number);
    }

    [Fact]
    public async Task A_call_takes_its_deadline_along()
    {
        await using var backend = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, fields) = await connection.ReadHeadAsync();
            await connection.AnswerAsync(stream, $"{fields["grpc-timeout"]} {fields["te"]} {fields["content-type"]}");
        });

        // gRPC is spoken over HTTP/2 whatever the backend's protocol is otherwise.
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST /s/m HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc\r\nGrpc-Timeout: 250m\r\nTE: trailers\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal("250m trailers application/grpc", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task A_connection_that_goes_away_finishes_what_it_has()
    {
        var connections = 0;
        await using var backend = Speaking(async connection =>
        {
            var number = Interlocked.Increment(ref connections);
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            await connection.SendAsync(Frames.GoAway(stream));
            await connection.AnswerAsync(stream, $"connection {number}");
            await connection.ReadAsync(FrameType.GoAway);
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        foreach (var number in (int[])[1, 2, 3])
        {
            await client.SendAsync(Get);
            Assert.Equal($"connection {number}", (await client.ReadResponseAsync()).Body);
        }
    }

    [Fact]
    public async Task A_body_keeps_to_the_windows_of_the_backend()
    {
        const int Window = 1000;
        var body = new string('x', 100_000);
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync((Setting.InitialWindowSize, Window));
            await connection.ReadAsync(FrameType.Settings);
            var (stream, _, _) = await connection.ReadHeadAsync();
            var received = 0;
            var granted = 65_535;
            for (var last = false; !last;)
            {
                var frame = await connection.ReadAsync(FrameType.Data);
                granted -= frame.Payload.Length;
                Assert.InRange(granted, 0, int.MaxValue);
                received += frame.Payload.Length;
                last = frame.EndsStream;
                if (frame.Payload.Length > 0 && !last)
                {
                    granted += frame.Payload.Length;
                    await connection.SendAsync(
                        Frames.Number(FrameType.WindowUpdate, stream, frame.Payload.Length), Frames.Number(FrameType.WindowUpdate, 0, frame.Payload.Length));
                }
            }

            await connection.AnswerAsync(stream, $"{received}");
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal("100000", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task More_requests_than_a_connection_takes_make_another_connection()
    {
        var connections = 0;
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        using var limited = new SemaphoreSlim(0);
        await using var backend = Speaking(async connection =>
        {
            Interlocked.Increment(ref connections);
            await connection.BeginAsync((Setting.MaximumConcurrentStreams, 1));
            var (stream, _, _) = await connection.ReadHeadAsync();
            Assert.Equal(FrameFlags.Acknowledgement, (await connection.ReadAsync(FrameType.Settings)).Flags);
            limited.Release();
            if (Interlocked.Increment(ref waiting) == 6)
                together.TrySetResult();

            await together.Task;
            await connection.AnswerAsync(stream, "together");
            await connection.ReadAsync(FrameType.GoAway);
        });
        await using var proxy = ToHttp2(backend);

        // Each is sent when the connection before it has learned of its limit.
        var clients = new List<TestConnection>();
        for (var i = 0; i < 6; i++)
        {
            clients.Add(await proxy.ConnectAsync());
            await clients[i].SendAsync(Get);
            Assert.True(await limited.WaitAsync(TransportHost.Patience));
        }

        foreach (var client in clients)
            Assert.Equal("together", (await client.ReadResponseAsync()).Body);

        Assert.Equal(6, connections);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_client_that_leaves_resets_its_stream_and_no_other()
    {
        var reset = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync();
            while (true)
            {
                var (stream, _, fields) = await connection.ReadHeadAsync();
                if (fields[":path"] == "/leave")
                {
                    await connection.SendAsync(Frames.Headers(stream, Ok));
                    reset.SetResult(await connection.ReadAsync(FrameType.ResetStream));

                    // What is still under way is dropped.
                    await connection.SendAsync(Frames.Data(stream, "late", ends: true));
                }
                else
                {
                    await connection.AnswerAsync(stream, "stays");
                }
            }
        });
        await using var proxy = ToHttp2(backend);
        using var leaving = await proxy.ConnectAsync();
        await leaving.SendAsync("GET /leave HTTP/1.1\r\nHost: a\r\n\r\n");
        await leaving.ReadHeadAsync();
        leaving.Reset();

        Assert.Equal((int)ErrorCode.Cancel, (await reset.Task.WaitAsync(TransportHost.Patience)).Number);
        for (var i = 0; i < 8; i++)
        {
            using var client = await proxy.ConnectAsync();
            await client.SendAsync(Get);
            Assert.Equal("stays", (await client.ReadResponseAsync()).Body);
        }
    }

    [Fact]
    public async Task Pings_are_answered_and_padding_priorities_and_unknown_frames_passed_over()
    {
        await using var backend = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            await connection.SendAsync(
                Frames.Make(FrameType.Ping, FrameFlags.None, 0, "12345678"),
                Frames.Make((FrameType)0xBE, FrameFlags.None, 7, "whatever"),
                Frames.Make(FrameType.Priority, FrameFlags.None, 9, "\0\0\0\u0001x"),
                Frames.Make(FrameType.Headers, FrameFlags.Padded | FrameFlags.Priority | FrameFlags.EndHeaders, stream, "\u0002\0\0\0\u0003x" + Ok + "\0\0"),
                Frames.Make(FrameType.Data, FrameFlags.Padded | FrameFlags.EndStream, stream, "\u0003body\0\0\0"));
            var pong = await connection.ReadAsync(FrameType.Ping);
            Assert.Equal((FrameFlags.Acknowledgement, "12345678"), (pong.Flags, pong.Payload));
        });
        await using var proxy = ToHttp2(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal("body", (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task An_idle_connection_says_goodbye()
    {
        var goodbye = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = Speaking(async connection =>
        {
            await connection.BeginAsync();
            var (stream, _, _) = await connection.ReadHeadAsync();
            await connection.AnswerAsync(stream, "once");
            goodbye.SetResult(await connection.ReadAsync(FrameType.GoAway));
        });
        await using var proxy = ToHttp2(backend, new ProxyOptions { Upstream = new UpstreamOptions { IdleConnectionTimeout = TimeSpan.FromMilliseconds(300) } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal("once", (await client.ReadResponseAsync()).Body);

        Assert.Equal(Frames.Text(0) + Frames.Text(0), (await goodbye.Task.WaitAsync(TransportHost.Patience)).Payload);
    }

    [Fact]
    public async Task A_backend_that_says_nothing_is_given_up()
    {
        await using var backend = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            await connection.ReadHeadAsync();
            Assert.Equal((int)ErrorCode.Cancel, (await connection.ReadAsync(FrameType.ResetStream)).Number);
        });
        await using var proxy = ToHttp2(backend, new ProxyOptions { Upstream = new UpstreamOptions { IdleTimeout = TimeSpan.FromMilliseconds(300) } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
    }

    /// <summary>A backend that attacks: what it sends over and over, and how it sends it.</summary>
    public static TheoryData<string, string, string> Floods() => new()
    {
        { "CONTINUATION", Frames.Make(FrameType.Headers, FrameFlags.None, 1, Ok), Frames.Make(FrameType.Continuation, FrameFlags.None, 1, Frames.Field("x", new string('y', 100))) },
        { "empty CONTINUATION", Frames.Make(FrameType.Headers, FrameFlags.None, 1, Ok), Frames.Make(FrameType.Continuation, FrameFlags.None, 1, "") },
        { "empty DATA", Frames.Headers(1, Ok), Frames.Data(1, "") },
        { "an HPACK bomb", "", Frames.Headers(1, Ok + "\u0040\u0001x" + "\u007f\u00b9\u0016" + new string('y', 3000) + new string('\u00be', 10_000)) },
        { "SETTINGS", "", Frames.Settings((Setting.InitialWindowSize, 1)) },
        { "PING", "", Frames.Make(FrameType.Ping, FrameFlags.None, 0, "12345678") },
        { "DATA beyond the window", Frames.Headers(1, Ok), Frames.Data(1, new string('x', 16_000)) },
        { "interim answers", "", Frames.Headers(1, Frames.Field(":status", "103")) },
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task A_flood_of_a_backend_is_stopped_and_others_are_served(string what, string beginning, string repeated)
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var attacker = new TestBackend(async connection =>
        {
            var frames = new FrameConnection(connection);
            await frames.BeginAsync();
            await frames.ReadHeadAsync();
            await frames.SendAsync(beginning);
            ended.TrySetResult(Flood(connection.Socket, repeated));
        });
        await using var honest = Speaking(static async connection =>
        {
            await connection.BeginAsync();
            while (true)
            {
                var (stream, _, _) = await connection.ReadHeadAsync();
                await connection.AnswerAsync(stream, "honest");
            }
        });
        Backend[] backends = [.. new[] { ("attacker", attacker), ("honest", honest) }.Select(pair => TestProxy.Backend(pair.Item1, pair.Item2.Port) with { Protocol = BackendProtocol.Http2 })];
        await using var proxy = Start(TestProxy.Configuration(backends, new ForwardAction([new WeightedBackend("honest")]), new MirrorFilter("attacker")));
        using var other = await proxy.ConnectAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        while (!ended.Task.IsCompleted)
        {
            await other.SendAsync(Get);
            Assert.Equal("honest", (await other.ReadResponseAsync()).Body);
            await Task.WhenAny(ended.Task, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Equal((what, "stopped"), (what, await ended.Task));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 * 1024 * 1024);
    }

    private static string Flood(System.Net.Sockets.Socket socket, string repeated)
    {
        var piece = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(repeated, Math.Max(1, 8192 / repeated.Length))));
        socket.SendTimeout = 1000;
        try
        {
            for (var sent = 0; sent < 64 * 1024 * 1024; sent += piece.Length)
                socket.Send(piece);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Closed, or not read for a second.
            return "stopped";
        }

        return "all of it was taken";
    }

    private static TestBackend Speaking(Func<FrameConnection, Task> script) => new(async connection =>
    {
        try
        {
            await script(new FrameConnection(connection));
        }
        catch (IOException)
        {
            // The proxy closed the connection.
        }
    });

    private TestProxy ToHttp2(TestBackend backend, ProxyOptions? options = null) => Start(
        TestProxy.Configuration([TestProxy.Backend("backend", backend.Port) with { Protocol = BackendProtocol.Http2 }], new ForwardAction([new WeightedBackend("backend")])), options);
}
