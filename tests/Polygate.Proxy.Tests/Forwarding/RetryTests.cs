using System.Globalization;
using Polygate.Model;
using Polygate.Proxy.Forwarding;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>Further attempts, what bounds them, and what a backend may be asked to bear.</summary>
public abstract class RetryTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Busy = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

    [Fact]
    public async Task A_budget_bounds_retries_and_the_failure_is_the_answer_then()
    {
        var asked = 0;
        await using var backend = Counting(() => asked++, Busy);
        var budget = new RetryBudget(20) { MinimumPerSecond = 0, Interval = TimeSpan.FromHours(1) };
        await using var proxy = To(backend, action => action with { Retry = new RetryPolicy(5) { Statuses = [503], Budget = budget } });
        using var client = await proxy.ConnectAsync();

        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal((503, "busy"), await AnswerAsync(client));
        }

        Assert.Equal(50 + 10, asked);
    }

    [Fact]
    public async Task A_backends_own_budget_counts_for_all_routes_and_may_say_what_is_answered()
    {
        var asked = 0;
        await using var backend = Counting(() => asked++, Busy);
        var budget = new RetryBudget(20) { MinimumPerSecond = 0, Interval = TimeSpan.FromHours(1), ExhaustedStatus = 500 };
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("backend", backend.Port) with { RetryBudget = budget }],
            new ForwardAction([new WeightedBackend("backend")]) { Retry = new RetryPolicy(5) { Statuses = [503] } }));
        using var client = await proxy.ConnectAsync();
        var answers = new List<int>();
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync(Get);
            answers.Add((await AnswerAsync(client)).Item1);
        }

        Assert.Equal(50 + 10, asked);
        Assert.All(answers, status => Assert.Equal(500, status));
    }

    [Fact]
    public async Task A_minimum_of_retries_is_always_allowed()
    {
        var asked = 0;
        await using var backend = Counting(() => asked++, Busy);
        var budget = new RetryBudget(0) { MinimumPerSecond = 0.5, Interval = TimeSpan.FromSeconds(10) };
        await using var proxy = To(backend, action => action with { Retry = new RetryPolicy(8) { Statuses = [503], Budget = budget } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync(Get);

        Assert.Equal((503, "busy"), await AnswerAsync(client));
        Assert.Equal(1 + 5, asked);
    }

    [Theory]
    [InlineData("POST", false, 1)]
    [InlineData("POST", true, 3)]
    [InlineData("PUT", false, 3)]
    public async Task Statuses_are_retried_for_idempotent_methods_where_the_policy_says_so(string method, bool nonIdempotent, int times)
    {
        var asked = 0;
        await using var backend = Counting(() => asked++, Busy);
        var policy = new RetryPolicy(2) { Statuses = [503], StatusesObeyIdempotence = true, NonIdempotent = nonIdempotent };
        await using var proxy = To(backend, action => action with { Retry = policy });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");

        Assert.Equal((503, "busy"), await AnswerAsync(client));
        Assert.Equal(times, asked);
    }

    [Fact]
    public async Task A_body_larger_than_the_policy_holds_is_sent_once()
    {
        var asked = 0;
        await using var backend = Counting(() => asked++, Busy);
        await using var proxy = To(backend, action => action with { Retry = new RetryPolicy(2) { Statuses = [503], MaximumBodyBytes = 4 } });
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345");
        Assert.Equal((503, "busy"), await AnswerAsync(client));
        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n1234");
        Assert.Equal((503, "busy"), await AnswerAsync(client));

        Assert.Equal(1 + 3, asked);
    }

    [Fact]
    public void No_attempt_begins_after_the_deadline()
    {
        var gate = new RetryGate();
        gate.Begin(new RetryPolicy(5) { Deadline = TimeSpan.FromMilliseconds(100) }, 5, Upstreams.UpstreamSamples.Cluster(TestProxy.Backend("b", 1)), now: 1000);

        Assert.Equal([true, true, false], new long[] { 1000, 1099, 1100 }.Select(gate.TryTake));
    }

    [Theory]
    [InlineData("Retry-After: 1", 1, 10, 1000)]
    [InlineData("Retry-After: 60", 10, 10, 25)]
    [InlineData("Retry-After: soon", 10, 10, 25)]
    [InlineData("X-Reset: 2", 10, 10, 25)]
    public void An_answer_may_say_when_to_come_back(string header, int longest, int attempts, int milliseconds)
    {
        var gate = new RetryGate();
        var response = new Polygate.Proxy.Http.ResponseHead { Status = 429 };
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        response.Headers.Add(System.Text.Encoding.ASCII.GetBytes(header[..colon]), System.Text.Encoding.ASCII.GetBytes(header[(colon + 2)..]));
        var policy = new RetryPolicy(attempts) { Statuses = [429], Backoff = TimeSpan.FromMilliseconds(25), RetryAfter = new RetryAfter(TimeSpan.FromSeconds(longest)) };

        gate.Begin(policy, attempts, Upstreams.UpstreamSamples.Cluster(TestProxy.Backend("b", 1)), now: 0);

        Assert.True(gate.TryTakeFor(response, isIdempotent: true, now: 0));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), gate.NextWait());
    }

    [Fact]
    public void Waits_double_up_to_the_longest()
    {
        var gate = new RetryGate();
        gate.Begin(
            new RetryPolicy(5) { Backoff = TimeSpan.FromMilliseconds(25), LongestBackoff = TimeSpan.FromMilliseconds(70) },
            5, Upstreams.UpstreamSamples.Cluster(TestProxy.Backend("b", 1)), now: 0);

        Assert.Equal([25, 50, 70, 70], Enumerable.Range(0, 4).Select(_ => gate.NextWait().TotalMilliseconds));
    }

    [Fact]
    public async Task A_backend_that_bears_no_more_requests_gets_none()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new SemaphoreSlim(0);
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                arrived.Release();
                await release.Task;
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        var limited = TestProxy.Backend("backend", backend.Port) with { CircuitBreaker = new CircuitBreaker { MaxRequests = 1 } };
        await using var proxy = Start(TestProxy.Configuration([limited], new ForwardAction([new WeightedBackend("backend")])));
        using var first = await proxy.ConnectAsync();
        using var second = await proxy.ConnectAsync();

        await first.SendAsync(Get);
        await arrived.WaitAsync(TestContext.Current.CancellationToken);
        await second.SendAsync(Get);
        Assert.Equal(503, (await second.ReadResponseAsync()).Status);
        release.SetResult();
        Assert.Equal(200, (await first.ReadResponseAsync()).Status);
        await second.SendAsync(Get);
        Assert.Equal(200, (await second.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task An_endpoint_with_as_many_requests_as_it_bears_is_passed_over()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = new TestBackend(async connection =>
        {
            await connection.ReadRequestAsync();
            arrived.SetResult();
            await release.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
        });
        await using var fast = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfast");
        var limited = TestProxy.Backend("backend", slow.Port, fast.Port) with { CircuitBreaker = new CircuitBreaker { MaxRequestsPerEndpoint = 1 } };
        await using var proxy = Start(TestProxy.Configuration([limited], new ForwardAction([new WeightedBackend("backend")])));
        using var client = await proxy.ConnectAsync();
        using var waiting = await proxy.ConnectAsync();
        await waiting.SendAsync(Get);
        var pending = waiting.ReadResponseAsync();
        if (await Task.WhenAny(pending, arrived.Task) == pending)
        {
            // The fast one had its turn first.
            await waiting.SendAsync(Get);
            pending = waiting.ReadResponseAsync();
            await arrived.Task;
        }

        for (var i = 0; i < 6; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal((200, "fast"), await AnswerAsync(client));
        }

        release.SetResult();
        Assert.Equal("slow", (await pending).Body);
    }

    [Fact]
    public async Task A_session_over_several_backends_stays_with_its_backend_and_endpoint()
    {
        var backends = Enumerable.Range(0, 4)
            .Select(i => TestBackend.Answering(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{i}"))).ToArray();
        await using var proxy = Start(TestProxy.Configuration(
            [TestProxy.Backend("a", backends[0].Port, backends[1].Port), TestProxy.Backend("b", backends[2].Port, backends[3].Port)],
            new ForwardAction([new WeightedBackend("a"), new WeightedBackend("b")]) { Sticky = new StickyHeader("X-Session") { Salt = "rule", AbsoluteTimeout = TimeSpan.FromHours(1) } }));
        using var client = await proxy.ConnectAsync();
        for (var session = 0; session < 5; session++)
        {
            await client.SendAsync(Get);
            var first = await client.ReadResponseAsync();
            var token = first["X-Session"]!;
            for (var i = 0; i < 6; i++)
            {
                await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\nX-Session: {token}\r\n\r\n");
                var answer = await client.ReadResponseAsync();
                Assert.Equal((first.Body, (string?)null), (answer.Body, answer["X-Session"]));
            }
        }

        foreach (var backend in backends)
            await backend.DisposeAsync();
    }

    private static TestBackend Counting(Action count, string answer) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is not null)
        {
            count();
            await connection.SendAsync(answer);
        }
    });

    private static async Task<(int, string)> AnswerAsync(TestConnection client)
    {
        var answer = await client.ReadResponseAsync();
        return (answer.Status, answer.Body);
    }
}

public sealed class RetriesOverTheNativeTransport() : RetryTests(TransportKind.Native);

public sealed class RetriesOverDotNetSockets() : RetryTests(TransportKind.Sockets);
