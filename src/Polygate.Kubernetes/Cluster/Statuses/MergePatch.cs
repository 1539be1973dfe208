using System.Text.Json;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>JSON Merge Patch (RFC 7386): objects are merged, anything else replaced, null removes.</summary>
internal static class MergePatch
{
    /// <summary>Writes what makes one object of another.</summary>
    /// <param name="before">The one.</param>
    /// <param name="after">The other.</param>
    /// <param name="to">Receives one object; an empty one where they are equal.</param>
    public static void Write(JsonElement before, JsonElement after, Utf8JsonWriter to)
    {
        to.WriteStartObject();
        foreach (var property in after.Members())
        {
            var known = before.Member(property.Name);
            if (known.IsSameAs(property.Value))
            {
                continue;
            }

            if (known.ValueKind == JsonValueKind.Object && property.Value.ValueKind == JsonValueKind.Object)
            {
                to.WritePropertyName(property.Name);
                Write(known, property.Value, to);
            }
            else
            {
                property.WriteTo(to);
            }
        }

        foreach (var property in before.Members())
        {
            if (!after.Has(property.Name))
            {
                to.WriteNull(property.Name);
            }
        }

        to.WriteEndObject();
    }
}
