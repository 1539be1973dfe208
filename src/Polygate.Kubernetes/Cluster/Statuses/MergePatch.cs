using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>JSON Merge Patch (RFC 7386): objects are merged, anything else replaced, null removes.</summary>
internal static class MergePatch
{
    /// <summary>What makes one object of another; null when they are equal.</summary>
    /// <param name="before">The one.</param>
    /// <param name="after">The other; what differs is taken out of it into the patch.</param>
    public static JsonObject? Between(JsonObject before, JsonObject after)
    {
        JsonObject? patch = null;
        List<string>? gone = null;
        foreach (var (name, _) in before)
        {
            if (!after.ContainsKey(name))
            {
                (gone ??= []).Add(name);
            }
        }

        for (var i = 0; i < after.Count;)
        {
            var (name, value) = after.GetAt(i);
            var known = before[name];
            if (known is JsonObject from && value is JsonObject to)
            {
                if (Between(from, to) is { } inner)
                {
                    (patch ??= [])[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(known, value))
            {
                after.RemoveAt(i);
                (patch ??= [])[name] = value;
                continue;
            }

            i++;
        }

        foreach (var name in gone ?? [])
        {
            (patch ??= [])[name] = null;
        }

        return patch;
    }
}
