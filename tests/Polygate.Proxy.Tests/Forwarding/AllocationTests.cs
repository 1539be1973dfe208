using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Transport;

namespace Polygate.Proxy.Tests.Forwarding;

/// <summary>
/// The steady state allocates nothing, with routing, a header filter, metrics and an access log: what one request needs, another one left
/// behind. What a line of the access log costs is tested where lines are made.
/// </summary>
public sealed class AllocationTests() : ProxyTests(TransportKind.Native)
{
    private const int Clients = 16;
    private const int Rounds = 200;

    [Fact]
    public async Task Requests_in_the_steady_state_allocate_nothing_on_their_loop()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The transport of other systems allocates by itself.");
        Assert.SkipWhen(
            typeof(ProxyServer).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true },
            "Without optimisation the state of async methods is a new object each time: run with -c Release.");
        ITransport transport = null!;
        await using var backend = TestBackend.Answering("HTTP/1.1 200 OK\r\nX-Some: thing\r\nContent-Length: 2\r\n\r\nok");
        await using var proxy = TestProxy.Start(
            TestProxy.Configuration(
                [TestProxy.Backend("backend", backend.Port)],
                new ForwardAction([new WeightedBackend("backend")]),
                new RequestHeaderFilter(new HeaderChanges { Set = [new HeaderValue("x-team", "shop")] })),
            new ProxyOptions { Transport = options => transport = Transports.Create(options), AccessLog = new CountingLog() });
        var clients = new Socket[Clients];
        for (var i = 0; i < Clients; i++)
        {
            clients[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
            await clients[i].ConnectAsync(IPAddress.Loopback, proxy.Port);
        }

        Run(clients);
        var before = await AllocatedAsync(transport);
        Run(clients);
        var perRequest = (await AllocatedAsync(transport) - before) / (double)(Clients * Rounds);

        // Reading the counters allocates a little, and the date is new each second.
        Assert.InRange(perRequest, 0, 4);
        foreach (var client in clients)
            client.Dispose();
    }

    /// <summary>Asks for entries.</summary>
    private sealed class CountingLog : IAccessLog
    {
        private long bytes;

        public bool IsEnabled => true;

        public void Log(in AccessLogEntry entry) => Interlocked.Add(ref bytes, entry.ResponseBodyBytes);
    }

    /// <summary>Rounds in which all clients have a request under way at once.</summary>
    private static void Run(Socket[] clients)
    {
        var request = Encoding.ASCII.GetBytes("POST /a?b HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\nAccept: */*\r\nContent-Length: 5\r\n\r\nhello");
        var answer = new byte[4096];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var client in clients)
                client.Send(request);

            foreach (var client in clients)
            {
                var length = 0;
                while (!answer.AsSpan(0, length).EndsWith("\r\n\r\nok"u8))
                    length += client.Receive(answer.AsSpan(length));
            }
        }
    }

    private static async Task<long> AllocatedAsync(ITransport transport)
    {
        var sum = 0L;
        foreach (var loop in transport.Loops)
        {
            var bytes = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(_ => bytes.SetResult(GC.GetAllocatedBytesForCurrentThread()), null);
            sum += await bytes.Task;
        }

        return sum;
    }
}
