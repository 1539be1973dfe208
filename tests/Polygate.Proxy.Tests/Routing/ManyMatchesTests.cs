using Polygate.Model;
using Polygate.Proxy.Routing;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Routing;

/// <summary>Changes among many matches of one host.</summary>
public sealed class ManyMatchesTests
{
    /// <summary>Often enough that there is no number left between the two.</summary>
    [Fact]
    public void A_match_may_come_between_the_same_two_again_and_again()
    {
        const int Inserted = 100;
        var configuration = Configuration(Enumerable.Range(0, 40).Select(i => Route($"exact-{i}", Match(HostPattern.Any, PathPattern.Exact($"/{i}", false), i))));
        var table = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState());
        table.ForListeners([Web]);
        for (var i = 0; i < Inserted; i++)
        {
            // Each wins over those that came before it, and stands behind all exact ones.
            var route = Route($"any-{i}", Match(HostPattern.Any, PathPattern.Any, 1000 - i));
            configuration = configuration with { Pieces = configuration.Pieces.Add(route.Id, new ConfigurationPiece(route.Id) { Routes = [route] }) };
            table = RoutingTable.Build(configuration, table, new RuntimeState());

            Assert.Equal($"any-{i}", table.ForListeners([Web]).Answer("a.test/other"));
        }

        Assert.Equal("exact-39", table.ForListeners([Web]).Answer("a.test/39"));
        for (var i = Inserted - 1; i > 0; i--)
        {
            configuration = configuration with { Pieces = configuration.Pieces.Remove($"any-{i}") };
            table = RoutingTable.Build(configuration, table, new RuntimeState());

            Assert.Equal($"any-{i - 1}", table.ForListeners([Web]).Answer("a.test/other"));
        }
    }

    /// <summary>Requests go on in the old table while the new one is made, and after.</summary>
    [Fact]
    public void A_table_stays_as_it_is_when_another_grows_out_of_it()
    {
        var configuration = Configuration(Enumerable.Range(0, 40).Select(i => Route($"r-{i}", Match(HostPattern.Any, PathPattern.ElementPrefix("/same"), i))));
        var before = RoutingTable.Build(configuration, RoutingTable.Empty, new RuntimeState());
        var routes = before.ForListeners([Web]);

        var after = RoutingTable.Build(configuration with { Pieces = configuration.Pieces.Remove("r-0") }, before, new RuntimeState());

        Assert.Equal("r-0", routes.Answer("a.test/same/a"));
        Assert.Equal("r-1", after.ForListeners([Web]).Answer("a.test/same/a"));
        Assert.Equal(40, routes.Explain(Request("a.test/same"), 0).Matches.Count);
    }
}
