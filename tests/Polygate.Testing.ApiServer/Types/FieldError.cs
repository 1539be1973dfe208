using System.Text.Json.Nodes;

namespace Polygate.Testing.ApiServer.Types;

/// <summary>What is wrong with a field, in the words of the API server (k8s.io/apimachinery, field errors).</summary>
internal sealed record FieldError(string Field, string Reason, string Message)
{
    public static FieldError Required(string field, string detail = "") =>
        new(field, "FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new(field, "FieldValueInvalid", $"Invalid value: {Text(value)}: {detail}");

    public static FieldError WrongType(string field, JsonNode? value, string wanted) =>
        new(field, "FieldValueTypeInvalid", $"Invalid value: \"{TypeName(value)}\": {field} in body must be of type {wanted}: \"{TypeName(value)}\"");

    public static FieldError NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: {Text(value)}: supported values: {string.Join(", ", supported)}");

    public static FieldError TooMany(string field, int count, int limit) =>
        new(field, "FieldValueTooMany", $"Too many: {count}: must have at most {limit} items");

    public static FieldError Forbidden(string field, string detail) => new(field, "FieldValueForbidden", $"Forbidden: {detail}");

    public JsonObject ToCause() => new() { ["reason"] = Reason, ["message"] = Message, ["field"] = Field };

    public override string ToString() => $"{Field}: {Message}";

    /// <summary>The type of a value as OpenAPI names it.</summary>
    public static string TypeName(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Object => "object",
        System.Text.Json.JsonValueKind.Array => "array",
        System.Text.Json.JsonValueKind.String => "string",
        System.Text.Json.JsonValueKind.Number => value.ToJsonString().AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? "integer" : "number",
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
        _ => "null",
    };

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}
