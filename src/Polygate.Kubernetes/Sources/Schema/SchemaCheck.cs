using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Polygate.Model;

namespace Polygate.Kubernetes.Sources.Schema;

/// <summary>Something in an object that its kind does not say.</summary>
/// <param name="Severity">An error: the object cannot be read.</param>
/// <param name="Code">The diagnostic's code.</param>
/// <param name="Message">One sentence. Never quotes a value: it may be secret.</param>
/// <param name="Field">The field path.</param>
internal sealed record SchemaProblem(DiagnosticSeverity Severity, string Code, string Message, string Field);

/// <summary>
/// Compares an object's JSON with its type, field by field, and removes nulls as Kubernetes does (a null field is an
/// absent one; a null in a list or map is the empty value).
/// </summary>
internal sealed class SchemaCheck
{
    private readonly List<SchemaProblem> problems = [];
    private readonly List<(string? Key, int Index)> path = [];

    private SchemaCheck()
    {
    }

    /// <summary>Checks an object. Its <c>status</c> is not looked at where the type has none: it is output.</summary>
    public static IReadOnlyList<SchemaProblem> Check(JsonObject json, JsonTypeInfo type)
    {
        var check = new SchemaCheck();
        check.Object(json, FieldShape.Of(type));
        return check.problems;
    }

    private void Object(JsonObject json, FieldShape shape)
    {
        List<string>? nulls = null;
        foreach (var (name, value) in json)
        {
            path.Add((name, 0));
            if (shape.FieldOf(name) is not { } field)
            {
                UnknownField(name, shape);
            }
            else if (value is null)
            {
                (nulls ??= []).Add(name);
            }
            else
            {
                Value(value, field);
            }

            path.RemoveAt(path.Count - 1);
        }

        nulls?.ForEach(name => json.Remove(name));
    }

    private void Value(JsonNode value, FieldShape shape)
    {
        switch (shape.Kind, value)
        {
            case (FieldKind.Any, _):
                return;
            case (FieldKind.Object, JsonObject json):
                Object(json, shape);
                return;
            case (FieldKind.Map, JsonObject json):
                Map(json, shape.Element);
                return;
            case (FieldKind.List, JsonArray json):
                List(json, shape.Element);
                return;
            case (_, JsonValue scalar) when Fits(scalar, shape):
                return;
            default:
                WrongType(value, shape);
                return;
        }
    }

    private void Map(JsonObject json, FieldShape element)
    {
        List<string>? nulls = null;
        foreach (var (name, value) in json)
        {
            path.Add((name, 0));
            if (value is not null)
            {
                Value(value, element);
            }
            else if (element.Kind != FieldKind.Any)
            {
                (nulls ??= []).Add(name);
            }

            path.RemoveAt(path.Count - 1);
        }

        nulls?.ForEach(name => json[name] = EmptyValue(element));
    }

    private void List(JsonArray json, FieldShape element)
    {
        for (var i = 0; i < json.Count; i++)
        {
            path.Add((null, i));
            if (json[i] is { } value)
            {
                Value(value, element);
            }
            else if (element.Kind != FieldKind.Any)
            {
                json[i] = EmptyValue(element);
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    private static JsonNode EmptyValue(FieldShape shape) => shape.Kind switch
    {
        FieldKind.Object or FieldKind.Map => new JsonObject(),
        FieldKind.List => new JsonArray(),
        FieldKind.Integer or FieldKind.Number or FieldKind.NumberOrText => JsonValue.Create(0),
        FieldKind.Boolean => JsonValue.Create(false),
        _ => JsonValue.Create(""),
    };

    private static bool Fits(JsonValue value, FieldShape shape) => (shape.Kind, value.GetValueKind()) switch
    {
        (FieldKind.Text, JsonValueKind.String) => true,
        (FieldKind.Bytes, JsonValueKind.String) => IsBase64(value.GetValue<string>()),
        (FieldKind.Boolean, JsonValueKind.True or JsonValueKind.False) => true,
        (FieldKind.Number, JsonValueKind.Number) => true,
        (FieldKind.NumberOrText, JsonValueKind.String or JsonValueKind.Number) => true,
        (FieldKind.Integer, JsonValueKind.Number) => IsInteger(value, shape.Range),
        _ => false,
    };

    private static bool IsInteger(JsonValue value, (long Least, long Most) range) =>
        value.TryGetValue<long>(out var integer)
            ? integer >= range.Least && integer <= range.Most
            : value.TryGetValue<double>(out var number) && number == Math.Floor(number) && number >= range.Least && number <= range.Most;

    private static bool IsBase64(string text)
    {
        var buffer = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, buffer, out _);
    }

    private void UnknownField(string name, FieldShape shape)
    {
        if (shape.Open || (path.Count == 1 && name is "status"))
        {
            return;
        }

        var meant = Spelling.Closest(name, shape.FieldNames);
        problems.Add(new SchemaProblem(
            DiagnosticSeverity.Warning,
            "unknown-field",
            $"The field {Path()} is not known and has no effect" + (meant is null ? "." : $"; did you mean \"{meant}\"?"),
            Path()));
    }

    private void WrongType(JsonNode value, FieldShape shape)
    {
        var found = value switch
        {
            JsonObject => "a mapping",
            JsonArray => "a list",
            JsonValue scalar => scalar.GetValueKind() switch
            {
                JsonValueKind.String => "text",
                JsonValueKind.Number => "a number",
                _ => "a boolean",
            },
            _ => "nothing",
        };
        var hint = (shape.Kind, found) switch
        {
            (FieldKind.Text, "a number" or "a boolean") => "; put it in quotes",
            (FieldKind.Integer or FieldKind.Number or FieldKind.Boolean, "text") => "; is it in quotes?",
            _ => "",
        };
        problems.Add(new SchemaProblem(
            DiagnosticSeverity.Error, "wrong-type", $"The field {Path()} needs {Expected(shape)}, but has {found}{hint}.", Path()));
    }

    private static string Expected(FieldShape shape) => shape.Kind switch
    {
        FieldKind.Object or FieldKind.Map => "a mapping",
        FieldKind.List => "a list",
        FieldKind.Bytes => "base64 text",
        FieldKind.Integer when shape.Range.Least == long.MinValue => "an integer",
        FieldKind.Integer => $"an integer from {shape.Range.Least} to {shape.Range.Most}",
        FieldKind.Number => "a number",
        FieldKind.Boolean => "true or false",
        FieldKind.NumberOrText => "a number or text",
        _ => "text",
    };

    private string Path()
    {
        var text = new StringBuilder();
        foreach (var (key, index) in path)
        {
            _ = key switch
            {
                null => text.Append('[').Append(index).Append(']'),
                _ when IsWord(key) => (text.Length == 0 ? text : text.Append('.')).Append(key),
                _ => text.Append('[').Append(key).Append(']'),
            };
        }

        return text.ToString();
    }

    private static bool IsWord(string key) => key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '$');
}
