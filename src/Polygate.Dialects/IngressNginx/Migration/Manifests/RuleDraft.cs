using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>A rule that has not found its HTTPRoute yet.</summary>
/// <param name="Route">What it says.</param>
/// <param name="Ports">Where: 80, 443, or both.</param>
/// <param name="Place">Its place among those of the same route.</param>
/// <param name="Rule">As it is written; without filters and backends where something would be amiss with them.</param>
/// <param name="Groups">The groups of its policy.</param>
/// <param name="Missing">What it does not say.</param>
internal sealed record RuleDraft(Route Route, IReadOnlyList<int> Ports, int Place, JsonObject Rule, JsonObject Groups, IReadOnlyList<NotExpressed> Missing)
{
    /// <summary>A rule, withheld if need be.</summary>
    public static RuleDraft Of(
        Route route, IReadOnlyList<int> ports, int place, JsonArray matches, IEnumerable<JsonObject> filters, IEnumerable<(string Field, JsonNode? Value)> fields, JsonObject groups,
        IReadOnlyList<NotExpressed> missing)
    {
        var rule = new JsonObject { ["matches"] = matches };
        if (missing.Any(what => what.Withholds))
        {
            return new RuleDraft(route, ports, place, rule, [], missing);
        }

        var written = filters.ToList();
        if (written.Count > 0)
        {
            rule["filters"] = Json.Array(written);
        }

        foreach (var (field, value) in fields.Where(field => field.Value is not null))
        {
            rule[field] = value;
        }

        return new RuleDraft(route, ports, place, rule, groups.DeepClone().AsObject(), missing);
    }
}
