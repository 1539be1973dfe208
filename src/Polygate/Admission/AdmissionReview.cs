using System.Buffers;
using System.Text.Json;

namespace Polygate.Admission;

/// <summary>
/// What the API server asks about one object (<c>admission.k8s.io/v1</c>, AdmissionReview, <c>request</c>), as far as it matters here.
/// </summary>
/// <param name="Uid">Names the request; the answer repeats it.</param>
/// <param name="Operation"><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>CONNECT</c>.</param>
/// <param name="Namespace">The object's namespace; empty for cluster-scoped kinds.</param>
/// <param name="Object">The object as it is to be; null where there is none (<c>DELETE</c>).</param>
/// <param name="OldObject">The object as it was; null where there was none (<c>CREATE</c>).</param>
internal sealed record AdmissionRequest(string Uid, string Operation, string Namespace, JsonElement? Object, JsonElement? OldObject);

/// <summary>What is answered.</summary>
/// <param name="Refusal">Why the object is refused, for its user; null when it is admitted.</param>
/// <param name="Warnings">What its user should know.</param>
internal sealed record AdmissionAnswer(string? Refusal, IReadOnlyList<string> Warnings)
{
    /// <summary>Nothing to say.</summary>
    public static AdmissionAnswer Admitted { get; } = new(null, []);
}

/// <summary>Reads and writes AdmissionReviews.</summary>
internal static class AdmissionReview
{
    private const string Version = "admission.k8s.io/v1";

    /// <summary>Objects may nest 60 levels; the review around them adds two.</summary>
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Parses a review. What it returns looks into the document, which is to outlive it.</summary>
    /// <exception cref="FormatException">It is no JSON, or no review with a request; the message says what is wrong.</exception>
    public static (JsonDocument Document, AdmissionRequest Request) Parse(ReadOnlyMemory<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            throw new FormatException("The body is not JSON, names a field twice, or nests more than 64 levels.");
        }

        try
        {
            return (document, RequestOf(document.RootElement));
        }
        catch (Exception exception)
        {
            document.Dispose();
            throw exception is InvalidOperationException ? new FormatException("A string is not well-formed Unicode.") : exception;
        }
    }

    /// <summary>The review that answers a request.</summary>
    public static ReadOnlyMemory<byte> Write(string uid, AdmissionAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", Version);
            json.WriteString("kind", "AdmissionReview");
            json.WriteStartObject("response");
            json.WriteString("uid", uid);
            json.WriteBoolean("allowed", answer.Refusal is null);
            if (answer.Refusal is { } refusal)
            {
                json.WriteStartObject("status");
                json.WriteNumber("code", 422);
                json.WriteString("reason", "Invalid");
                json.WriteString("message", refusal);
                json.WriteEndObject();
            }

            if (answer.Warnings.Count > 0)
            {
                json.WriteStartArray("warnings");
                foreach (var warning in answer.Warnings)
                {
                    json.WriteStringValue(warning);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static AdmissionRequest RequestOf(JsonElement root)
    {
        if (Text(root, "kind") != "AdmissionReview" || Text(root, "apiVersion") != Version)
        {
            throw new FormatException($"The body is no AdmissionReview of {Version}.");
        }

        if (!root.TryGetProperty("request", out var request) || Text(request, "uid") is not { Length: > 0 } uid)
        {
            throw new FormatException("The AdmissionReview has no request with a uid.");
        }

        var operation = Text(request, "operation");
        var (current, old) = (Object(request, "object"), Object(request, "oldObject"));
        return operation switch
        {
            "CREATE" or "UPDATE" when current is null => throw new FormatException($"The request has no object to {operation}."),
            "CREATE" or "UPDATE" or "DELETE" or "CONNECT" => new AdmissionRequest(uid, operation, Text(request, "namespace"), current, old),
            _ => throw new FormatException("The request names no operation that is known."),
        };
    }

    private static JsonElement? Object(JsonElement request, string name) =>
        request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
