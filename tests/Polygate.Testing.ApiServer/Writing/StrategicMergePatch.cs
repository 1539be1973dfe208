using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary>
/// Strategic merge patch of built-in types: lists with merge keys are merged by item, sets are united, <c>$patch: delete</c>,
/// <c>$patch: replace</c> and <c>$deleteFromPrimitiveList</c> are obeyed. The order directives change nothing that tests look at.
/// </summary>
internal static class StrategicMergePatch
{
    public static void Apply(JsonObject target, JsonObject patch, ListShapes shapes, string path = "")
    {
        if ((string?)patch["$patch"] == "replace")
        {
            target.Clear();
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
            {
                RemoveAll(target[name["$deleteFromPrimitiveList/".Length..]] as JsonArray, value as JsonArray ?? []);
            }
            else if (!name.StartsWith('$'))
            {
                ApplyField(target, name, value, shapes, path.Length == 0 ? name : $"{path}.{name}");
            }
        }
    }

    private static void ApplyField(JsonObject target, string name, JsonNode? value, ListShapes shapes, string path)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject inner:
                if ((string?)inner["$patch"] == "delete")
                {
                    target.Remove(name);
                    break;
                }

                if (target[name] is not JsonObject existing)
                {
                    target[name] = existing = [];
                }

                Apply(existing, inner, shapes, path);
                break;
            case JsonArray list when target[name] is JsonArray current && shapes.Keys(path, isStrategic: true) is { } keys:
                MergeByKey(current, list, shapes, path, keys);
                break;
            case JsonArray list when target[name] is JsonArray current && shapes.IsSet(path):
                foreach (var item in list.Where(item => !current.Any(one => JsonNode.DeepEquals(one, item))))
                {
                    current.Add(item?.DeepClone());
                }

                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static void MergeByKey(JsonArray current, JsonArray patch, ListShapes shapes, string path, IReadOnlyList<string> keys)
    {
        foreach (var item in patch.OfType<JsonObject>())
        {
            var identity = shapes.KeyOf(path, keys, item);
            var existing = current.OfType<JsonObject>().FirstOrDefault(one => JsonNode.DeepEquals(shapes.KeyOf(path, keys, one), identity));
            if ((string?)item["$patch"] == "delete")
            {
                current.Remove(existing);
            }
            else if (existing is null)
            {
                current.Add(item.DeepClone());
            }
            else
            {
                Apply(existing, item, shapes, path + "[]");
            }
        }
    }

    private static void RemoveAll(JsonArray? list, JsonArray unwanted)
    {
        foreach (var item in list?.Where(item => unwanted.Any(one => JsonNode.DeepEquals(one, item))).ToList() ?? [])
        {
            list!.Remove(item);
        }
    }
}
