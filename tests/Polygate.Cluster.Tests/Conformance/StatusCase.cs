using System.Text.Json.Nodes;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>Lines about statuses: <c>status</c>, <c>listener</c>, <c>listeners</c>, <c>parents</c>, <c>observed</c>, <c>labelled</c>.</summary>
internal static class StatusCase
{
    /// <summary><c>status KIND NAME[@PARENT[/SECTION]] TYPE=STATUS[/REASON]…</c>: conditions of an object, or of each of a route's entries for a parent.</summary>
    public static async Task ConditionsAsync(ConformanceRun run, List<string> words)
    {
        var (name, parent) = Split(words[2], '@');
        var (ns, objectName) = CaseLine.Key(name);
        var status = await StatusAsync(run, words[1], ns, objectName);
        Assert.True(status is not null, $"{words[1]} {name} has no status.");
        var entries = parent.Length == 0 && status["conditions"] is not null ? [status] : Parents(status, parent).ToList();
        Assert.True(entries.Count > 0, $"{words[1]} {name} has no entry for {parent}.");
        foreach (var entry in entries)
        {
            Compare(entry, words.Skip(3), $"{words[1]} {words[2]}");
        }
    }

    /// <summary><c>listener KIND NAME LISTENER [attached=N] [kinds=A,B] TYPE=STATUS[/REASON]…</c></summary>
    public static async Task ListenerAsync(ConformanceRun run, List<string> words)
    {
        var (ns, name) = CaseLine.Key(words[2]);
        var entry = (await StatusAsync(run, words[1], ns, name))!["listeners"]!.AsArray().SingleOrDefault(listener => (string?)listener!["name"] == words[3])?.AsObject();
        Assert.True(entry is not null, $"{words[1]} {name} has no listener {words[3]}.");
        Compare(entry, words.Skip(4), $"{words[1]} {name} {words[3]}");
    }

    /// <summary><c>parents KIND NAME N</c>: how many entries a route's status has.</summary>
    public static async Task ParentsAsync(ConformanceRun run, List<string> words)
    {
        var (ns, name) = CaseLine.Key(words[2]);
        Assert.Equal(int.Parse(words[3]), (await StatusAsync(run, words[1], ns, name))?["parents"]?.AsArray().Count ?? 0);
    }

    /// <summary><c>listeners KIND NAME A,B</c>: a status has exactly these listeners.</summary>
    public static async Task ListenersAsync(ConformanceRun run, List<string> words)
    {
        var (ns, name) = CaseLine.Key(words[2]);
        var listeners = (await StatusAsync(run, words[1], ns, name))!["listeners"]!.AsArray().Select(listener => (string?)listener!["name"]);
        Assert.Equal(words[3], string.Join(',', listeners));
    }

    /// <summary><c>labelled KIND GATEWAY [label:NAME=VALUE]… [annotation:NAME=VALUE]…</c>: what was made for a Gateway says so, and carries these (an empty value: does not).</summary>
    public static async Task LabelledAsync(ConformanceRun run, List<string> words)
    {
        var (ns, gateway) = CaseLine.Key(words[2]);
        var made = await run.LabelledAsync(words[1], ns, $"gateway.networking.k8s.io/gateway-name={gateway}");
        Assert.NotEmpty(made);
        foreach (var item in made)
        {
            foreach (var (name, value) in words.Skip(3).Select(CaseLine.Pair))
            {
                var (what, key) = Split(name, ':');
                var actual = (string?)item["metadata"]![what + "s"]?[key] ?? "";
                Assert.True(value == actual, $"{words[1]} {item["metadata"]!["name"]}: {name} is {actual}, expected {value}.");
            }
        }
    }

    /// <summary><c>observed KIND NAME GENERATION</c>: the object has this generation and every condition is about it.</summary>
    public static async Task ObservedAsync(ConformanceRun run, List<string> words)
    {
        var (ns, name) = CaseLine.Key(words[2]);
        var item = await run.ObjectAsync(words[1], ns, name);
        Assert.Equal(words[3], item["metadata"]!["generation"]!.ToString());
        Assert.NotEmpty(AllConditions(item));
        Observed(item);
    }

    /// <summary>Every condition of an object is about its generation.</summary>
    public static void Observed(JsonObject item)
    {
        foreach (var condition in AllConditions(item))
        {
            Assert.True(
                condition["observedGeneration"]?.ToString() == item["metadata"]!["generation"]!.ToString(),
                $"{item["kind"]} {item["metadata"]!["name"]} has generation {item["metadata"]!["generation"]}, a condition is about another: {condition}");
        }
    }

    private static async Task<JsonObject?> StatusAsync(ConformanceRun run, string kind, string ns, string name) =>
        (await run.ObjectAsync(kind, ns, name))["status"]?.AsObject();

    private static List<JsonNode> AllConditions(JsonObject item)
    {
        var status = item["status"];
        return [.. new[] { "listeners", "parents", "ancestors" }.SelectMany(list => (JsonArray?)status?[list] ?? []).Append(status)
            .SelectMany(part => (JsonArray?)part?["conditions"] ?? []).Select(condition => condition!)];
    }

    private static IEnumerable<JsonObject> Parents(JsonObject status, string parent)
    {
        var (name, section) = Split(parent, '/');
        var entries = status["parents"]?.AsArray() ?? status["ancestors"]!.AsArray();
        return entries.Select(entry => entry!.AsObject()).Where(entry =>
        {
            var reference = (entry["parentRef"] ?? entry["ancestorRef"])!;
            return (name.Length == 0 || (string?)reference["name"] == name) && (section.Length == 0 || (string?)reference["sectionName"] == section || reference["port"]?.ToString() == section);
        });
    }

    private static void Compare(JsonObject entry, IEnumerable<string> words, string about)
    {
        foreach (var (name, value) in words.Select(CaseLine.Pair))
        {
            var actual = name switch
            {
                "attached" => entry["attachedRoutes"]!.ToString(),
                "sets" => entry["attachedListenerSets"]!.ToString(),
                "address" => (string?)entry["addresses"]![0]!["value"],
                _ when name.StartsWith("feature:", StringComparison.Ordinal) =>
                    entry["supportedFeatures"]!.AsArray().Any(feature => (string?)feature!["name"] == name[8..]) ? "yes" : "no",
                "addresses" => entry["addresses"]!.AsArray().Count.ToString(),
                "kinds" => string.Join(',', entry["supportedKinds"]!.AsArray().Select(kind => (string?)kind!["kind"])),
                _ => Condition(entry, name, withReason: value.Contains('/', StringComparison.Ordinal)),
            };
            Assert.True(value == actual, $"{about}: {name} is {actual}, expected {value}.");
        }
    }

    private static string Condition(JsonObject entry, string type, bool withReason)
    {
        var condition = entry["conditions"]!.AsArray().SingleOrDefault(condition => (string?)condition!["type"] == type);
        return condition is null ? "absent" : (string)condition["status"]! + (withReason ? "/" + (string?)condition["reason"] : "");
    }

    private static (string First, string Second) Split(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);

        // A namespace is part of the first half.
        if (separator == '/' && at < 0)
        {
            return (text, "");
        }

        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
