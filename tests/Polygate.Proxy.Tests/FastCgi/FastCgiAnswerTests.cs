using System.Collections.Concurrent;
using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.FastCgi;

/// <summary>What becomes of the answers of FastCGI applications, honest and hostile ones.</summary>
public abstract class FastCgiAnswerTests(TransportKind transport) : FastCgiTests(transport)
{
    [Theory]
    [InlineData("Content-Type: text/plain\r\nX-A: b\r\n\r\nbody", 200)]
    [InlineData("Content-Type: text/plain\nX-A: b\n\nbody", 200)]
    [InlineData("Status: 404 Not Found\r\nContent-Type: text/plain\r\nX-A: b\r\n\r\nbody", 404)]
    [InlineData("Content-Type: text/plain\r\nStatus: 503\r\nX-A: b\r\n\r\nbody", 503)]
    [InlineData("Location: https://a.test/\r\nContent-Type: text/plain\r\nX-A: b\r\n\r\nbody", 302)]
    [InlineData("Status: 201 Created\r\nLocation: /x\r\nContent-Type: text/plain\r\nX-A: b\r\n\r\nbody", 201)]
    [InlineData("Content-Length: 4\r\nContent-Type: text/plain\r\nX-A: b\r\n\r\nbody", 200)]
    [InlineData("Content-Length: 4\r\nContent-Type: text/plain\r\nX-A: b\r\n\r\nbody and what is too much", 200)]
    public async Task A_programs_head_becomes_the_answers(string answer, int status)
    {
        var got = await AnswerAsync(TestApplication.Answering(answer));

        Assert.Equal((status, "body", "text/plain", "b", null), (got.Status, got.Body, got["Content-Type"], got["X-A"], got["Status"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Records_may_be_cut_and_padded_anyhow(int size)
    {
        const string Answer = "Status: 201 Created\r\nX-A: b\r\n\r\nthe body of the answer";
        var records = Answer.Chunk(size).Select((piece, i) => TestApplication.Record(TestApplication.Output, new string(piece), padding: (i * 37) % 256));
        var bytes = string.Concat(records) + TestApplication.Record(TestApplication.Output, "", padding: 255) + TestApplication.EndRecord();
        await using var backend = TestApplication.Running(async application =>
        {
            await application.ReadRequestAsync();
            foreach (var piece in bytes.Chunk(11))
                await application.Connection.SendAsync(new string(piece));
        });

        var got = await AnswerAsync(backend);

        Assert.Equal((201, "b", "the body of the answer"), (got.Status, got["X-A"], got.Body));
    }

    [Fact]
    public async Task Large_bodies_flow_both_ways_at_once()
    {
        await using var backend = TestApplication.Running(async application =>
        {
            var request = await application.ReadRequestAsync();
            await application.AnswerAsync("X-A: b\r\n\r\n" + request.Body);
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();
        var body = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:x7};"));

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal(body, (await client.ReadResponseAsync()).Body);
    }

    [Fact]
    public async Task An_answer_may_come_before_the_request_has_ended()
    {
        await using var backend = TestApplication.Running(async application =>
        {
            await application.Connection.ReadAsync(100);
            await application.AnswerAsync("Status: 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc");

        Assert.Equal(403, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Each_request_has_a_connection_of_its_own_which_counts_while_it_lasts()
    {
        await using var backend = TestApplication.Answering("\r\nok");
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", backend.Port) with { Protocol = BackendProtocol.FastCgi, CircuitBreaker = new CircuitBreaker { MaxConnections = 1 } }],
            new ForwardAction([new WeightedBackend("backend")])));
        using var client = await proxy.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
        }

        Assert.Equal(5, backend.Accepted);
    }

    [Fact]
    public async Task An_answer_without_a_body_has_none_whatever_the_application_sends()
    {
        await using var backend = TestApplication.Answering("X-A: b\r\n\r\nbody");
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("b", (await client.ReadResponseAsync(hasNoBody: true))["X-A"]);
        await client.SendAsync(Get);
        Assert.Equal("body", (await client.ReadResponseAsync()).Body);
    }

    [Theory]
    [InlineData("no colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("X A: b\r\n\r\n")]
    [InlineData("X-A: b\rX-B: c\r\n\r\n")]
    [InlineData("X-A: \0\r\n\r\n")]
    [InlineData(" folded: b\r\n\r\n")]
    [InlineData("Status: 99\r\n\r\n")]
    [InlineData("Status: 101 Switching Protocols\r\n\r\n")]
    [InlineData("Status: ok\r\n\r\n")]
    [InlineData("Status: 2000\r\n\r\n")]
    [InlineData("Status: 200\r\nStatus: 200\r\n\r\n")]
    [InlineData("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("Content-Length: -1\r\n\r\nab")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("X-A: b\r\n")]
    [InlineData("")]
    public async Task A_malformed_head_is_no_answer(string answer) => Assert.Equal(502, (await AnswerAsync(TestApplication.Answering(answer))).Status);

    [Fact]
    public async Task A_head_without_end_is_given_up()
    {
        await using var backend = TestApplication.Running(async application =>
        {
            await application.ReadRequestAsync();
            while (true)
                await application.Connection.SendAsync(TestApplication.Record(TestApplication.Output, new string('a', 1000)));
        });

        Assert.Equal(502, (await AnswerAsync(backend)).Status);
    }

    [Fact]
    public async Task Too_many_fields_are_given_up() =>
        Assert.Equal(502, (await AnswerAsync(TestApplication.Answering(string.Concat(Enumerable.Repeat("a: b\n", 101)) + "\n"))).Status);

    public static TheoryData<string> WrongRecords =>
    [
        TestApplication.Record(TestApplication.Output, "\r\nbody", version: 2),
        TestApplication.Record(TestApplication.Output, "\r\nbody", request: 2),
        TestApplication.Record(TestApplication.Output, "\r\nbody", request: 0),
        TestApplication.Record(5, "\r\nbody"),
        TestApplication.Record(11, "\r\nbody"),
        TestApplication.Record(0, ""),
        TestApplication.Record(TestApplication.End, "short"),
        TestApplication.Record(TestApplication.Output, "") + TestApplication.Record(TestApplication.Output, "\r\nbody"),
        TestApplication.EndRecord(),
        TestApplication.EndRecord(protocolStatus: 2),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ];

    [Theory]
    [MemberData(nameof(WrongRecords), DisableDiscoveryEnumeration = true)]
    public async Task Wrong_records_are_no_answer(string records) => Assert.Equal(502, (await AnswerAsync(TestApplication.Sending(records))).Status);

    [Theory]
    [InlineData("")]
    [InlineData("\u0001\u0006\0\u0001")]
    public async Task A_connection_that_ends_before_the_head_is_no_answer(string sent) => Assert.Equal(502, (await AnswerAsync(TestApplication.Sending(sent))).Status);

    public static TheoryData<string> CutAnswers =>
    [
        TestApplication.Record(TestApplication.Output, "\r\nbody"),
        TestApplication.Record(TestApplication.Output, "\r\nbody") + TestApplication.Record(TestApplication.Output, ""),
        TestApplication.Record(TestApplication.Output, "\r\nbody") + TestApplication.EndRecord()[..12],
        TestApplication.Record(TestApplication.Output, "\r\nbody") + TestApplication.EndRecord(protocolStatus: 1),
        TestApplication.Record(TestApplication.Output, "\r\nbody") + TestApplication.Record(9, ""),
        TestApplication.Record(TestApplication.Output, "Content-Length: 5\r\n\r\nbody") + TestApplication.EndRecord(),
    ];

    [Theory]
    [MemberData(nameof(CutAnswers), DisableDiscoveryEnumeration = true)]
    public async Task An_answer_that_was_cut_does_not_look_complete(string records)
    {
        await using var backend = TestApplication.Sending(records);
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        var (text, _) = await client.ReadToEndAsync();

        // Neither the last chunk nor all that was said to come.
        Assert.DoesNotContain("0\r\n\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("502", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_goes_to_the_standard_error_is_told_in_part_and_leaves_the_answer_alone()
    {
        var reported = new BlockingCollection<string>();
        await using var backend = TestApplication.Sending(
            TestApplication.Record(TestApplication.Errors, "PHP Warning:  odd\n\u0007forged"),
            TestApplication.Record(TestApplication.Output, "X-A: b\r\n"),
            TestApplication.Record(TestApplication.Errors, new string('e', 5000), padding: 3),
            TestApplication.Record(TestApplication.Output, "\r\nbody"),
            TestApplication.EndRecord());
        await using var proxy = To(backend, options: new ProxyOptions { ReportBackend = reported.Add });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        var got = await client.ReadResponseAsync();

        Assert.Equal(("b", "body"), (got["X-A"], got.Body));
        Assert.True(reported.TryTake(out var line, TimeSpan.FromSeconds(30)));
        Assert.StartsWith($"The FastCGI backend 127.0.0.1:{backend.Port} wrote: PHP Warning:  odd  forgedeee", line, StringComparison.Ordinal);
        Assert.EndsWith("e … (4001 bytes more)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_application_fills_the_log_or_keeps_a_client_waiting_with_its_errors()
    {
        var reported = new ConcurrentQueue<string>();
        await using var chatty = TestApplication.Sending(
            TestApplication.Record(TestApplication.Errors, "oh"), TestApplication.Record(TestApplication.Output, "\r\nok"), TestApplication.EndRecord());
        await using var proxy = To(chatty, options: new ProxyOptions { ReportBackend = reported.Enqueue });
        using var client = await proxy.ConnectAsync();
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("ok", (await client.ReadResponseAsync()).Body);
        }

        Assert.InRange(reported.Count, 1, 60);

        await using var endless = TestApplication.Running(async application =>
        {
            await application.ReadRequestAsync();
            while (true)
                await application.Connection.SendAsync(TestApplication.Record(TestApplication.Errors, new string('e', 60_000)));
        });
        Assert.Equal(502, (await AnswerAsync(endless)).Status);
    }

    [Fact]
    public async Task A_silent_application_is_given_up()
    {
        await using var backend = TestApplication.Running(async application =>
        {
            await application.ReadRequestAsync();
            await application.Connection.ReadToEndAsync();
        });
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", backend.Port) with { Protocol = BackendProtocol.FastCgi }],
            new ForwardAction([new WeightedBackend("backend")]) { IdleTimeout = TimeSpan.FromMilliseconds(300) }));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal(504, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task An_application_is_left_when_its_client_leaves()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = TestApplication.Running(async application =>
        {
            await application.ReadRequestAsync();
            arrived.SetResult();
            await application.Connection.ReadToEndAsync();
            left.SetResult();
        });
        await using var proxy = To(backend);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        await arrived.Task;
        client.Reset();

        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task<TestMessage> AnswerAsync(TestBackend backend)
    {
        await using (backend)
        {
            await using var proxy = To(backend);
            using var client = await proxy.ConnectAsync();
            await client.SendAsync(Get);
            return await client.ReadResponseAsync();
        }
    }
}

public sealed class FastCgiAnswersOverTheNativeTransport() : FastCgiAnswerTests(TransportKind.Native);

public sealed class FastCgiAnswersOverDotNetSockets() : FastCgiAnswerTests(TransportKind.Sockets);
