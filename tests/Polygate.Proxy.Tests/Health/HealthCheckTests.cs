using Polygate.Model;
using Polygate.Proxy.Tests.Forwarding;
using Polygate.Proxy.Tests.Http2;

namespace Polygate.Proxy.Tests.Health;

/// <summary>Active checks over real sockets: who is passed over, and what happens when nobody is left.</summary>
public abstract class HealthCheckTests(TransportKind transport) : ProxyTests(transport)
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    private static readonly HttpHealthCheck Check = new()
    {
        Path = "/ready?deep=1",
        Interval = Often,
        Jitter = 0,
        UnhealthyThreshold = 2,
        HealthyThreshold = 2,
        Timeout = TimeSpan.FromSeconds(1),
        Headers = [new HeaderValue("X-Probe", "yes")],
    };

    [Fact]
    public async Task An_endpoint_that_fails_its_checks_gets_no_requests_until_it_is_well_again()
    {
        var isWell = true;
        await using var first = Checked(() => isWell, "first");
        await using var second = Checked(() => true, "second");
        await using var proxy = Start(Of(TestProxy.Backend("backend", first.Port, second.Port) with { HealthCheck = Check }));
        using var client = await proxy.ConnectAsync();

        await Until(client, bodies => bodies.Contains("first") && bodies.Contains("second"));
        isWell = false;
        await Until(client, bodies => bodies.All(body => body == "second"));
        isWell = true;
        await Until(client, bodies => bodies.Contains("first"));
    }

    [Fact]
    public async Task The_check_says_what_the_configuration_says()
    {
        var seen = new TaskCompletionSource<TestMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            seen.TrySetResult((await connection.ReadRequestAsync())!);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        await using var proxy = Start(Of(TestProxy.Backend("backend", backend.Port) with { HealthCheck = Check with { Host = "health.example", Method = "OPTIONS" } }));

        var request = await seen.Task;

        Assert.Equal("OPTIONS /ready?deep=1 HTTP/1.1", request.StartLine);
        Assert.Equal(("health.example", "yes"), (request["Host"], request["X-Probe"]));
    }

    [Fact]
    public async Task An_endpoint_that_has_to_prove_itself_first_serves_nothing_before()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new TestBackend(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.StartLine.Contains("/ready", StringComparison.Ordinal))
                    await gate.Task;

                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        var cautious = Check with { InitiallyHealthy = false, HealthyThreshold = 1, Timeout = TimeSpan.FromSeconds(20) };
        await using var proxy = Start(Of(TestProxy.Backend("backend", backend.Port) with { HealthCheck = cautious, Panic = new HealthPanic(Refuse: true) }));
        using var client = await proxy.ConnectAsync();

        Assert.Equal(503, await StatusAsync(client));
        gate.SetResult();
        while (await StatusAsync(client) != 200)
        {
            // The check is on its way.
        }
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 503)]
    public async Task When_no_endpoint_is_well_all_serve_unless_the_backend_refuses(bool refuse, int status)
    {
        var checks = 0;
        await using var backend = Checked(() => Interlocked.Increment(ref checks) < 0, "sick");
        await using var proxy = Start(Of(TestProxy.Backend("backend", backend.Port) with { HealthCheck = Check, Panic = new HealthPanic(Refuse: refuse) }));
        using var client = await proxy.ConnectAsync();
        while (Volatile.Read(ref checks) < 4)
            await StatusAsync(client);

        Assert.Equal(status, await StatusAsync(client));
    }

    [Fact]
    public async Task Below_the_panic_threshold_health_is_disregarded()
    {
        var checks = 0;
        await using var sick = Checked(() => Interlocked.Increment(ref checks) < 0, "sick");
        await using var well = Checked(() => true, "well");
        await using var proxy = Start(Of(TestProxy.Backend("backend", sick.Port, well.Port) with { HealthCheck = Check, Panic = new HealthPanic(BelowPercent: 60) }));
        using var client = await proxy.ConnectAsync();
        while (Volatile.Read(ref checks) < 4)
            await StatusAsync(client);

        await Until(client, bodies => bodies.Contains("sick") && bodies.Contains("well"));
    }

    [Fact]
    public async Task A_connection_that_can_be_made_is_enough_for_a_TCP_check()
    {
        await using var well = Checked(() => true, "well");
        var gone = Checked(() => true, "gone");
        await gone.DisposeAsync();
        await using var proxy = Start(Of(TestProxy.Backend("backend", gone.Port, well.Port) with
        {
            HealthCheck = new TcpHealthCheck { Interval = Often, UnhealthyThreshold = 1 },
        }));
        while (proxy.Server.EndpointsOf("backend").All(endpoint => endpoint.IsHealthy))
            await Task.Yield();

        Assert.Equal([gone.Port], proxy.Server.EndpointsOf("backend").Where(endpoint => !endpoint.IsHealthy).Select(endpoint => endpoint.Address.Port));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task A_gRPC_check_asks_the_health_service(int answered, bool isHealthy)
    {
        var checks = 0;
        await using var service = new Http2Backend(async exchange =>
        {
            exchange.Response.Status = 200;
            exchange.Response.Headers.Add("content-type"u8, "application/grpc"u8);
            exchange.StartResponse(null);
            exchange.ResponseTrailers.Add("grpc-status"u8, "0"u8);
            Interlocked.Increment(ref checks);
            await exchange.CompleteResponseAsync(new byte[] { 0, 0, 0, 0, 2, 0x08, (byte)answered });
        });
        await using var proxy = Start(Of(service.AsBackend() with { HealthCheck = new GrpcHealthCheck("shop") { Interval = Often, UnhealthyThreshold = 1 } }));
        while (Volatile.Read(ref checks) < 3)
            await Task.Yield();

        var endpoint = proxy.Server.EndpointsOf("backend").Single();
        Assert.Equal((isHealthy, isHealthy ? null : "not serving"), (endpoint.IsHealthy, endpoint.CheckProblem));
    }

    [Fact]
    public async Task What_checks_found_outlives_a_change_of_the_configuration()
    {
        var checks = 0;
        await using var sick = Checked(() => Interlocked.Increment(ref checks) < 0, "sick");
        await using var well = Checked(() => true, "well");
        var backend = TestProxy.Backend("backend", sick.Port, well.Port) with { HealthCheck = Check };
        await using var proxy = Start(Of(backend));
        while (proxy.Server.EndpointsOf("backend").All(endpoint => endpoint.IsHealthy))
            await Task.Yield();

        proxy.Server.Apply(Of(backend with { Name = "other", HealthCheck = Check with { Interval = TimeSpan.FromHours(1) } }));

        Assert.Equal([sick.Port], proxy.Server.EndpointsOf("backend").Where(endpoint => !endpoint.IsHealthy).Select(endpoint => endpoint.Address.Port));
    }

    [Fact]
    public async Task An_endpoint_whose_answers_fail_is_passed_over()
    {
        await using var bad = TestBackend.Answering("HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nbad");
        await using var good = TestBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
        await using var proxy = Start(Of(TestProxy.Backend("backend", bad.Port, good.Port) with
        {
            Outliers = new OutlierDetection { ConsecutiveFailures = 3, EjectionTime = TimeSpan.FromHours(1) },
        }));
        using var client = await proxy.ConnectAsync();

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++)
            statuses.Add(await StatusAsync(client));

        Assert.Equal(3, statuses.Count(status => status == 500));
        Assert.All(statuses[^10..], status => Assert.Equal(200, status));
    }

    private static TestBackend Checked(Func<bool> isWell, string name) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var status = request.StartLine.Contains("/ready", StringComparison.Ordinal) && !isWell() ? "503 Sick" : "200 OK";
            await connection.SendAsync($"HTTP/1.1 {status}\r\nContent-Length: {name.Length}\r\n\r\n{name}");
        }
    });

    private static GatewayConfiguration Of(Backend backend) => TestProxy.Configuration([backend], new ForwardAction([new WeightedBackend("backend")]));

    private static async Task<int> StatusAsync(TestConnection client)
    {
        await client.SendAsync(Get);
        return (await client.ReadResponseAsync()).Status;
    }

    /// <summary>Sends requests, eight at a time, until the answers are as wanted.</summary>
    private static async Task Until(TestConnection client, Func<List<string>, bool> isWanted)
    {
        List<string> bodies;
        do
        {
            bodies = [];
            for (var i = 0; i < 8; i++)
            {
                await client.SendAsync(Get);
                bodies.Add((await client.ReadResponseAsync()).Body);
            }
        }
        while (!isWanted(bodies));
    }
}

public sealed class HealthChecksOverTheNativeTransport() : HealthCheckTests(TransportKind.Native);

public sealed class HealthChecksOverDotNetSockets() : HealthCheckTests(TransportKind.Sockets);
