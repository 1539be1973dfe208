using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Polygate.Testing.ApiServer.Types;

/// <summary>
/// A structural schema of a CustomResourceDefinition: defaulting, pruning and validation as the API server does them, CEL rules
/// (<c>x-kubernetes-validations</c>) and <c>format</c> left out.
/// </summary>
internal sealed class StructuralSchema
{
    private readonly JsonObject schema;
    private readonly Dictionary<string, StructuralSchema> properties;
    private readonly StructuralSchema? items;
    private readonly StructuralSchema? additional;
    private readonly List<StructuralSchema> allOf;
    private readonly List<StructuralSchema> anyOf;
    private readonly List<StructuralSchema> oneOf;
    private readonly StructuralSchema? not;
    private readonly Regex? pattern;

    public StructuralSchema(JsonObject schema)
    {
        this.schema = schema;
        properties = (schema["properties"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => new StructuralSchema((JsonObject)pair.Value!));
        items = schema["items"] is JsonObject itemSchema ? new(itemSchema) : null;
        additional = schema["additionalProperties"] is JsonObject values ? new(values) : null;
        AllowsAnything = schema["additionalProperties"] is JsonValue any && any.TryGetValue<bool>(out var allowed) && allowed;
        allOf = Read("allOf");
        anyOf = Read("anyOf");
        oneOf = Read("oneOf");
        not = schema["not"] is JsonObject negated ? new(negated) : null;
        // A vendor's pattern may need what NonBacktracking cannot do; schemas are the tests' own input.
        pattern = Text("pattern") is { } expression ? new Regex(expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : null;
    }

    /// <summary><c>atomic</c>, <c>set</c> or <c>map</c>; null where nothing is said, which means atomic.</summary>
    public string? ListType => Text("x-kubernetes-list-type");

    public IReadOnlyList<string> ListMapKeys => schema["x-kubernetes-list-map-keys"] is JsonArray keys ? [.. keys.Select(key => (string)key!)] : [];

    public bool IsAtomicMap => Text("x-kubernetes-map-type") == "atomic" || (Preserves && properties.Count == 0 && additional is null);

    public StructuralSchema? Items => items;

    private bool AllowsAnything { get; }

    private bool Preserves => Flag("x-kubernetes-preserve-unknown-fields");

    private bool IsNullable => Flag("nullable");

    private bool IsIntOrString => Flag("x-kubernetes-int-or-string");

    /// <summary>The schema of a member, declared or by <c>additionalProperties</c>; null where there is none.</summary>
    public StructuralSchema? Member(string name) => properties.GetValueOrDefault(name) ?? additional;

    /// <summary>The default that a field of this schema has where it is missing.</summary>
    public JsonNode? DefaultOf(string field) => properties.TryGetValue(field, out var property) ? property.schema["default"]?.DeepClone() : null;

    /// <summary>Fills in defaults, the outer before the inner, so that a default may bring further ones. Null of a field that
    /// is not nullable counts as missing.</summary>
    public void ApplyDefaults(JsonNode? value)
    {
        if (value is JsonObject fields)
        {
            foreach (var (name, property) in properties)
            {
                var isNull = fields.ContainsKey(name) && fields[name] is null;
                if ((!fields.ContainsKey(name) || (isNull && !property.IsNullable)) && property.schema.TryGetPropertyValue("default", out var value1))
                {
                    fields[name] = value1?.DeepClone();
                }
                else if (isNull && !property.IsNullable)
                {
                    fields.Remove(name);
                }
            }

            foreach (var (name, member) in fields)
            {
                Member(name)?.ApplyDefaults(member);
            }
        }
        else if (value is JsonArray list)
        {
            foreach (var item in list)
            {
                items?.ApplyDefaults(item);
            }
        }
    }

    /// <summary>Removes what the schema does not know.</summary>
    /// <param name="value">The value, changed in place.</param>
    /// <param name="isRoot">Whether it is an object with <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> of its own.</param>
    public void Prune(JsonNode? value, bool isRoot = false)
    {
        if (value is JsonObject fields)
        {
            var hasMetadata = isRoot || Flag("x-kubernetes-embedded-resource");
            foreach (var name in fields.Select(pair => pair.Key).ToList())
            {
                if (hasMetadata && name is "apiVersion" or "kind" or "metadata")
                {
                    continue;
                }

                if (Member(name) is { } member)
                {
                    member.Prune(fields[name]);
                }
                else if (!Preserves && !AllowsAnything)
                {
                    fields.Remove(name);
                }
            }
        }
        else if (value is JsonArray list)
        {
            foreach (var item in list)
            {
                items?.Prune(item);
            }
        }
    }

    public IReadOnlyList<FieldError> Validate(JsonNode? value, string path = "")
    {
        var errors = new List<FieldError>();
        Validate(value, path, errors);
        return errors;
    }

    private void Validate(JsonNode? value, string path, List<FieldError> errors)
    {
        if (value is null)
        {
            if (!IsNullable && Text("type") is { } wanted)
            {
                errors.Add(FieldError.WrongType(path, value, wanted));
            }

            return;
        }

        if (!HasType(value))
        {
            errors.Add(FieldError.WrongType(path, value, IsIntOrString ? "integer,string" : Text("type")!));
            return;
        }

        CheckEnum(value, path, errors);
        switch (value)
        {
            case JsonObject fields:
                CheckObject(fields, path, errors);
                break;
            case JsonArray list:
                CheckArray(list, path, errors);
                break;
            case JsonValue scalar:
                CheckScalar(scalar, path, errors);
                break;
        }

        CheckAlternatives(value, path, errors);
    }

    private bool HasType(JsonNode value)
    {
        var actual = FieldError.TypeName(value);
        if (IsIntOrString)
        {
            return actual is "integer" or "string";
        }

        return Text("type") is not { } wanted || wanted == actual || (wanted == "number" && actual == "integer")
            || (wanted == "integer" && actual == "number" && NumberOf(value) % 1 == 0);
    }

    private void CheckEnum(JsonNode value, string path, List<FieldError> errors)
    {
        if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            errors.Add(FieldError.NotSupported(path, value, allowed.Select(one => one?.ToJsonString() ?? "null")));
        }
    }

    private void CheckObject(JsonObject fields, string path, List<FieldError> errors)
    {
        foreach (var name in schema["required"] as JsonArray ?? [])
        {
            if (!fields.ContainsKey((string)name!))
            {
                errors.Add(FieldError.Required(Join(path, (string)name!)));
            }
        }

        if (Number("minProperties") is { } fewest && fields.Count < fewest)
        {
            errors.Add(FieldError.Invalid(path, fields.Count, $"{path} in body should have at least {fewest} properties"));
        }

        if (Number("maxProperties") is { } most && fields.Count > most)
        {
            errors.Add(FieldError.TooMany(path, fields.Count, (int)most));
        }

        foreach (var (name, member) in fields)
        {
            (properties.TryGetValue(name, out var property) ? property : additional)?.Validate(
                member, properties.ContainsKey(name) ? Join(path, name) : $"{path}[{name}]", errors);
        }
    }

    private void CheckArray(JsonArray list, string path, List<FieldError> errors)
    {
        if (Number("maxItems") is { } most && list.Count > most)
        {
            errors.Add(FieldError.TooMany(path, list.Count, (int)most));
        }

        if (Number("minItems") is { } fewest && list.Count < fewest)
        {
            errors.Add(FieldError.Invalid(path, list.Count, $"{path} in body should have at least {fewest} items"));
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < list.Count; i++)
        {
            items?.Validate(list[i], $"{path}[{i}]", errors);
            if (Identity(list[i]) is { } identity && !seen.Add(identity))
            {
                errors.Add(new FieldError($"{path}[{i}]", "FieldValueDuplicate", $"Duplicate value: {identity}"));
            }
        }
    }

    /// <summary>What tells items of a set or a map list apart; null where items may be alike.</summary>
    private string? Identity(JsonNode? item) => ListType switch
    {
        "set" => item?.ToJsonString(),
        "map" when item is JsonObject fields => "{" + string.Join(",", ListMapKeys.Select(key =>
            JsonSerializer.Serialize(key) + ":" + ((fields[key] ?? items?.DefaultOf(key))?.ToJsonString() ?? "null"))) + "}",
        _ => null,
    };

    private void CheckScalar(JsonValue value, string path, List<FieldError> errors)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = value.GetValue<string>();
            var length = text.EnumerateRunes().Count();
            if (Number("maxLength") is { } longest && length > longest)
            {
                errors.Add(new FieldError(path, "FieldValueTooLong", $"Too long: may not be more than {longest} bytes"));
            }

            if (Number("minLength") is { } shortest && length < shortest)
            {
                errors.Add(FieldError.Invalid(path, value, $"{path} in body should be at least {shortest} chars long"));
            }

            if (pattern is not null && !pattern.IsMatch(text))
            {
                errors.Add(FieldError.Invalid(path, value, $"{path} in body should match '{Text("pattern")}'"));
            }
        }
        else if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = NumberOf(value);
            if (Number("minimum") is { } least && (number < least || (number == least && Flag("exclusiveMinimum"))))
            {
                errors.Add(FieldError.Invalid(path, value, $"{path} in body should be greater than or equal to {Shown(least)}"));
            }

