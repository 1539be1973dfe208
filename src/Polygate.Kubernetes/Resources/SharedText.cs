using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Polygate.Kubernetes.Store;

namespace Polygate.Kubernetes.Resources;

/// <summary>
/// Reads short texts of objects so that equal ones are kept once: kinds, types, names of Gateways and Services, labels.
/// </summary>
internal sealed class SharedText : JsonConverter<string>
{
    /// <summary>In characters: what is longer is rarely said twice.</summary>
    private const int Longest = 64;

    private static readonly ConcurrentDictionary<JsonSerializerOptions, JsonSerializerOptions> Options = [];
    private readonly RecentValues<string> texts = new(8192, StringComparer.Ordinal);

    /// <summary>The same metadata, but sharing texts.</summary>
    public static JsonTypeInfo<T> In<T>(JsonTypeInfo<T> type)
    {
        var options = Options.GetOrAdd(type.Options, static original =>
        {
            var sharing = new JsonSerializerOptions(original);
            sharing.Converters.Add(new SharedText());
            return sharing;
        });
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Share(reader.GetString());

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Share(reader.GetString())!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private string? Share(string? text) => text is { Length: <= Longest } ? texts.Share(text) : text;
}
