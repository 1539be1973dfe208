using Polygate.Testing;

namespace Polygate.EndToEnd.Tests;

/// <summary>The examples of the repository, with their backends moved to an address of the test's own.</summary>
internal static class Examples
{
    public static ConfigurationFolder Quickstart(params string[] files)
    {
        var source = Path.Combine(SourceTree.Root, "examples", "quickstart");
        var folder = new ConfigurationFolder();
        var backends = Loopback.NextAddress();
        foreach (var file in Directory.GetFiles(source, "*.yaml"))
        {
            var name = Path.GetFileName(file);
            if (files.Length == 0 || files.Contains(name) || name == "backends.yaml")
            {
                folder.Write(name, File.ReadAllText(file).Replace("127.0.0.1", backends, StringComparison.Ordinal));
            }
        }

        return folder;
    }
}