            if (Number("maximum") is { } greatest && (number > greatest || (number == greatest && Flag("exclusiveMaximum"))))
            {
                errors.Add(FieldError.Invalid(path, value, $"{path} in body should be less than or equal to {Shown(greatest)}"));
            }
        }
    }

    private void CheckAlternatives(JsonNode value, string path, List<FieldError> errors)
    {
        foreach (var one in allOf)
        {
            one.Validate(value, path, errors);
        }

        if (anyOf.Count > 0 && anyOf.TrueForAll(one => one.Validate(value, path).Count > 0))
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must validate at least one schema (anyOf)"));
        }

        if (oneOf.Count > 0 && oneOf.Count(one => one.Validate(value, path).Count == 0) != 1)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must validate one and only one schema (oneOf)"));
        }

        if (not is not null && not.Validate(value, path).Count == 0)
        {
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must not validate the schema (not)"));
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shown(double number) => number.ToString(CultureInfo.InvariantCulture);

    private List<StructuralSchema> Read(string keyword) =>
        [.. (schema[keyword] as JsonArray ?? []).OfType<JsonObject>().Select(one => new StructuralSchema(one))];

    private string? Text(string keyword) => schema[keyword] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private double? Number(string keyword) =>
        schema[keyword] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? NumberOf(value) : null;

    /// <summary>The number whatever type it is kept as.</summary>
    private static double NumberOf(JsonNode value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private bool Flag(string keyword) => schema[keyword] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;
}
