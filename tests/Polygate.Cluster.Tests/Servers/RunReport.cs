using System.Collections.Concurrent;

[assembly: AssemblyFixture(typeof(Polygate.Cluster.Tests.Servers.RunReport))]

namespace Polygate.Cluster.Tests.Servers;

/// <summary>Tells at the end how many tests ran against which server.</summary>
public sealed class RunReport : IDisposable
{
    private static readonly ConcurrentDictionary<string, int> Counts = new();

    public static void Count(string server) => Counts.AddOrUpdate(server, 1, (_, count) => count + 1);

    public void Dispose()
    {
        var parts = Counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} tests against the {pair.Key}").ToList();
        if (!Counts.Keys.Any(name => name.StartsWith("kube-apiserver", StringComparison.Ordinal)))
        {
            parts.Add("none against a kube-apiserver (KUBEBUILDER_ASSETS is not set)");
        }

        Console.WriteLine($"cluster tests: {string.Join(", ", parts)}");
    }
}
