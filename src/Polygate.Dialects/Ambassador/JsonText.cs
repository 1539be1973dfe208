using System.Text.Json;

namespace Polygate.Dialects.Ambassador;

/// <summary>Reads values that may be written in several forms.</summary>
internal static class JsonText
{
    /// <summary>A scalar as text; null for objects, lists and nothing.</summary>
    public static string? Scalar(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.GetRawText(),
        _ => null,
    };

    /// <summary>A list of texts, one text, or one text with commas.</summary>
    public static IReadOnlyList<string> List(JsonElement? value, bool commas = false) => value switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => Scalar(item)).OfType<string>()],
        { ValueKind: JsonValueKind.String } text when commas =>
            text.GetString()!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        _ => [],
    };
}
