using System.Text.Json.Nodes;

namespace Polygate.Testing.ApiServer.Types;

/// <summary>CustomResourceDefinitions: what is wrong with one, and the resource that it makes.</summary>
internal static class CustomTypes
{
    public static IReadOnlyList<FieldError> Validate(JsonObject definition)
    {
        var errors = new List<FieldError>();
        var spec = definition["spec"] as JsonObject ?? [];
        var names = spec["names"] as JsonObject ?? [];
        foreach (var (parent, field, path) in new[] { (spec, "group", "spec.group"), (spec, "scope", "spec.scope"), (names, "plural", "spec.names.plural"), (names, "kind", "spec.names.kind") })
        {
            if (string.IsNullOrEmpty((string?)parent[field]))
            {
                errors.Add(FieldError.Required(path));
            }
        }

        var name = $"{(string?)names["plural"]}.{(string?)spec["group"]}";
        if (errors.Count == 0 && (string?)definition["metadata"]!["name"] != name)
        {
            errors.Add(FieldError.Invalid("metadata.name", definition["metadata"]!["name"], "must be spec.names.plural+\".\"+spec.group"));
        }

        var versions = (spec["versions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (versions.Count(version => (bool?)version["storage"] == true) != 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version"));
        }

        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i]["schema"]?["openAPIV3Schema"] is not JsonObject)
            {
                errors.Add(FieldError.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required"));
            }
        }

        return errors;
    }

    /// <summary>Fills in what the server fills in: names derived from the kind, and no conversion.</summary>
    public static void ApplyDefaults(JsonObject definition)
    {
        if (definition["spec"] is not JsonObject spec || spec["names"] is not JsonObject names || (string?)names["kind"] is not { } kind)
        {
            return;
        }

        names["singular"] ??= kind.ToLowerInvariant();
        names["listKind"] ??= kind + "List";
        spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
    }

    /// <summary>The status of a definition whose names nobody else has.</summary>
    public static JsonObject EstablishedStatus(JsonObject definition, string now)
    {
        var storage = definition["spec"]!["versions"]!.AsArray().First(version => (bool?)version!["storage"] == true)!["name"]!.DeepClone();
        var stored = definition["status"]?["storedVersions"] as JsonArray ?? [];
        return new JsonObject
        {
            ["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
            ["acceptedNames"] = definition["spec"]!["names"]!.DeepClone(),
            ["storedVersions"] = stored.Any(version => (string?)version == (string?)storage)
                ? stored.DeepClone()
                : new JsonArray([.. stored.Select(version => version?.DeepClone()), storage]),
        };
    }

    public static ResourceType Read(JsonObject definition)
    {
        var spec = definition["spec"]!.AsObject();
        var names = spec["names"]!.AsObject();
        var served = spec["versions"]!.AsArray().OfType<JsonObject>().Where(version => (bool?)version["served"] == true).ToList();
        var withStatus = served.Where(version => version["subresources"]?["status"] is not null).Select(version => (string)version["name"]!).ToHashSet();
        return new ResourceType
        {
            Group = (string)spec["group"]!,
            Versions = [.. served.Select(version => (string)version["name"]!).OrderBy(version => version, VersionOrder.Instance)],
            Plural = (string)names["plural"]!,
            Kind = (string)names["kind"]!,
            Singular = (string?)names["singular"] ?? "",
            ListKind = (string?)names["listKind"] ?? "",
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            Namespaced = (string?)spec["scope"] == "Namespaced",
            HasStatus = withStatus.Contains,
            HasGeneration = true,
            AllowsUnconditionalUpdate = false,
            Schemas = served.ToDictionary(version => (string)version["name"]!, version => new StructuralSchema(version["schema"]!["openAPIV3Schema"]!.AsObject())),
        };
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };

    private static List<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string)item!)];

    /// <summary>The order of versions in discovery: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name
    /// (Kubernetes documentation, "Versions in CustomResourceDefinitions").</summary>
    private sealed class VersionOrder : IComparer<string>
    {
        public static readonly VersionOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            var (left, right) = (Rank(x!), Rank(y!));
            return left.CompareTo(right) is not 0 and var byRank ? byRank : string.CompareOrdinal(x, y);
        }

        private static (int Stability, int Major, int Minor) Rank(string version)
        {
            var match = System.Text.RegularExpressions.Regex.Match(
                version, "^v([1-9][0-9]*)((alpha|beta)([1-9][0-9]*))?$", System.Text.RegularExpressions.RegexOptions.NonBacktracking | System.Text.RegularExpressions.RegexOptions.CultureInvariant);
            if (!match.Success)
            {
                return (3, 0, 0);
            }

            var stability = match.Groups[3].Value switch { "" => 0, "beta" => 1, _ => 2 };
            return (stability, -Number(match.Groups[1].Value), -Number(match.Groups[4].Value));
        }

        private static int Number(string digits) => digits.Length == 0 ? 0 : int.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
    }
}
