using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Serving;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary>
/// Who owns which field of an object (<c>metadata.managedFields</c>), and server-side apply on top: what a manager applies is
/// its own; what it no longer applies goes, unless somebody else owns it too; a value of another owner's is a conflict, unless forced.
/// Versions are not converted, and a list without keys is one field.
/// </summary>
internal sealed class ManagedFields
{
    private readonly List<Entry> entries = [];
    private readonly ListShapes shapes;
    private readonly string apiVersion;

    private ManagedFields(ListShapes shapes, string apiVersion)
    {
        this.shapes = shapes;
        this.apiVersion = apiVersion;
    }

    public static ManagedFields Of(JsonObject content, ListShapes shapes, string apiVersion)
    {
        var managed = new ManagedFields(shapes, apiVersion);
        foreach (var entry in (content["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>())
        {
            managed.entries.Add(new Entry(
                (string?)entry["manager"] ?? "",
                (string?)entry["operation"] ?? "Update",
                (string?)entry["subresource"] ?? "",
                FieldSet.Parse(entry["fieldsV1"] as JsonObject ?? []))
            { Time = (string?)entry["time"] });
        }

        return managed;
    }

    /// <summary>Applies a manager's configuration to an object.</summary>
    /// <returns>The object after it; the managers are changed too.</returns>
    /// <exception cref="ApiException">Another manager owns a field with another value, and <paramref name="force"/> is not set.</exception>
    public JsonObject Apply(ResourceType type, string name, JsonObject current, JsonObject applied, string manager, string subresource, bool force)
    {
        var configuration = Managed(applied);
        var wanted = FieldSet.Values(configuration, shapes);
        var had = FieldSet.Values(Managed(current), shapes);
        var others = entries.Where(entry => !(entry.Manager == manager && entry.IsApply && entry.Subresource == subresource)).ToList();
        var conflicts = (
            from path in wanted.Keys
            where !(had.TryGetValue(path, out var value) && JsonNode.DeepEquals(value, wanted[path]))
            from other in others
            where other.Fields.Contains(path)
            select (Path: path, Other: other)).ToList();
        if (conflicts.Count > 0 && !force)
        {
            throw Refuse(type, name, conflicts);
        }

        foreach (var (path, other) in conflicts)
        {
            other.Fields.Remove(path);
        }

        var result = (JsonObject)current.DeepClone();
        var own = entries.Find(entry => entry.Manager == manager && entry.IsApply && entry.Subresource == subresource);
        foreach (var path in own?.Fields.Paths.Where(path => !wanted.ContainsKey(path) && !others.Exists(other => other.Fields.Contains(path))).ToList() ?? [])
        {
            // An item of a list goes as a whole when nobody names it any more.
            var item = FieldSet.ItemOf(path);
            var isNamed = item is null || wanted.Keys.Any(Within) || others.Exists(other => other.Fields.Paths.Any(Within));
            FieldSet.RemoveFrom(result, isNamed ? path : item!, shapes);

            bool Within(string other) => other.StartsWith(item!, StringComparison.Ordinal);
        }

        MergeInto(result, configuration, "");
        var fields = FieldSet.Of(configuration, shapes);
        if (own is null)
        {
            entries.Add(own = new Entry(manager, "Apply", subresource, fields));
        }
        else if (!own.Fields.Paths.SequenceEqual(fields.Paths))
        {
            own.Fields = fields;
            own.Time = null;
        }

        return result;
    }

    /// <summary>Notes what an ordinary write changed: the writer owns it now, alone.</summary>
    public void Update(JsonObject? before, JsonObject after, string manager, string subresource, bool isApply)
    {
        var had = before is null ? [] : FieldSet.Values(Managed(before), shapes);
        var has = FieldSet.Values(Managed(after), shapes);
        foreach (var gone in had.Keys.Where(path => !has.ContainsKey(path)))
        {
            entries.ForEach(entry => entry.Fields.Remove(gone));
        }

        var changed = has.Where(pair => !had.TryGetValue(pair.Key, out var value) || !JsonNode.DeepEquals(value, pair.Value)).Select(pair => pair.Key).ToList();
        if (changed.Count > 0 && !isApply)
        {
            var own = entries.Find(entry => entry.Manager == manager && !entry.IsApply && entry.Subresource == subresource);
            foreach (var path in changed)
            {
                entries.Where(entry => entry != own).ToList().ForEach(entry => entry.Fields.Remove(path));
            }

            if (own is null)
            {
                entries.Add(own = new Entry(manager, "Update", subresource, new FieldSet()));
            }

            changed.ForEach(path => own.Fields.Add(path));
            own.Time = null;
        }

        entries.RemoveAll(entry => entry.Fields.IsEmpty);
    }

    public void WriteTo(JsonObject content, DateTimeOffset now)
    {
        var metadata = (JsonObject)content["metadata"]!;
        metadata.Remove("managedFields");
        if (entries.Count > 0)
        {
            metadata["managedFields"] = new JsonArray([.. entries.Select(entry => entry.ToJson(apiVersion, now))]);
        }
    }

    /// <summary>The part of an object that is managed: all but identity and what the server itself writes.</summary>
    private static JsonObject Managed(JsonObject content)
    {
        var managed = (JsonObject)content.DeepClone();
        managed.Remove("apiVersion");
        managed.Remove("kind");
        if (managed["metadata"] is JsonObject metadata)
        {
            foreach (var name in new[] { "name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink" })
            {
                metadata.Remove(name);
            }

            if (metadata.Count == 0)
            {
                managed.Remove("metadata");
            }
        }

        return managed;
    }

    private void MergeInto(JsonObject target, JsonObject configuration, string path)
    {
        foreach (var (name, value) in configuration)
        {
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            switch (value)
            {
                case JsonObject fields when target[name] is JsonObject existing && !shapes.IsAtomicMap(inner):
                    MergeInto(existing, fields, inner);
                    break;
                case JsonArray list when target[name] is JsonArray existing && shapes.Keys(inner) is { } keys:
                    foreach (var item in list.OfType<JsonObject>())
                    {
                        var identity = shapes.KeyOf(inner, keys, item);
                        if (existing.OfType<JsonObject>().FirstOrDefault(one => JsonNode.DeepEquals(shapes.KeyOf(inner, keys, one), identity)) is { } same)
                        {
                            MergeInto(same, item, inner + "[]");
                        }
                        else
                        {
                            existing.Add(item.DeepClone());
                        }
                    }

                    break;
                case JsonArray list when target[name] is JsonArray existing && shapes.IsSet(inner):
                    foreach (var item in list.Where(item => !existing.Any(one => JsonNode.DeepEquals(one, item))))
                    {
                        existing.Add(item?.DeepClone());
                    }

                    break;
                default:
                    target[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static ApiException Refuse(ResourceType type, string name, List<(string Path, Entry Other)> conflicts)
    {
        var causes = new JsonArray([.. conflicts.Select(conflict => new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = $"conflict with \"{conflict.Other.Manager}\"{(conflict.Other.IsApply ? "" : " using " + type.ApiVersion(type.Versions[0]))}",
            ["field"] = FieldSet.Show(conflict.Path),
        })]);
        var first = conflicts[0];
        var message = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with \"{first.Other.Manager}\": {FieldSet.Show(first.Path)}"
            : $"Apply failed with {conflicts.Count} conflicts: conflicts with \"{first.Other.Manager}\":" +
                string.Concat(conflicts.Select(conflict => $"\n- {FieldSet.Show(conflict.Path)}"));
        return new ApiException(409, "Conflict", message, new JsonObject { ["causes"] = causes });
    }

    private sealed record Entry(string Manager, string Operation, string Subresource, FieldSet InitialFields)
    {
        public FieldSet Fields { get; set; } = InitialFields;

        public bool IsApply => Operation == "Apply";

        /// <summary>When the fields last changed; null when they just did.</summary>
        public string? Time { get; set; }

        public JsonObject ToJson(string apiVersion, DateTimeOffset now)
        {
            var json = new JsonObject
            {
                ["manager"] = Manager,
                ["operation"] = Operation,
                ["apiVersion"] = apiVersion,
                ["time"] = Time ?? Timestamps.Seconds(now),
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = Fields.ToFieldsV1(),
            };
            if (Subresource.Length > 0)
            {
                json["subresource"] = Subresource;
            }

            return json;
        }
    }
}
