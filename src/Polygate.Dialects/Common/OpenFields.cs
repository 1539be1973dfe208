using System.Text.Json;
using System.Text.Json.Serialization;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Common;

/// <summary>
/// An object of a large schema of which only the fields that are interpreted are typed; the others are kept as they
/// stand, and a <see cref="FieldTable"/> knows their names.
/// </summary>
public abstract record OpenFields
{
    /// <summary>The fields without a property, by name.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Untyped { get; set; }

    /// <summary>An untyped field's value; null when it is absent or <c>null</c>.</summary>
    public JsonElement? Field(string name) =>
        Untyped is not null && Untyped.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}

/// <summary>The names that a schema has beside the typed ones, and what their presence means.</summary>
public sealed class FieldTable
{
    private readonly HashSet<string> ignored;
    private readonly HashSet<string> unsupported;
    private readonly HashSet<string> restricting;

    /// <param name="ignored">Fields without meaning for traffic.</param>
    /// <param name="unsupported">Fields that are not served; the rest of the object is.</param>
    /// <param name="restricting">Fields that restrict access and are not served: what they stand on answers 503.</param>
    public FieldTable(IEnumerable<string>? ignored = null, IEnumerable<string>? unsupported = null, IEnumerable<string>? restricting = null)
    {
        this.ignored = [.. ignored ?? []];
        this.unsupported = [.. unsupported ?? []];
        this.restricting = [.. restricting ?? []];
    }

    /// <summary>The same table with more fields that are looked at elsewhere.</summary>
    public FieldTable IgnoringAlso(IEnumerable<string> names) => new(ignored.Concat(names), unsupported, restricting);

    /// <summary>Whether the schema has a field of this name.</summary>
    public bool Knows(string name) => ignored.Contains(name) || unsupported.Contains(name) || restricting.Contains(name);

    /// <summary>The names of the fields that restrict access.</summary>
    public IEnumerable<string> Restricting => restricting;

    /// <summary>
    /// Reports each untyped field: unknown ones and unsupported ones as warnings, those that restrict access as errors.
    /// </summary>
    /// <param name="fields">The object; null reports nothing.</param>
    /// <param name="path">Its field path.</param>
    /// <param name="context">Where to report.</param>
    /// <param name="on">The resource it stands in; null for the root.</param>
    /// <returns>One sentence a report, for a status.</returns>
    public IReadOnlyList<string> Report(OpenFields? fields, string path, TranslationContext context, Resource? on = null)
    {
        var reports = new List<string>();
        foreach (var (name, value) in fields?.Untyped ?? [])
        {
            if (value.ValueKind == JsonValueKind.Null || ignored.Contains(name) || (restricting.Contains(name) && IsSwitchedOff(value)))
            {
                continue;
            }

            var field = path.Length == 0 ? name : path + "." + name;
            if (restricting.Contains(name))
            {
                reports.Add($"{field} restricts access and is not supported yet: what it stands on answers 503.");
                context.Error("unsupported-field", reports[^1], field, on);
            }
            else
            {
                var isKnown = unsupported.Contains(name);
                reports.Add(isKnown ? $"{field} is not supported yet and has no effect." : $"{field} is not a field of this kind.");
                context.Warning(isKnown ? "unsupported-field" : "unknown-field", reports[^1], field, on);
            }
        }

        return reports;
    }

    /// <summary>Whether an object says nothing but that the feature is off (<c>disable: true</c>).</summary>
    public static bool IsSwitchedOff(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.EnumerateObject().Any(member => member.Name is "disable" or "disabled" && member.Value.ValueKind == JsonValueKind.True);
}
