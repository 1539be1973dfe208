namespace Polygate.Testing;

/// <summary>What the Gateway API's conformance suite and its release are made of, on machines that have them beside this repository.</summary>
internal static class ConformanceManifests
{
    public const string Absent = "The manifests of the conformance suite are not on this machine (../shared/fixtures/gateway-api-conformance).";

    /// <summary>The folder of the suite's manifests; null where it is absent.</summary>
    public static string? Folder() => Shared("fixtures", "gateway-api-conformance");

    /// <summary>The folder of the CustomResourceDefinitions, with those of the experimental channel; null where it is absent.</summary>
    public static string? Definitions() => Shared("crds", "gateway-api");

    /// <summary>The table of the suite's tests (name, feature, features it needs, …, what it asserts), parted by tabs; null where it is absent.</summary>
    public static string? Table() => Shared("reference") is { } folder ? Path.Combine(folder, "gateway-api-tests.tsv") : null;

    private static string? Shared(params string[] path)
    {
        for (var folder = SourceTree.Root; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine([folder, "shared", .. path]);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
