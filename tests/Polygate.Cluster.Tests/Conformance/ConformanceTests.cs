using Polygate.Dialects.GatewayApi.Features;
using Polygate.Testing;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>
/// A test for each of the Gateway API's conformance tests, under its name: what the suite asserts of statuses and of traffic, on the suite's own
/// manifests and definitions, through an API server. They are not part of this repository. <c>POLYGATE_CONFORMANCE=NAME,NAME</c> runs some alone.
/// </summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> Http => Names(name => name.StartsWith("HTTP", StringComparison.Ordinal));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Http))]
    public Task HTTPRoute(string test) => RunAsync(test);

    [Fact]
    public void Every_test_of_the_suite_whose_features_are_had_has_a_case()
    {
        var table = ConformanceManifests.Table();
        Assert.SkipWhen(table is null, ConformanceManifests.Absent);
        var wanted = File.ReadLines(table!).Skip(1).Select(row => row.Split('\t'))
            .Where(row => row[2].Split(',').All(GatewayApiFeatures.Supported.Contains)).Select(row => row[0]).ToList();

        Assert.True(wanted.Count > 130, "The table was misread.");
        Assert.Empty(wanted.Except(All));
    }

    /// <summary>The names of the cases.</summary>
    internal static IEnumerable<string> All => Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)!);

    private static string Folder => Path.Combine(SourceTree.Root, "tests", "Polygate.Cluster.Tests", "Conformance", "cases");

    internal static TheoryData<string> Names(Func<string, bool> belongs)
    {
        var chosen = Environment.GetEnvironmentVariable("POLYGATE_CONFORMANCE")?.Split(',');
        return [.. All.Where(belongs).Where(name => chosen?.Contains(name) != false).Order(StringComparer.Ordinal)];
    }

    internal static async Task RunAsync(string test)
    {
        var folder = ConformanceManifests.Folder();
        Assert.SkipWhen(folder is null, ConformanceManifests.Absent);
        var steps = ConformanceCase.Read(Path.Combine(Folder, test + ".txt"));
        await using var run = await ConformanceRun.StartAsync(
            File.ReadAllText(Path.Combine(folder!, "base", "manifests.yaml")),
            steps.Manifests.Select(name => File.ReadAllText(Path.Combine(folder!, "tests", name + ".yaml"))));

        await steps.RunAsync(run);
        await run.NoConditionIsStaleAsync();
    }
}

/// <summary>The tests about Gateways, their listeners, ListenerSets and BackendTLSPolicies.</summary>
public sealed class GatewayConformanceTests
{
    public static TheoryData<string> Gateways => ConformanceTests.Names(name => new[] { "Gateway", "ListenerSet", "Backend" }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Gateways))]
    public Task Gateway(string test) => ConformanceTests.RunAsync(test);
}

/// <summary>The tests about the other kinds of routes.</summary>
public sealed class OtherRouteConformanceTests
{
    public static TheoryData<string> Others => ConformanceTests.Names(name => new[] { "GRPC", "TLS", "TCP", "UDP" }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Others))]
    public Task Route(string test) => ConformanceTests.RunAsync(test);
}
