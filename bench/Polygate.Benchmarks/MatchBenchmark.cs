using BenchmarkDotNet.Attributes;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Benchmarks;

/// <summary>
/// What finding a request's route costs by the number of routes. <see cref="Few"/> asks for ten of them over and over: the cost of the
/// work itself. <see cref="Spread"/> asks for all of them in random order: with many routes that is the cost of memory
/// that no cache holds. Both include writing host and path into the request, as its parser does.
/// </summary>
public class MatchBenchmark
{
    private const int Requests = 10_000;
    private const int Width = 128;
    private readonly byte[] few = new byte[10 * Width];
    private readonly byte[] spread = new byte[Requests * Width];
    private RequestHead head = null!;
    private SocketRoutes routes = null!;

    [Params(RouteLayout.HostEach, RouteLayout.OneHostElementPrefixes, RouteLayout.OneHostStringPrefixes)]
    public RouteLayout Layout { get; set; }

    [Params(10, 10_000, 100_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        routes = RoutingTable.Build(RouteSamples.Configuration(Layout, Routes), RoutingTable.Empty, new RuntimeState()).ForListeners([RouteSamples.Web]);
        head = RouteSamples.Request(Layout, 0);
        for (var i = 0; i < 10; i++)
        {
            Write(RouteSamples.Request(Layout, i * (Routes / 10)), few.AsSpan(i * Width));
        }

        for (var i = 0; i < Requests; i++)
        {
            Write(RouteSamples.Request(Layout, Random.Shared.Next(Routes)), spread.AsSpan(i * Width));
        }

        if (Few() != Requests || Spread() != Requests)
        {
            throw new InvalidOperationException("A request of the benchmark has no route.");
        }

        // As the gateway does when it has loaded its first configuration.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Requests)]
    public int Few()
    {
        var found = 0;
        for (var i = 0; i < Requests / 10; i++)
        {
            found += MatchAll(few);
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public int Spread() => MatchAll(spread);

    private int MatchAll(ReadOnlySpan<byte> targets)
    {
        var found = 0;
        for (; targets.Length > 0; targets = targets[Width..])
        {
            head.SetHost(targets.Slice(2, targets[0]));
            head.SetPath(targets.Slice(2 + targets[0], targets[1]));
            found += routes.Match(head) is null ? 0 : 1;
        }

        return found;
    }

    private static void Write(RequestHead request, Span<byte> target)
    {
        target[0] = (byte)request.Host.Length;
        target[1] = (byte)request.Path.Length;
        request.Host.CopyTo(target[2..]);
        request.Path.CopyTo(target[(2 + request.Host.Length)..]);
    }
}
