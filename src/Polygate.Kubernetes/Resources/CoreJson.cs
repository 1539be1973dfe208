using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Polygate.Kubernetes.Resources;

/// <summary>
/// How the kinds of Kubernetes that are read become objects. The client library describes all kinds in one context, which brings the code and
/// the type descriptions of hundreds of kinds into the executable and into memory.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(IntOrStringConverter), typeof(QuantityConverter)])]
[JsonSerializable(typeof(V1Service))]
[JsonSerializable(typeof(V1EndpointSlice))]
[JsonSerializable(typeof(V1Pod))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1ConfigMap))]
[JsonSerializable(typeof(V1Namespace))]
[JsonSerializable(typeof(V1Node))]
[JsonSerializable(typeof(V1Ingress))]
[JsonSerializable(typeof(V1IngressClass))]
[JsonSerializable(typeof(ApiStatus))]
internal sealed partial class CoreJson : JsonSerializerContext;

/// <summary>What of a <c>Status</c> object says why a request failed.</summary>
internal sealed record ApiStatus
{
    /// <summary>The HTTP status.</summary>
    public int? Code { get; init; }

    /// <summary>A word for programs, such as <c>Expired</c>.</summary>
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

/// <summary>A number, or a text that is a number, a name or a percentage (apimachinery, <c>util/intstr</c>).</summary>
internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => reader.GetInt64(),
        _ => throw new JsonException("A number or a text was expected."),
    };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (long.TryParse(value.Value, out var number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value.Value);
        }
    }
}

/// <summary>An amount such as <c>500m</c> or <c>1Gi</c> (apimachinery, <c>api/resource</c>); numbers are written without quotes, too.</summary>
internal sealed class QuantityConverter : JsonConverter<ResourceQuantity>
{
    public override ResourceQuantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new ResourceQuantity(reader.GetString()),
        JsonTokenType.Number => new ResourceQuantity(System.Text.Encoding.UTF8.GetString(reader.ValueSpan)),
        _ => throw new JsonException("An amount was expected."),
    };

    public override void Write(Utf8JsonWriter writer, ResourceQuantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
