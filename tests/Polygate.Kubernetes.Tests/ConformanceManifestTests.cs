using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Kubernetes.Tests;

/// <summary>Reads the manifests of the Gateway API's conformance suite, where a checkout keeps them beside the repository.</summary>
public sealed class ConformanceManifestTests
{
    [Fact]
    public void Every_conformance_manifest_is_well_formed_and_its_core_objects_are_read()
    {
        var folder = FindFixtures();
        Assert.SkipWhen(folder is null, "The Gateway API conformance manifests are not there (../shared/fixtures).");
        var reader = new ManifestReader(CoreTypes.All);
        var objects = 0;
        foreach (var path in Directory.EnumerateFiles(folder!, "*.yaml", SearchOption.AllDirectories))
        {
            var file = reader.Read(Path.GetFileName(path), File.ReadAllText(path));

            Assert.Empty(file.Diagnostics);
            objects += file.Resources.Count + file.Unknown.Count;
        }

        Assert.NotEqual(0, objects);
    }

    private static string? FindFixtures()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "fixtures", "gateway-api-conformance");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
