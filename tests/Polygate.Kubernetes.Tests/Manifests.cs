using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Kubernetes.Tests;

/// <summary>Small manifests, and what batches say about them.</summary>
internal static class Manifests
{
    public static ManifestReader Reader { get; } = new(CoreTypes.All);

    public static string ConfigMap(string name, string value = "1") =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  value: \"{value}\"\n";

    public static string Documents(params string[] documents) => string.Join("---\n", documents);

    /// <summary>Name=value of each object, in order.</summary>
    public static string Show(this IEnumerable<Resource> resources) =>
        string.Join(" ", resources.Cast<Resource<V1ConfigMap>>().Select(map => $"{map.Name}={map.Value.Data["value"]}").Order(StringComparer.Ordinal));

    public static string Codes(this ResourceBatch batch) => string.Join(" ", batch.Diagnostics.Select(diagnostic => diagnostic.Code));
}
