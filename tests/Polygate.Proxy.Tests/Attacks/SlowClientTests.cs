using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Simulation;

namespace Polygate.Proxy.Tests.Attacks;

/// <summary>Clients that take their time, to hold on to what a server has: on a simulated loop, where minutes pass at once. Beside them another client is served.</summary>
[Collection(nameof(MeasuresMemory))]
public sealed class SlowClientTests
{
    private const int Attackers = 200;
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Heads_that_dribble_in_are_answered_408_and_cost_little_until_then()
    {
        await using var gateway = new SimulatedGateway();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var attackers = Enumerable.Range(0, Attackers).Select(_ => gateway.Connect()).ToList();
        for (var second = 0; second < 60; second++)
        {
            attackers.ForEach(attacker => attacker.Deliver(second == 0 ? "GET / HTTP/1.1\r\nX: "u8.ToArray() : "a"u8.ToArray()));
            gateway.Loop.Advance(TimeSpan.FromSeconds(1));
            if (second % 10 == 0)
                AssertOtherIsServed(gateway);
        }

        var perAttacker = (GC.GetTotalMemory(forceFullCollection: true) - before) / Attackers;
        gateway.Loop.Advance(TimeSpan.FromSeconds(5));

        Assert.InRange(perAttacker, 0, 48 * 1024);
        Assert.All(attackers, attacker => Assert.StartsWith("HTTP/1.1 408 ", Text(attacker), StringComparison.Ordinal));
        Assert.All(attackers, attacker => Assert.True(attacker.IsClosed));
    }

    [Fact]
    public async Task Connections_that_say_nothing_are_closed()
    {
        await using var gateway = new SimulatedGateway();
        var attackers = Enumerable.Range(0, Attackers).Select(_ => gateway.Connect()).ToList();

        gateway.Loop.Advance(HttpLimits.Default.HeaderTimeout + TimeSpan.FromSeconds(1));

        AssertOtherIsServed(gateway);
        Assert.All(attackers, attacker => Assert.True(attacker.IsClosed));
    }

    [Fact]
    public async Task A_body_that_dribbles_in_is_answered_408_after_the_grace_period()
    {
        await using var gateway = new SimulatedGateway();
        var attacker = gateway.Connect();
        attacker.Deliver("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"u8.ToArray());
        var seconds = 0;
        for (; seconds < 60 && !attacker.IsClosed && attacker.Sent.IsEmpty; seconds++)
        {
            attacker.Deliver("x"u8.ToArray());
            gateway.Loop.Advance(TimeSpan.FromSeconds(1));
            AssertOtherIsServed(gateway);
        }

        Assert.StartsWith("HTTP/1.1 408 ", Text(attacker), StringComparison.Ordinal);
        Assert.InRange(seconds, 5, 7);
    }

    [Fact]
    public async Task A_body_that_comes_slowly_but_steadily_is_taken()
    {
        await using var gateway = new SimulatedGateway();
        var client = gateway.Connect();
        client.Deliver("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n"u8.ToArray());
        for (var i = 0; i < 300; i++)
        {
            client.Deliver(new byte[300]);
            gateway.Loop.Advance(TimeSpan.FromSeconds(1));
        }

        gateway.Upstreams.Single().Deliver(Encoding.ASCII.GetBytes(Answer));
        gateway.Loop.Run();

        Assert.EndsWith("ok", Text(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_the_backend_is_no_slowness_of_the_client()
    {
        await using var gateway = new SimulatedGateway();
        var client = gateway.Connect();
        client.Deliver("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"u8.ToArray());
        gateway.Loop.Run();
        var upstream = gateway.Upstreams.Single();
        upstream.Room = 0;
        client.Deliver(new byte[100_000]);
        gateway.Loop.Advance(TimeSpan.FromSeconds(50));
        upstream.Room = int.MaxValue;
        gateway.Loop.Run();
        upstream.Deliver(Encoding.ASCII.GetBytes(Answer));
        gateway.Loop.Run();

        Assert.EndsWith("ok", Text(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_reads_a_byte_now_and_then_is_cut_off_and_its_backend_not_read_ahead()
    {
        await using var gateway = new SimulatedGateway();
        var attacker = gateway.Connect();
        attacker.Room = 0;
        attacker.Deliver("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        gateway.Loop.Run();
        var upstream = gateway.Upstreams.Single();
        upstream.Deliver("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"u8.ToArray());
        var delivered = 0;
        for (; delivered < 1000 && upstream.IsHungry; delivered++)
        {
            upstream.Deliver(new byte[64 * 1024]);
            gateway.Loop.Run();
        }

        for (var second = 0; second < 600 && !attacker.IsClosed; second++)
        {
            attacker.Room = 1;
            gateway.Loop.Advance(TimeSpan.FromSeconds(1));
            if (second % 60 == 0)
                AssertOtherIsServed(gateway);
        }

        Assert.InRange(delivered, 0, 16);
        Assert.True(attacker.IsAborted);
        Assert.True(upstream.IsClosed);
    }

    private static void AssertOtherIsServed(SimulatedGateway gateway)
    {
        var client = gateway.Connect();
        client.Deliver("GET /other HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        gateway.Loop.Run();
        gateway.Upstreams.Last(upstream => upstream.Sent.Span.IndexOf("GET /other "u8) >= 0).Deliver(Encoding.ASCII.GetBytes(Answer));
        gateway.Loop.Run();
        Assert.EndsWith("ok", Text(client), StringComparison.Ordinal);
        client.Finish();
        gateway.Loop.Run();
    }

    private static string Text(SimulatedChannel client) => Encoding.Latin1.GetString(client.Sent.Span);
}
