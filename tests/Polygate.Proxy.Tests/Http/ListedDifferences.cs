using Polygate.Proxy.Simulation;
using Polygate.Testing;

namespace Polygate.Proxy.Tests.Http;

/// <summary>The table of docs/http1.md: how the engine's reading of requests differs from Kestrel's, on purpose.</summary>
internal sealed class ListedDifferences
{
    private readonly Dictionary<string, string> kinds;
    private readonly HashSet<(string Difference, string Group)> seen = [];

    private ListedDifferences(Dictionary<string, string> kinds) => this.kinds = kinds;

    public static ListedDifferences Load()
    {
        var rows = File.ReadLines(FindPage()).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries));
        return new ListedDifferences(rows.ToDictionary(row => row[1].Trim('`'), row => row[2]));
    }

    /// <summary>The difference that a case names and that is of this kind; null when there is none.</summary>
    public string? FirstThatCovers(CorpusCase request, Relation relation) => NamedBy(request).FirstOrDefault(difference => kinds.GetValueOrDefault(difference, "").Split(", ").Contains(relation switch
    {
        Relation.Stricter => "stricter",
        Relation.OtherStatus => "status",
        _ => "never listed",
    }));

    public void Saw(string difference, CorpusCase request) => seen.Add((difference, request.Notes["group"]));

    /// <summary>Rows without an example, and examples that show no difference: both have outlived it.</summary>
    public IEnumerable<string> NeverSeen(IEnumerable<CorpusCase> requests)
    {
        var unused = kinds.Keys.Except(seen.Select(pair => pair.Difference));
        return unused.Concat(requests.SelectMany(request => NamedBy(request).Where(name => !seen.Contains((name, request.Notes["group"]))).Select(name => $"{request.Notes["group"]}: {name}")).Distinct());
    }

    private static string[] NamedBy(CorpusCase request) => request.Notes.TryGetValue("differs", out var names) ? names.Split(' ') : [];

    private static string FindPage() => Path.Combine(SourceTree.Root, "docs", "http1.md");
}
