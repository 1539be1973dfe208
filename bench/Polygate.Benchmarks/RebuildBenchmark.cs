using BenchmarkDotNet.Attributes;
using Polygate.Model;
using Polygate.Proxy.Routing;

namespace Polygate.Benchmarks;

/// <summary>What bringing a one-route change into the table costs.</summary>
public class RebuildBenchmark
{
    private readonly RuntimeState state = new();
    private GatewayConfiguration configuration = null!;
    private RoutingTable table = null!;
    private int edit;

    [Params(RouteLayout.HostEach, RouteLayout.OneHostElementPrefixes, RouteLayout.OneHostStringPrefixes)]
    public RouteLayout Layout { get; set; }

    [Params(10_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        configuration = RouteSamples.Configuration(Layout, Routes);
        table = RoutingTable.Build(configuration, RoutingTable.Empty, state);
        table.ForListeners([RouteSamples.Web]);
    }

    [Benchmark]
    public SocketRoutes ChangeOneRoute()
    {
        var piece = RouteSamples.Piece(Layout, edit % Routes, $"v{++edit}");
        configuration = configuration with { Pieces = configuration.Pieces.SetItem(piece.Id, piece) };
        state.Clusters.Update(configuration);
        table = RoutingTable.Build(configuration, table, state);
        return table.ForListeners([RouteSamples.Web]);
    }

    [Benchmark]
    public SocketRoutes FromScratch() => RoutingTable.Build(configuration, RoutingTable.Empty, state).ForListeners([RouteSamples.Web]);
}
