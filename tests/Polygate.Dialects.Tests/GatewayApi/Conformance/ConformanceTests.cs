namespace Polygate.Dialects.Tests.GatewayApi.Conformance;

/// <summary>
/// A test for each of the Gateway API's conformance tests, under its name: what the suite asserts of statuses and of traffic, on the suite's own
/// manifests. They are not part of this repository.
/// </summary>
public sealed class ConformanceTests
{
    /// <summary>The names of the tests, which are those of the case files.</summary>
    public static TheoryData<string> Names => [.. Directory.GetFiles(CaseFolder(), "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Conformance(string test)
    {
        var folder = ConformanceManifests.Folder();
        Assert.SkipWhen(folder is null, ConformanceManifests.Absent);
        var steps = ConformanceCase.Read(Path.Combine(CaseFolder(), test + ".txt"));
        await using var run = await ConformanceRun.StartAsync(
            File.ReadAllText(Path.Combine(folder!, "base", "manifests.yaml")),
            steps.Manifests.Select(name => File.ReadAllText(Path.Combine(folder!, "tests", name + ".yaml"))));

        await steps.RunAsync(run);
    }

    private static string CaseFolder() => Path.Combine(Golden.GoldenFile.ProjectFolder(), "GatewayApi", "Conformance", "cases");
}
