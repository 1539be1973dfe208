using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>JSON Merge Patch (RFC 7386): objects are merged, anything else replaced, null removes.</summary>
internal static class MergePatch
{
    /// <summary>What makes one object of another; null when they are equal.</summary>
    public static JsonObject? Between(JsonObject before, JsonObject after)
    {
        JsonObject? patch = null;
        foreach (var (name, value) in after)
        {
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
                (patch ??= [])[name] = value?.DeepClone();
            }
        }

        foreach (var (name, _) in before)
        {
            if (!after.ContainsKey(name))
            {
                (patch ??= [])[name] = null;
            }
        }

        return patch;
    }
}
