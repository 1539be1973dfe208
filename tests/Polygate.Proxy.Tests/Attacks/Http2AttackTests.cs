using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.Attacks;

/// <summary>Attacks on HTTP/2, frame by frame. Each ends with GOAWAY or the end of the connection, or is held up by its own unread answers; another client is served throughout.</summary>
[Collection(nameof(MeasuresMemory))]
public sealed class Http2AttackTests() : ProxyTests(TransportKind.Native)
{
    private const string OtherRequest = "GET /other ";

    private const int Data = 0;
    private const int Headers = 1;
    private const int Priority = 2;
    private const int ResetStream = 3;
    private const int Settings = 4;
    private const int Ping = 6;
    private const int GoAway = 7;
    private const int WindowUpdate = 8;
    private const int Continuation = 9;
    private const int EndStream = 1;
    private const int EndHeaders = 4;

    /// <summary>GET / (or POST /) on http://a in HPACK: indexed fields of the static table, and the authority as it is.</summary>
    private const string Get = "\u0082\u0086\u0084\u0001\u0001a";
    private const string Post = "\u0083\u0086\u0084\u0001\u0001a";

    [Fact]
    public async Task Rapid_reset_ends_the_connection()
    {
        var running = 0;
        var most = 0;
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Delay(10, TestContext.Current.CancellationToken);
                Interlocked.Decrement(ref running);
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        await using var proxy = To(backend);

        var end = await AttackAsync(proxy, i => Frame(Headers, EndStream | EndHeaders, (2 * i) + 1, Get) + Frame(ResetStream, 0, (2 * i) + 1, "\0\0\0\u0008"), 20_000);

        Assert.Equal(End.GoAwayOrClosed, end);
        Assert.InRange(most, 0, 256);
    }

    [Fact]
    public async Task A_CONTINUATION_flood_ends_the_connection()
    {
        var requests = 0;
        await using var backend = Counting(() => requests++);
        await using var proxy = To(backend);
        var field = "\0\u0001x\u007f\u0001" + new string('y', 128);

        var end = await AttackAsync(proxy, i => i == 0 ? Frame(Headers, 0, 1, Get) : Frame(Continuation, 0, 1, string.Concat(Enumerable.Repeat(field, 8))), 5_000);

        Assert.Equal(End.GoAwayOrClosed, end);
        Assert.Equal(0, requests);
    }

