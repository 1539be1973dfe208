using System.Text.Json.Nodes;

namespace Polygate.Testing.ApiServer.Types;

/// <summary>
/// How a list or map is merged (Kubernetes API concepts, "merge strategy"): as a whole, as a set, or item by item with keys. From
/// a CRD's schema, or, for built-in types, from the table below, which covers what gateways and their tests apply.
/// </summary>
internal sealed class ListShapes
{
    private static readonly Dictionary<string, string[]> BuiltInKeys = new()
    {
        ["metadata.ownerReferences"] = ["uid"],
        ["status.conditions"] = ["type"],
        ["services:spec.ports"] = ["port", "protocol"],
        ["spec.template.spec.containers"] = ["name"],
        ["spec.template.spec.volumes"] = ["name"],
        ["spec.containers"] = ["name"],
        ["spec.volumes"] = ["name"],
    };

    /// <summary>Merge keys of strategic merge patches, where they differ from those of server-side apply.</summary>
    private static readonly Dictionary<string, string[]> StrategicKeys = new() { ["services:spec.ports"] = ["port"] };

    private static readonly HashSet<string> BuiltInSets = ["metadata.finalizers"];
    private static readonly HashSet<string> AtomicMaps = ["services:spec.selector", "secrets:stringData", "spec.selector"];

    private readonly string plural;
    private readonly StructuralSchema? schema;

    private ListShapes(string plural, StructuralSchema? schema)
    {
        this.plural = plural;
        this.schema = schema;
    }

    public static ListShapes Of(ResourceType type, string version) => new(type.Plural, type.Schemas?[version]);

    /// <summary>The keys that tell items of the list apart; null where the list has none.</summary>
    public IReadOnlyList<string>? Keys(string path, bool isStrategic = false)
    {
        if (At(path) is { } node)
        {
            return node.ListType == "map" ? node.ListMapKeys : null;
        }

        return (isStrategic ? StrategicKeys.GetValueOrDefault($"{plural}:{path}") : null)
            ?? BuiltInKeys.GetValueOrDefault($"{plural}:{path}") ?? BuiltInKeys.GetValueOrDefault(path);
    }

    public bool IsSet(string path) => At(path) is { } node ? node.ListType == "set" : BuiltInSets.Contains(path);

    public bool IsAtomicMap(string path) =>
        At(path) is { } node ? node.IsAtomicMap : AtomicMaps.Contains($"{plural}:{path}") || (AtomicMaps.Contains(path) && schema is null);

    /// <summary>The identity of an item by the list's keys, with the schema's defaults for keys left out.</summary>
    public JsonObject KeyOf(string path, IReadOnlyList<string> keys, JsonObject item)
    {
        var identity = new JsonObject();
        foreach (var key in keys.Order(StringComparer.Ordinal))
        {
            identity[key] = item[key]?.DeepClone() ?? At(path)?.Items?.DefaultOf(key) ?? (key == "protocol" ? "TCP" : null);
        }

        return identity;
    }

    private StructuralSchema? At(string path)
    {
        if (schema is null || path.StartsWith("metadata", StringComparison.Ordinal))
        {
            return null;
        }

        var node = schema;
        foreach (var step in path.Split('.'))
        {
            node = node?.Member(step.TrimEnd(']', '['));
            if (step.EndsWith("[]", StringComparison.Ordinal))
            {
                node = node?.Items;
            }
        }

        return node;
    }
}
