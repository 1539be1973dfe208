using CsCheck;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Tests.Routing;

public sealed class MatchingProperties
{
    private const int Runs = 700;

    private static readonly Gen<ListenerKey[]> Sockets = Gen.OneOf<ListenerKey[]>(
        [RoutingGenerators.Listeners[0]], [RoutingGenerators.Listeners[1]], RoutingGenerators.Listeners);

    [Fact]
    public void The_table_answers_as_a_scan_over_all_routes_would() =>
        Gen.Select(RoutingGenerators.Configurations, RoutingGenerators.Requests.Array[20], Sockets, Gen.ULong)
            .Sample(
                (configuration, requests, listeners, draw) =>
                {
                    var routes = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState()).ForListeners(listeners);
                    foreach (var head in requests)
                    {
                        AssertSame(new NaiveMatcher(head, draw).Answer(configuration, listeners), routes, head, draw);
                    }
                },
                iter: Runs);

    [Fact]
    public void Explain_names_the_route_that_matching_finds_and_every_other_match() =>
        Gen.Select(RoutingGenerators.Configurations, RoutingGenerators.Requests, Gen.ULong)
            .Sample(
                (configuration, head, draw) =>
                {
                    var routes = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState()).ForListeners(RoutingGenerators.Listeners);
                    var explanation = routes.Explain(head, draw);

                    Assert.Same(routes.Match(head, draw), explanation.Winner);
                    Assert.Equal(explanation.Winner is null ? 0 : 1, explanation.Matches.Count(match => match.Verdict == MatchVerdict.Matched));
                    Assert.Equal(
                        configuration.Routes.Sum(route => route.Bindings.Sum(binding => binding.Matches.Count)),
                        explanation.Matches.Count);
                },
                iter: Runs);

    [Fact]
    public void A_table_grown_by_edits_answers_as_one_built_from_scratch() =>
        GrowAndCompare(RoutingGenerators.Configurations, RoutingGenerators.Pieces, edited: 9);

    /// <summary>Where many matches stand under one host, only what an edit changes is made again.</summary>
    [Fact]
    public void Many_matches_of_a_host_grown_by_edits_answer_as_if_built_from_scratch() =>
        GrowAndCompare(RoutingGenerators.OnOneHost, RoutingGenerators.PiecesOnOneHost, edited: 39);

    private static void GrowAndCompare(Gen<GatewayConfiguration> configurations, Gen<ConfigurationPiece> pieces, int edited) =>
        Gen.Select(
                configurations,
                Gen.Select(Gen.Int[0, edited], pieces, Gen.Bool, (at, piece, remove) => (at, piece, remove)).Array[1, 10],
                RoutingGenerators.Requests.Array[20],
                Gen.ULong)
            .Sample(
                (configuration, edits, requests, draw) =>
                {
                    var table = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState());
                    table.ForListeners(RoutingGenerators.Listeners);
                    foreach (var (at, piece, remove) in edits)
                    {
                        var id = $"p{at}";
                        configuration = configuration with
                        {
                            Pieces = remove ? configuration.Pieces.Remove(id) : configuration.Pieces.SetItem(id, RoutingGenerators.Name(piece, id)),
                        };
                        table = RoutingTable.Build(configuration, table, new RuntimeState());
                    }

                    var scratch = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState()).ForListeners(RoutingGenerators.Listeners);
                    var grown = table.ForListeners(RoutingGenerators.Listeners);
                    foreach (var head in requests)
                    {
                        AssertSame(Place(scratch, head, draw), grown, head, draw);
                    }
                },
                iter: Runs);

    [Fact]
    public void A_build_without_a_change_is_the_same_table()
    {
        var configuration = RoutingSamples.Configuration(RoutingSamples.Route("r", RoutingSamples.Match(HostPattern.Any, PathPattern.Any)));
        var table = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState());

        Assert.Same(table, RoutingTable.Build(configuration with { }, table, new RuntimeState()));
    }

    private static void AssertSame(string? expected, SocketRoutes routes, RequestHead head, ulong draw) =>
        Assert.Equal(expected, Place(routes, head, draw));

    private static string? Place(SocketRoutes routes, RequestHead head, ulong draw) =>
        routes.Find(new MatchContext(head, draw)).Match is { } match ? $"{match.Place} on {match.Route.Listener}" : null;
}
