using System.Text.Json;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>Reads JSON of which any part may be absent or of another kind than expected: an absent element is the default, of which nothing has to be asked first.</summary>
internal static class JsonElements
{
    private static readonly JsonElement NoMembers = JsonElement.Parse("{}");
    private static readonly JsonElement NoItems = JsonElement.Parse("[]");

    /// <summary>Whether nothing is there, or null.</summary>
    public static bool IsAbsent(this JsonElement element) => element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The members of an object; none of anything else.</summary>
    public static JsonElement.ObjectEnumerator Members(this JsonElement element) =>
        (element.ValueKind == JsonValueKind.Object ? element : NoMembers).EnumerateObject();

    /// <summary>The items of an array; none of anything else.</summary>
    public static JsonElement.ArrayEnumerator Items(this JsonElement element) =>
        (element.ValueKind == JsonValueKind.Array ? element : NoItems).EnumerateArray();

    /// <summary>An object's member.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Whether an object has a member, be it null.</summary>
    public static bool Has(this JsonElement element, string name) => element.Member(name).ValueKind != JsonValueKind.Undefined;

    /// <summary>The first object of an array with a member of this value.</summary>
    public static JsonElement Find(this JsonElement array, string name, JsonElement value)
    {
        foreach (var item in array.Items())
        {
            if (item.ValueKind == JsonValueKind.Object && item.Member(name).IsSameAs(value))
            {
                return item;
            }
        }

        return default;
    }

    /// <summary>Whether it is this text.</summary>
    public static bool IsText(this JsonElement element, string text) => element.ValueKind == JsonValueKind.String && element.ValueEquals(text);

    /// <summary>Whether both say the same; what is absent says the same as null.</summary>
    public static bool IsSameAs(this JsonElement element, JsonElement other) =>
        element.IsAbsent() ? other.IsAbsent() : !other.IsAbsent() && JsonElement.DeepEquals(element, other);
}
