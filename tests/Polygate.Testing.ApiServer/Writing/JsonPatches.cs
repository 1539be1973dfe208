using System.Globalization;
using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Serving;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary>JSON merge patch (RFC 7396) and JSON patch (RFC 6902).</summary>
internal static class JsonPatches
{
    /// <summary>Applies a merge patch in place: null removes, objects go deep, everything else replaces.</summary>
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject existing)
                {
                    target[name] = existing = [];
                }

                Merge(existing, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <summary>Applies the operations of a JSON patch in order.</summary>
    /// <exception cref="ApiException">An operation does not fit the document.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        var root = new JsonObject { ["root"] = target.DeepClone() };
        foreach (var operation in operations.OfType<JsonObject>())
        {
            Apply(root, operation);
        }

        return (JsonObject)root["root"]!.DeepClone();
    }

    private static void Apply(JsonObject root, JsonObject operation)
    {
        var path = "/root" + (string?)operation["path"];
        switch ((string?)operation["op"])
        {
            case "add":
                Add(root, path, operation["value"]?.DeepClone());
                break;
            case "remove":
                Take(root, path);
                break;
            case "replace":
                Take(root, path);
                Add(root, path, operation["value"]?.DeepClone());
                break;
            case "move":
                Add(root, path, Take(root, "/root" + (string?)operation["from"]));
                break;
            case "copy":
                Add(root, path, Get(root, "/root" + (string?)operation["from"])?.DeepClone());
                break;
            case "test":
                if (!JsonNode.DeepEquals(Get(root, path), operation["value"]))
                {
                    throw Unprocessable($"testing value {(string?)operation["path"]} failed: test failed");
                }

                break;
            default:
                throw ApiException.BadRequest($"unexpected kind: {operation["op"]}");
        }
    }

    private static void Add(JsonObject root, string path, JsonNode? value)
    {
        var (parent, last) = Parent(root, path);
        switch (parent)
        {
            case JsonObject fields:
                fields[last] = value;
                break;
            case JsonArray list when last == "-":
                list.Add(value);
                break;
            case JsonArray list when Index(last) is { } index && index <= list.Count:
                list.Insert(index, value);
                break;
            default:
                throw Missing(path);
        }
    }

    private static JsonNode? Take(JsonObject root, string path)
    {
        var (parent, last) = Parent(root, path);
        if (parent is JsonObject fields && fields.ContainsKey(last))
        {
            var value = fields[last];
            fields.Remove(last);
            return value;
        }

        if (parent is JsonArray list && Index(last) is { } index && index < list.Count)
        {
            var value = list[index];
            list.RemoveAt(index);
            return value;
        }

        throw Missing(path);
    }

    private static JsonNode? Get(JsonObject root, string path)
    {
        var (parent, last) = Parent(root, path);
        return Step(parent, last) ?? throw Missing(path);
    }

    private static (JsonNode? Parent, string Last) Parent(JsonObject root, string path)
    {
        var steps = path.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        JsonNode? node = root;
        foreach (var step in steps.SkipLast(1))
        {
            node = Step(node, step) ?? throw Missing(path);
        }

        return (node, steps[^1]);
    }

    private static JsonNode? Step(JsonNode? node, string step) => node switch
    {
        JsonObject fields => fields[step],
        JsonArray list when Index(step) is { } index && index < list.Count => list[index],
        _ => null,
    };

    private static int? Index(string step) => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private static ApiException Missing(string path) => Unprocessable($"doc is missing path: \"{path["/root".Length..]}\": missing value");

    private static ApiException Unprocessable(string message) => new(422, "Invalid", $"the server rejected our request due to an error in our request: {message}", []);
}