    [Fact]
    public async Task A_flood_of_empty_CONTINUATION_frames_ends_with_the_time_for_a_head()
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend, options: new ProxyOptions { Limits = new HttpLimits { HeaderTimeout = TimeSpan.FromSeconds(1) } });

        var end = await AttackAsync(proxy, i => i == 0 ? Frame(Headers, 0, 1, Get) : Frame(Continuation, 0, 1, ""), int.MaxValue);

        Assert.Equal(End.GoAwayOrClosed, end);
    }

    [Fact]
    public async Task An_HPACK_bomb_ends_the_connection()
    {
        var requests = 0;
        await using var backend = Counting(() => requests++);
        await using var proxy = To(backend);

        // A field of 3,000 bytes is put into the table once, and then named ten thousand times by a byte each.
        var bomb = Get + "\u0040\u0001x\u007f\u00b9\u0016" + new string('y', 3000) + new string('\u00be', 10_000);

        var end = await AttackAsync(proxy, i => Frame(Headers, EndStream | EndHeaders, (2 * i) + 1, bomb), 50);

        Assert.Equal(End.GoAwayOrClosed, end);
        Assert.Equal(0, requests);
    }

    [Theory]
    [InlineData(Settings, "")]
    [InlineData(Settings, "\0\u0003\0\0\0\u0001\0\u0004\0\0\u00ff\u00ff")]
    [InlineData(Ping, "12345678")]
    public async Task A_flood_that_asks_for_acknowledgements_is_held_up_by_them(int type, string payload)
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);

        var end = await AttackAsync(proxy, _ => Frame(type, 0, 0, payload), int.MaxValue, reads: false);

        Assert.NotEqual(End.AllSent, end);
    }

    [Fact]
    public async Task A_body_of_empty_frames_is_a_body_that_does_not_come()
    {
        await using var backend = TestBackend.Echoing();
        var limits = new HttpLimits { RateGracePeriod = TimeSpan.FromSeconds(1) };
        await using var proxy = To(backend, options: new ProxyOptions { Limits = limits });

        var end = await AttackAsync(proxy, i => i == 0 ? Frame(Headers, EndHeaders, 1, Post) : Frame(Data, 0, 1, ""), int.MaxValue, endsWith: ResetStream);

        Assert.Equal(End.GoAwayOrClosed, end);
    }

    [Theory]
    [InlineData("zero for the connection", 0, 0)]
    [InlineData("more than there can be", 0, int.MaxValue)]
    public async Task A_window_update_that_makes_no_sense_ends_the_connection(string what, int stream, int increment)
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);

        var end = await AttackAsync(proxy, _ => Frame(WindowUpdate, 0, stream, Number(increment)), 2);

        Assert.Equal((what, End.GoAwayOrClosed), (what, end));
    }

    /// <summary>Frames that ask for nothing and change nothing cost their sender as much as us, and nobody else anything.</summary>
    [Theory]
    [InlineData(Priority, 3, "\0\0\0\0\u0010")]
    [InlineData(WindowUpdate, 0, "\0\0\0\u0001")]
    [InlineData(0xBE, 0, "whatever it is")]
    public async Task A_flood_of_frames_without_effect_starves_nobody(int type, int stream, string payload)
    {
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = To(backend);

        // That others are served and memory stays is what the attack asserts.
        await AttackAsync(proxy, _ => Frame(type, 0, stream, payload), 200_000, reads: false);
    }

    /// <summary>Streams whose clients open no window hold their answers back, not those of others; the memory of each is bounded.</summary>
    [Fact]
    public async Task Answers_that_may_not_be_sent_are_not_read_from_the_backend()
    {
        var block = new byte[64 * 1024];
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                var blocks = request.Head.StartsWith(OtherRequest, StringComparison.Ordinal) ? 1 : 64;
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {blocks * block.Length}\r\n\r\n");
                for (; blocks > 0; blocks--)
                    await connection.Socket.SendAsync(block, TestContext.Current.CancellationToken);
            }
        });
        await using var proxy = To(backend);

        // SETTINGS_INITIAL_WINDOW_SIZE is 0.
        await AttackAsync(
            proxy, i => i == 0 ? Frame(Settings, 0, 0, "\0\u0004\0\0\0\0") : Frame(Headers, EndStream | EndHeaders, (2 * i) + 1, Get), 20, reads: false);
    }

    private static TestBackend Counting(Action count) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (!request.Head.StartsWith(OtherRequest, StringComparison.Ordinal))
                count();

            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });

    /// <summary>How an attack ended.</summary>
    private enum End
    {
        AllSent,
        GoAwayOrClosed,

        /// <summary>The proxy reads no more until its answers are read.</summary>
        HeldUp,
    }

    /// <summary>Sends frames until the proxy has enough, and then some requests of another client; memory has to stay where it is.</summary>
    private static async Task<End> AttackAsync(TestProxy proxy, Func<int, string> frame, int count, bool reads = true, int endsWith = GoAway)
    {
        await AssertOtherIsServedAsync(proxy);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var over = new CancellationTokenSource();
        var others = ServeOthersAsync(proxy, over.Token);
        using var attacker = await proxy.ConnectAsync();
        attacker.Socket.NoDelay = false;
        await attacker.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(Settings, 0, 0, ""));
        var reading = reads ? ReadUntilAsync(attacker.Socket, endsWith) : Task.FromResult(false);
        var end = await SendAsync(attacker.Socket, frame, count, reads ? reading : null);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        await over.CancelAsync();
        await others;
        await AssertOtherIsServedAsync(proxy);
        if (reads && end == End.AllSent && await reading.WaitAsync(TimeSpan.FromSeconds(30)))
            end = End.GoAwayOrClosed;

        // Up to 256 requests are under way before a rapid reset is found out, each with its connection to the backend: some 100 KB, with the
        // backend's own end of it, until they are torn down.
        Assert.InRange(grown, long.MinValue, 48 * 1024 * 1024);
        return end;
    }

    private static async Task<End> SendAsync(Socket socket, Func<int, string> frame, int count, Task<bool>? reading)
    {
        var batch = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            batch.Append(frame(i));
            if (batch.Length < 8192 && i + 1 < count)
                continue;

            if (reading is { IsCompleted: true })
                return End.GoAwayOrClosed;

            if (!socket.Poll(TimeSpan.FromSeconds(2), SelectMode.SelectWrite))
                return End.HeldUp;

            try
            {
                await socket.SendAsync(Encoding.Latin1.GetBytes(batch.ToString()), TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            }
            catch (SocketException)
            {
                return End.GoAwayOrClosed;
            }
            catch (TimeoutException)
            {
                return End.HeldUp;
            }

            batch.Clear();
        }

        return End.AllSent;
    }

    /// <summary>Reads frames until one of a type comes, or the connection ends.</summary>
    private static async Task<bool> ReadUntilAsync(Socket socket, int type)
    {
        try
        {
            var header = new byte[9];
            while (await FillAsync(socket, header))
            {
                if (header[3] == type || header[3] == GoAway)
                    return true;

                if (!await FillAsync(socket, new byte[(header[0] << 16) | (header[1] << 8) | header[2]]))
                    break;
            }
        }
        catch (SocketException)
        {
            // Closed with a reset.
        }

        return true;
    }

    private static async Task<bool> FillAsync(Socket socket, byte[] buffer)
    {
        for (var filled = 0; filled < buffer.Length;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (count == 0)
                return false;

            filled += count;
        }

        return true;
    }

    /// <summary>Another client, while the attack goes on.</summary>
    private static async Task ServeOthersAsync(TestProxy proxy, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await AssertOtherIsServedAsync(proxy);
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private static async Task AssertOtherIsServedAsync(TestProxy proxy)
    {
        using var other = await proxy.ConnectAsync();
        await other.SendAsync(OtherRequest + "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Equal((int)HttpStatusCode.OK, (await other.ReadResponseAsync()).Status);
    }

    private static string Number(int value) => $"{(char)(value >> 24)}{(char)((value >> 16) & 0xFF)}{(char)((value >> 8) & 0xFF)}{(char)(value & 0xFF)}";

    private static string Frame(int type, int flags, int stream, string payload) =>
        $"{(char)(payload.Length >> 16)}{(char)((payload.Length >> 8) & 0xFF)}{(char)(payload.Length & 0xFF)}{(char)type}{(char)flags}"
        + $"{(char)(stream >> 24)}{(char)((stream >> 16) & 0xFF)}{(char)((stream >> 8) & 0xFF)}{(char)(stream & 0xFF)}{payload}";
}

/// <summary>What measures the memory of the process runs alone.</summary>
[CollectionDefinition(nameof(MeasuresMemory), DisableParallelization = true)]
public sealed class MeasuresMemory;
