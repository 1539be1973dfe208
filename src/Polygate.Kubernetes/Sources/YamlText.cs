using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Sources;

/// <summary>JSON as YAML that people can read: blocks of mappings and lists; texts are quoted as in JSON, which YAML takes.</summary>
public static class YamlText
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a document, without a separator.</summary>
    public static string Write(JsonObject document)
    {
        var text = new StringBuilder();
        Write(text, document, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonObject mapping, int indent)
    {
        foreach (var (name, value) in mapping)
        {
            text.Append(' ', indent).Append(name).Append(':');
            WriteValue(text, value, indent + 2);
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } mapping:
                text.Append('\n');
                Write(text, mapping, indent);
                break;
            case JsonArray items when items.Any(item => item is JsonObject):
                text.Append('\n');
                foreach (var item in items)
                {
                    var block = new StringBuilder();
                    Write(block, item!.AsObject(), indent + 2);
                    text.Append(' ', indent).Append("- ").Append(block, indent + 2, block.Length - indent - 2);
                }

                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    /// <summary>Plain words stand without quotes.</summary>
    private static string Scalar(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue<string>(out var word) && word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '/' or '-')
            && char.IsAsciiLetter(word[0]) && word is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "True" or "False")
            ? word
            : value?.ToJsonString(Readable) ?? "null";
}
