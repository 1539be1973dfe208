using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Sources.Documents;

/// <summary>A value as a file writes it: what JSON can say, with the line it stands on.</summary>
/// <param name="line">From 1.</param>
internal abstract class SourceNode(int line)
{
    public int Line { get; } = line;
}

/// <summary>A string, number, boolean or null.</summary>
internal sealed class ScalarNode : SourceNode
{
    private readonly string text;
    private readonly long integer;
    private readonly double number;
    private readonly bool isInteger;

    private ScalarNode(int line, JsonValueKind kind, string text = "", long integer = 0, double number = 0, bool isInteger = false)
        : base(line)
    {
        Kind = kind;
        this.text = text;
        this.integer = integer;
        this.number = number;
        this.isInteger = isInteger;
    }

    public JsonValueKind Kind { get; }

    public static ScalarNode String(int line, string text) => new(line, JsonValueKind.String, text);

    public static ScalarNode Null(int line) => new(line, JsonValueKind.Null);

    public static ScalarNode Boolean(int line, bool value) => new(line, value ? JsonValueKind.True : JsonValueKind.False);

    public static ScalarNode Integer(int line, long value) => new(line, JsonValueKind.Number, integer: value, isInteger: true);

    public static ScalarNode Number(int line, double value) => new(line, JsonValueKind.Number, number: value);

    /// <summary>The value as a mapping key, or null when it cannot be one. JSON keys are text: <c>1: x</c> has the key <c>"1"</c>.</summary>
    public string? AsKey() => Kind switch
    {
        JsonValueKind.String => text,
        JsonValueKind.Null => null,
        _ => ToJson()!.ToJsonString(),
    };

    public JsonNode? ToJson() => Kind switch
    {
        JsonValueKind.String => JsonValue.Create(text),
        JsonValueKind.True => JsonValue.Create(true),
        JsonValueKind.False => JsonValue.Create(false),
        JsonValueKind.Number => isInteger ? JsonValue.Create(integer) : JsonValue.Create(number),
        _ => null,
    };
}

/// <summary>A mapping; its keys are unique.</summary>
internal sealed class MappingNode(int line) : SourceNode(line)
{
    public List<MappingEntry> Entries { get; } = [];

    /// <summary>The value of a key, or null when there is none.</summary>
    public SourceNode? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
            {
                return entry.Value;
            }
        }

        return null;
    }

    /// <summary>The text of a key's value, or null when it is absent or not text.</summary>
    public string? FindText(string key) => Find(key) is ScalarNode { Kind: JsonValueKind.String } scalar ? scalar.AsKey() : null;
}

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Line">The line of the key, from 1.</param>
/// <param name="Value">The value.</param>
internal readonly record struct MappingEntry(string Key, int Line, SourceNode Value);

/// <summary>A list.</summary>
internal sealed class SequenceNode(int line) : SourceNode(line)
{
    public List<SourceNode> Items { get; } = [];
}

/// <summary>The text is not what its format allows.</summary>
internal sealed class DocumentException : Exception
{
    public DocumentException(string code, string message, int line)
        : base(message)
    {
        Code = code;
        Line = line;
    }

    /// <summary>The diagnostic's code.</summary>
    public string Code { get; }

    /// <summary>From 1.</summary>
    public int Line { get; }
}

/// <summary>Field names repeat in every object: one string each. Safe to use from several threads.</summary>
internal sealed class KeyPool
{
    private readonly ConcurrentDictionary<string, string> keys = new(StringComparer.Ordinal);

    public string Same(string key) => keys.GetOrAdd(key, key);
}
