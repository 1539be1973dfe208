using System.Text;
using Polygate.Dialects.GatewayApi.Features;
using Polygate.Testing;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>
/// The table in <c>docs/gateway-api.md</c> says what GatewayClasses publish. It is written with <c>POLYGATE_UPDATE_GOLDEN=1</c>.
/// </summary>
public sealed class SupportTableTests
{
    [Fact]
    public void The_documentation_has_the_table_of_the_code()
    {
        var file = Path.Combine(SourceTree.Root, "docs", "gateway-api.md");
        if (Environment.GetEnvironmentVariable("POLYGATE_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, Table());
        }

        Assert.Equal(Table(), File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    /// <summary>The list of tests by feature is this repository's own; where the suite's table is at hand it says the same.</summary>
    [Fact]
    public void Tests_are_listed_under_the_features_of_the_suite()
    {
        var table = ConformanceManifests.Table();
        Assert.SkipWhen(table is null, ConformanceManifests.Absent);
        var suite = File.ReadLines(table!).Skip(1).Select(row => row.Split('\t')).ToLookup(row => row[1], row => row[0]);

        Assert.Equal(suite.OrderBy(feature => feature.Key, StringComparer.Ordinal).Select(Line), Tests().OrderBy(feature => feature.Key, StringComparer.Ordinal).Select(feature => Line(feature.Key, feature.Value)));
    }

    [Fact]
    public void Every_case_file_is_about_a_feature()
    {
        var named = Tests().SelectMany(pair => pair.Value).ToHashSet(StringComparer.Ordinal);

        Assert.Subset(named, ConformanceTests.All.ToHashSet(StringComparer.Ordinal));
    }

    private static string Table()
    {
        var tests = Tests();
        var here = ConformanceTests.All.ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder("""
            # Gateway API: what is supported

            Every feature that the Gateway API names (v1.6 and after), as GatewayClasses publish them in `status.supportedFeatures`. The tests
            are those of the Gateway API's conformance suite; the ones in **bold** run in this repository too, against an API server and over real
            sockets, when the suite's manifests are at hand. What each field does is in the
            [dialect's README](../src/Polygate.Dialects/GatewayApi/README.md). This page is generated; a test keeps it current.

            | Feature | Level | Supported | What it is | Tests |
            |-|-|-|-|-|

            """.ReplaceLineEndings("\n"));
        foreach (var feature in GatewayApiFeatures.All)
        {
            var names = tests.GetValueOrDefault(feature.Name, []).Select(name => here.Contains(name) ? $"**{name}**" : name);
            text.Append($"| `{feature.Name}` | {feature.Level.ToString().ToLowerInvariant()} | {(feature.Supported ? "yes" : "no")} | {feature.Description} | {string.Join(", ", names)} |\n");
        }

        return text.ToString();
    }

    private static string Line(IGrouping<string, string> feature) => Line(feature.Key, feature);

    private static string Line(string feature, IEnumerable<string> tests) => $"{feature}: {string.Join(' ', tests.Order(StringComparer.Ordinal))}";

    private static Dictionary<string, string[]> Tests() => File.ReadAllLines(FeatureFile).Where(line => !line.StartsWith('#'))
        .Select(line => line.Split(": ")).ToDictionary(parts => parts[0], parts => parts[1].Split(' '), StringComparer.Ordinal);

    private static string FeatureFile => Path.Combine(SourceTree.Root, "tests", "Polygate.Cluster.Tests", "Conformance", "features.txt");
}
