using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polygate.Kubernetes.Resources;

/// <summary>
/// Reads texts of JSON so that equal ones that come close to one another are one: the objects of a cluster say the same few hundred things (kinds, namespaces,
/// labels, port names) a hundred thousand times. Safe to use from several threads.
/// </summary>
internal sealed class TextPool : JsonConverter<string>
{
    public static readonly TextPool Instance = new();

    /// <summary>A power of two. What falls on a slot replaces what was there.</summary>
    private const int Slots = 8192;

    /// <summary>In bytes; longer texts are rarely equal.</summary>
    private const int Longest = 96;

    private static readonly ConditionalWeakTable<JsonSerializerOptions, JsonSerializerOptions> Pooling = [];

    private readonly string?[] texts = new string?[Slots];

    private TextPool()
    {
    }

    /// <summary>The same options with this pool; the same instance for the same options, because each holds descriptions of all types.</summary>
    public static JsonSerializerOptions With(JsonSerializerOptions options) => Pooling.GetValue(options, static options =>
    {
        var pooling = new JsonSerializerOptions(options);
        pooling.Converters.Add(Instance);
        return pooling;
    });

    /// <summary>The text that the reader is at.</summary>
    public string Get(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > Longest)
        {
            return reader.GetString()!;
        }

        ref var slot = ref texts[Hash(reader.ValueSpan) & (Slots - 1)];
        return Volatile.Read(ref slot) is { } known && reader.ValueTextEquals(known) ? known : slot = reader.GetString()!;
    }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Get(ref reader) : throw new JsonException("A text was expected.");

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Get(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var item in bytes)
        {
            hash = (hash ^ item) * 16777619;
        }

        return hash ^ (hash >> 15);
    }
}
