using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Polygate.Kubernetes.Resources;

/// <summary>JSON as UTF-8, without a string on the way. From any thread.</summary>
public static class JsonText
{
    /// <summary>A text beyond that is rare, and its buffer is not kept.</summary>
    private const int Kept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>The text of a value.</summary>
    public static byte[] Of(JsonNode json) => Of(json, static (value, to) => value.WriteTo(to));

    /// <summary>The text of what is written.</summary>
    /// <param name="value">Handed on.</param>
    /// <param name="write">Writes one JSON value, and calls nothing that writes another.</param>
    public static byte[] Of<T>(T value, Action<T, Utf8JsonWriter> write)
    {
        buffer ??= new ArrayBufferWriter<byte>(1024);
        writer ??= new Utf8JsonWriter(buffer);
        try
        {
            write(value, writer);
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            if (buffer.Capacity > Kept)
            {
                (buffer, writer) = (null, null);
            }
            else
            {
                buffer.ResetWrittenCount();
                writer.Reset();
            }
        }
    }
}
