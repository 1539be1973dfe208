using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>Header changes of several filters as one: a rule may have only one of each kind.</summary>
internal sealed class HeaderFields
{
    private readonly Dictionary<string, HeaderValue> set = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HeaderValue> add = [];
    private readonly SortedSet<string> remove = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds later changes; false where they have conditions.</summary>
    public bool Add(HeaderChanges changes)
    {
        foreach (var name in changes.Remove)
        {
            set.Remove(name);
            add.RemoveAll(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            remove.Add(name);
        }

        foreach (var header in changes.Set)
        {
            add.RemoveAll(other => other.Name.Equals(header.Name, StringComparison.OrdinalIgnoreCase));
            remove.Remove(header.Name);
            set[header.Name] = header;
        }

        add.AddRange(changes.Add);
        return changes.SetIfAbsent.IsEmpty && changes.SetIfPresent.IsEmpty;
    }

    /// <summary>The filter; null for none.</summary>
    /// <param name="type">Its type, such as <c>RequestHeaderModifier</c>.</param>
    public JsonObject? Filter(string type)
    {
        var changes = new JsonObject();
        AddTo(changes, "set", set.Values);
        AddTo(changes, "add", add);
        if (remove.Count > 0)
        {
            changes["remove"] = Json.Texts(remove);
        }

        return changes.Count == 0 ? null : new JsonObject { ["type"] = type, [char.ToLowerInvariant(type[0]) + type[1..]] = changes };
    }

    private static void AddTo(JsonObject changes, string field, IReadOnlyCollection<HeaderValue> headers)
    {
        if (headers.Count > 0)
        {
            changes[field] = Json.Array(headers.Select(header => new JsonObject { ["name"] = header.Name, ["value"] = header.Value }));
        }
    }
}
