using System.Net;
using System.Net.Sockets;
using Polygate.Model;
using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>How long backends took, as it is logged and counted.</summary>
public sealed class AttemptTimesTests() : ProxyTests(TransportKind.Native)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    /// <summary>What a backend of these tests waits at least, and what the loop's clock may be behind.</summary>
    private const int Wait = 100, Coarse = 20;

    [Fact]
    public async Task A_backends_head_and_the_end_of_its_body_have_their_own_times()
    {
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await Task.Delay(Wait);
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo");
                await Task.Delay(Wait);
                await connection.SendAsync("dy");
            }
        });
        var log = new TimesLog();
        await using var proxy = To(backend, options: new ProxyOptions { AccessLog = log, CountsByMethodAndStatus = true });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        await client.ReadResponseAsync();

        var (connect, head, end) = await log.NextAsync();
        Assert.InRange(connect!.Value, 0, 10_000);
        Assert.InRange(head!.Value, connect.Value + Wait - Coarse, 20_000);
        Assert.InRange(end!.Value, head.Value + Wait - Coarse, 30_000);
        var counts = Assert.Single(proxy.Server.ReadMetrics().Routes["route"].Details);
        Assert.Equal((connect, head, end), (counts.Connects.Total, counts.Heads.Total, counts.Ends.Total));
    }

    [Fact]
    public async Task A_connection_that_was_used_before_costs_no_time_and_an_answer_in_one_piece_ends_with_its_head()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var log = new TimesLog();
        await using var proxy = To(backend, options: new ProxyOptions { AccessLog = log });
        using var client = await proxy.ConnectAsync();
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Get);
            await client.ReadResponseAsync();
        }

        await log.NextAsync();
        var (connect, head, end) = await log.NextAsync();
        Assert.Equal(1, backend.Accepted);
        Assert.Equal(0, connect);
        Assert.Equal(head, end);
    }

    [Fact]
    public async Task A_compressed_answer_ends_when_the_backend_has_sent_it()
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2000\r\n\r\n{new string('a', 1000)}");
            await Task.Delay(Wait);
            await connection.SendAsync(new string('b', 1000));
        });
        var log = new TimesLog();
        await using var proxy = To(backend, null, new ProxyOptions { AccessLog = log }, new CompressionFilter());
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Equal("gzip", (await client.ReadResponseAsync())["Content-Encoding"]);

        var (_, head, end) = await log.NextAsync();
        Assert.InRange(end!.Value, head!.Value + Wait - Coarse, 10_000);
    }

    [Fact]
    public async Task The_last_attempt_counts()
    {
        var asked = 0;
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                if (asked++ == 0)
                    await Task.Delay(Wait);

                await connection.SendAsync($"HTTP/1.1 {(asked == 1 ? 503 : 200)} Status\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        var log = new TimesLog();
        await using var proxy = To(backend, action => action with { Retry = new RetryPolicy(1) { Statuses = [503] } }, new ProxyOptions { AccessLog = log });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);

        var (_, _, end) = await log.NextAsync();
        Assert.InRange(end!.Value, 0, log.Duration - (Wait - Coarse));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_backend_that_gives_no_answer_has_a_connection_and_an_end()
    {
        await using var backend = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            await Task.Delay(Wait);
        });
        var log = new TimesLog();
        await using var proxy = To(backend, options: new ProxyOptions { AccessLog = log });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);

        var (connect, head, end) = await log.NextAsync();
        Assert.NotNull(connect);
        Assert.Null(head);
        Assert.InRange(end!.Value, Wait - Coarse, 10_000);
    }

    [Fact]
    public async Task A_backend_that_cannot_be_reached_has_an_end_alone()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var log = new TimesLog();
        await using var proxy = Start(
            TestProxy.Configuration([TestProxy.Backend("backend", ((IPEndPoint)taken.LocalEndPoint!).Port)], new ForwardAction([new WeightedBackend("backend")])),
            new ProxyOptions { AccessLog = log });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);

        var (connect, head, end) = await log.NextAsync();
        Assert.Equal((null, null, true), (connect, head, end.HasValue));
    }

    [Fact]
    public async Task A_request_that_no_backend_was_asked_has_no_times_whatever_its_connection_served_before()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var log = new TimesLog();
        await using var proxy = To(backend, null, new ProxyOptions { AccessLog = log, CountsByMethodAndStatus = true }, new BodyLimitFilter(1));
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);
        await client.ReadResponseAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
        Assert.Equal(413, (await client.ReadResponseAsync()).Status);

        Assert.NotNull((await log.NextAsync()).End);
        Assert.Equal((null, null, null), await log.NextAsync());
        var refused = proxy.Server.ReadMetrics().Routes["route"].Details.Single(detail => detail.Status == 413);
        Assert.Equal((1, 0, 0, 0), (refused.Durations.Count, refused.Connects.Count, refused.Heads.Count, refused.Ends.Count));
    }

    private sealed class TimesLog : IAccessLog
    {
        private readonly System.Threading.Channels.Channel<(long? Connect, long? Head, long? End)> entries =
            System.Threading.Channels.Channel.CreateUnbounded<(long? Connect, long? Head, long? End)>();

        public bool IsEnabled => true;

        /// <summary>Of the last request, from its head to the end of its answer.</summary>
        public long Duration { get; private set; }

        public void Log(in AccessLogEntry entry)
        {
            Duration = entry.Duration;
            entries.Writer.TryWrite((entry.Times?.Connect, entry.Times?.Head, entry.Times?.End));
        }

        public Task<(long? Connect, long? Head, long? End)> NextAsync() => entries.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
