using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary>
/// A set of fields as <c>fieldsV1</c> writes it: steps are <c>f:name</c>, <c>k:{keys of an item}</c> and <c>v:value of a set</c>.
/// A path stands for the value at it where nothing deeper is told apart.
/// </summary>
internal sealed class FieldSet
{
    private const char Separator = '\u0001';

    private readonly SortedSet<string> paths = new(StringComparer.Ordinal);

    public IEnumerable<string> Paths => paths;

    public bool IsEmpty => paths.Count == 0;

    /// <summary>The fields that an object has.</summary>
    public static FieldSet Of(JsonObject value, ListShapes shapes)
    {
        var set = new FieldSet();
        foreach (var path in Values(value, shapes).Keys)
        {
            set.paths.Add(path);
        }

        return set;
    }

    /// <summary>The values of an object by path, leaves only; empty objects and lists merged as a whole are leaves.</summary>
    public static Dictionary<string, JsonNode?> Values(JsonObject value, ListShapes shapes)
    {
        var values = new Dictionary<string, JsonNode?>();
        Collect(value, "", "", shapes, values);
        values.Remove("");
        return values;
    }

    public static FieldSet Parse(JsonObject fields)
    {
        var set = new FieldSet();
        Read(fields, "", set.paths);
        return set;
    }

    public JsonObject ToFieldsV1()
    {
        var root = new JsonObject();
        foreach (var path in paths)
        {
            var node = root;
            foreach (var step in path.Split(Separator))
            {
                if (node[step] is not JsonObject next)
                {
                    node[step] = next = [];
                    if (step.StartsWith("k:", StringComparison.Ordinal))
                    {
                        next["."] = new JsonObject();
                    }
                }

                node = next;
            }
        }

        return root;
    }

    public bool Add(string path) => paths.Add(path);

    public bool Remove(string path) => paths.Remove(path);

    public bool Contains(string path) => paths.Contains(path);

    /// <summary>The path in the words of conflict messages, such as <c>.spec.replicas</c>.</summary>
    public static string Show(string path) => string.Concat(path.Split(Separator).Select(step => step[0] switch
    {
        'f' => "." + step[2..],
        'k' => "[" + step[3..^1].Replace("\":", "\"=", StringComparison.Ordinal).Replace("\"=", "=", StringComparison.Ordinal).TrimStart('"') + "]",
        _ => "[" + step[2..] + "]",
    }));

    /// <summary>The path of the innermost list item with keys that a path leads through; null where there is none.</summary>
    public static string? ItemOf(string path)
    {
        var steps = path.Split(Separator);
        var last = Array.FindLastIndex(steps, step => step.StartsWith("k:", StringComparison.Ordinal));
        return last < 0 ? null : string.Join(Separator, steps[..(last + 1)]);
    }

    /// <summary>Takes the value at a path out of an object.</summary>
    public static void RemoveFrom(JsonObject target, string path, ListShapes shapes)
    {
        JsonNode? node = target;
        var name = "";
        var steps = path.Split(Separator);
        for (var i = 0; i < steps.Length && node is not null; i++)
        {
            var isLast = i == steps.Length - 1;
            var step = steps[i];
            if (step.StartsWith("f:", StringComparison.Ordinal) && node is JsonObject fields)
            {
                name = name.Length == 0 ? step[2..] : $"{name}.{step[2..]}";
                node = fields[step[2..]];
                if (isLast)
                {
                    fields.Remove(step[2..]);
                }
            }
            else if (node is JsonArray list)
            {
                var item = ItemAt(list, step, name, shapes);
                if (isLast && item is not null)
                {
                    list.Remove(item);
                }

                name += "[]";
                node = item;
            }
        }
    }

    private static JsonNode? ItemAt(JsonArray list, string step, string name, ListShapes shapes)
    {
        if (step.StartsWith("v:", StringComparison.Ordinal))
        {
            return list.FirstOrDefault(one => one?.ToJsonString() == step[2..]);
        }

        var identity = JsonNode.Parse(step[2..]);
        return shapes.Keys(name) is { } keys
            ? list.OfType<JsonObject>().FirstOrDefault(one => JsonNode.DeepEquals(shapes.KeyOf(name, keys, one), identity))
            : null;
    }

    private static void Collect(JsonNode? value, string path, string name, ListShapes shapes, Dictionary<string, JsonNode?> values)
    {
        switch (value)
        {
            case JsonObject fields when fields.Count > 0 && !shapes.IsAtomicMap(name):
                foreach (var (key, member) in fields)
                {
                    Collect(member, Step(path, "f:" + key), name.Length == 0 ? key : $"{name}.{key}", shapes, values);
                }

                break;
            case JsonArray list when list.Count > 0 && shapes.Keys(name) is { } keys && list.All(item => item is JsonObject):
                foreach (var item in list.OfType<JsonObject>())
                {
                    Collect(item, Step(path, "k:" + shapes.KeyOf(name, keys, item).ToJsonString(Relaxed)), name + "[]", shapes, values);
                }

                break;
            case JsonArray list when list.Count > 0 && shapes.IsSet(name):
                foreach (var item in list)
                {
                    values[Step(path, "v:" + item?.ToJsonString())] = item;
                }

                break;
            default:
                values[path] = value;
                break;
        }
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Step(string path, string step) => path.Length == 0 ? step : path + Separator + step;

    private static void Read(JsonObject node, string path, SortedSet<string> paths)
    {
        var members = node.Where(pair => pair.Key != ".").ToList();
        if (members.Count == 0 && path.Length > 0)
        {
            paths.Add(path);
        }

        foreach (var (step, inner) in members)
        {
            Read((JsonObject)inner!, Step(path, step), paths);
        }
    }
}
