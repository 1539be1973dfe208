using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;

namespace Polygate.Kubernetes.Sources.Schema;

/// <summary>What a field may hold.</summary>
internal enum FieldKind
{
    /// <summary>Anything; a converter decides.</summary>
    Any,
    Object,
    Map,
    List,
    Text,

    /// <summary>Bytes, written in base64.</summary>
    Bytes,
    Integer,
    Number,
    Boolean,

    /// <summary>A port or percentage (<c>IntOrString</c>), or a quantity.</summary>
    NumberOrText,
}

/// <summary>The form of a field, taken from the serialization metadata of its C# type.</summary>
internal sealed class FieldShape
{
    private static readonly ConcurrentDictionary<(JsonSerializerOptions Options, Type Type), FieldShape> Known = [];

    private readonly JsonSerializerOptions? options;
    private readonly Type? elementType;
    private readonly Dictionary<string, Field>? fields;
    private FieldShape? element;

    private FieldShape() => Kind = FieldKind.Any;

    private FieldShape(JsonTypeInfo type)
    {
        options = type.Options;
        elementType = type.ElementType;
        Kind = KindOf(type, out var range);
        Range = range;
        if (Kind == FieldKind.Object)
        {
            var comparer = options.PropertyNameCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
            fields = new Dictionary<string, Field>(comparer);
            foreach (var property in type.Properties)
            {
                if (property.IsExtensionData)
                {
                    Open = true;
                }
                else
                {
                    fields[property.Name] = new Field(property.PropertyType, property.CustomConverter is not null);
                }
            }
        }
    }

    public FieldKind Kind { get; }

    /// <summary>For integers, what fits.</summary>
    public (long Least, long Most) Range { get; }

    /// <summary>Whether an object takes fields that it does not name.</summary>
    public bool Open { get; }

    /// <summary>The names an object knows.</summary>
    public IEnumerable<string> FieldNames => fields?.Keys ?? Enumerable.Empty<string>();

    /// <summary>What a list's items and a map's values are.</summary>
    public FieldShape Element => element ??= Of(options!.GetTypeInfo(elementType!));

    public static FieldShape Of(JsonTypeInfo type) => Known.GetOrAdd((type.Options, type.Type), static (_, type) => new FieldShape(type), type);

    /// <summary>A field of an object, or null when it has none of this name.</summary>
    public FieldShape? FieldOf(string name)
    {
        if (!fields!.TryGetValue(name, out var field))
        {
            return null;
        }

        return field.Shape ??= field.HasConverter ? Anything : Of(options!.GetTypeInfo(field.Type));
    }

    private static FieldShape Anything { get; } = new();

    private static FieldKind KindOf(JsonTypeInfo info, out (long Least, long Most) range)
    {
        range = (long.MinValue, long.MaxValue);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                return FieldKind.Object;
            case JsonTypeInfoKind.Dictionary:
                return FieldKind.Map;
            case JsonTypeInfoKind.Enumerable:
                return FieldKind.List;
        }

        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        if (type == typeof(byte[]))
        {
            return FieldKind.Bytes;
        }

        if (type == typeof(IntOrString) || type == typeof(ResourceQuantity))
        {
            return FieldKind.NumberOrText;
        }

        if (type == typeof(JsonObject))
        {
            return FieldKind.Any;
        }

        switch (type.IsEnum ? TypeCode.Object : Type.GetTypeCode(type))
        {
            case TypeCode.String or TypeCode.DateTime or TypeCode.Char:
                return FieldKind.Text;
            case TypeCode.Boolean:
                return FieldKind.Boolean;
            case TypeCode.Double or TypeCode.Single or TypeCode.Decimal:
                return FieldKind.Number;
            case TypeCode.Int32:
                range = (int.MinValue, int.MaxValue);
                return FieldKind.Integer;
            case TypeCode.UInt32:
                range = (0, uint.MaxValue);
                return FieldKind.Integer;
            case TypeCode.Int16:
                range = (short.MinValue, short.MaxValue);
                return FieldKind.Integer;
            case TypeCode.UInt16:
                range = (0, ushort.MaxValue);
                return FieldKind.Integer;
            case TypeCode.Byte:
                range = (0, byte.MaxValue);
                return FieldKind.Integer;
            case TypeCode.Int64:
                return FieldKind.Integer;
            default:
                return type == typeof(DateTimeOffset) ? FieldKind.Text : FieldKind.Any;
        }
    }

    private sealed class Field(Type type, bool hasConverter)
    {
        public Type Type { get; } = type;

        public bool HasConverter { get; } = hasConverter;

        public FieldShape? Shape { get; set; }
    }
}
