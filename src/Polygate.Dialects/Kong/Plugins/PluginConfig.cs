using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Kong.Plugins;

/// <summary>The configuration of a plugin, or a section of it. What nobody read is reported.</summary>
internal sealed class PluginConfig
{
    private readonly JsonElement? section;
    private readonly string field;
    private readonly Findings findings;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PluginConfig> sections = new(StringComparer.Ordinal);

    public PluginConfig(JsonElement? section, string field, Findings findings)
    {
        this.section = section is { ValueKind: JsonValueKind.Object } ? section : null;
        this.field = field;
        this.findings = findings;
        if (section is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            findings.Error("wrong-type", $"{field} is a mapping.", field);
        }
    }

    /// <summary>The field path of a key.</summary>
    public string Field(string key) => field + "." + key;

    public bool Has(string key) => Value(key) is not null;

    public string? Text(string key) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => Wrong<string>(key, "a text"),
    };

    public long? Number(string key) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        _ => WrongValue<long>(key, "a whole number"),
    };

    public bool? Flag(string key) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => WrongValue<bool>(key, "true or false"),
    };

    /// <summary>A list of texts; null when it is absent.</summary>
    public IReadOnlyList<string>? Texts(string key)
    {
        switch (Value(key))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.Array } array when array.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number):
                return [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())];
            default:
                return Wrong<IReadOnlyList<string>>(key, "a list of texts");
        }
    }

    /// <summary>A section; an empty one when it is absent.</summary>
    public PluginConfig Section(string key)
    {
        if (!sections.TryGetValue(key, out var inner))
        {
            sections.Add(key, inner = new PluginConfig(Value(key), Field(key), findings));
        }

        return inner;
    }

    /// <summary>Reports what nobody read, sections included.</summary>
    public void ReportUnread()
    {
        foreach (var member in section?.EnumerateObject().Where(member => !read.Contains(member.Name)) ?? [])
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                findings.Unsupported(member.Name, Field(member.Name));
            }
        }

        foreach (var inner in sections.Values)
        {
            inner.ReportUnread();
        }
    }

    private JsonElement? Value(string key)
    {
        read.Add(key);
        return section is { } known && known.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private T? Wrong<T>(string key, string expected)
        where T : class
    {
        findings.Error("wrong-type", $"{Field(key)} is {expected}.", Field(key));
        return null;
    }

    private T? WrongValue<T>(string key, string expected)
        where T : struct
    {
        findings.Error("wrong-type", $"{Field(key)} is {expected}.", Field(key));
        return null;
    }
}
