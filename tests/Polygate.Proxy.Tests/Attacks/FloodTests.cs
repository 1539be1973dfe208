using System.Text;
using Polygate.Proxy.Http;
using Polygate.Proxy.Simulation;

namespace Polygate.Proxy.Tests.Attacks;

/// <summary>Requests without an end, of whatever kind: each is refused after a bounded number of bytes. On a simulated loop.</summary>
public sealed class FloodTests
{
    /// <summary>What may be taken of a flood: the largest head or trailer section, and what is thrown away so that the answer arrives.</summary>
    private const int Bound = (64 * 1024) + HttpServerLoop.LingerBytes + (64 * 1024);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 431)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: ", "y", 431)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n", "xxxxxxxx", 431)]
    [InlineData("GET /", "a", 414)]
    [InlineData("", "A", 414)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;", "x", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "0", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\na\r\n", 400)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n", 431)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", "y", 431)]
    public async Task A_flood_is_refused_after_a_bounded_number_of_bytes(string beginning, string repeated, int status)
    {
        await using var gateway = new SimulatedGateway();
        var attacker = gateway.Connect();
        attacker.Deliver(Encoding.ASCII.GetBytes(beginning));
        gateway.Loop.Run();
        var piece = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(repeated, 16 * 1024 / repeated.Length)));
        var taken = 0;
        while (taken < 64 * 1024 * 1024 && attacker.IsHungry)
        {
            attacker.Deliver(piece);
            taken += piece.Length;
            gateway.Loop.Run();
        }

        Assert.StartsWith($"HTTP/1.1 {status} ", Encoding.ASCII.GetString(attacker.Sent.Span), StringComparison.Ordinal);
        Assert.InRange(taken, 1, Bound);
        Assert.True(attacker.IsClosed);
        Assert.All(gateway.Upstreams, upstream => Assert.True(upstream.IsClosed));
    }

    [Fact]
    public async Task A_thousand_requests_at_once_are_answered_one_after_the_other()
    {
        await using var gateway = new SimulatedGateway();
        gateway.Inline = false;
        var attacker = gateway.Connect();
        attacker.Deliver(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1000))));
        gateway.Loop.Run();

        // Until the first is answered, the second is not begun.
        Assert.Equal(1, gateway.Server.ReadMetrics().ActiveRequests);
        var upstream = gateway.Upstreams.Single();
        for (var i = 0; i < 1000; i++)
        {
            upstream.Deliver("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            gateway.Loop.Run();
        }

        Assert.Equal(1000, ReadAnswer.All(attacker.Sent.Span, [.. Enumerable.Repeat("GET", 1000)]).Count);
        Assert.Single(gateway.Upstreams);
    }
}
