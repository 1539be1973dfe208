using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.GatewayApi.Status;

/// <summary>A condition of a status. When it last changed is for the status writer to say.</summary>
internal readonly record struct Condition(string Type, bool Status, string Reason, string Message)
{
    /// <summary>False with a problem's reason, else true with the reason given.</summary>
    public static Condition Of(string type, string trueReason, string trueMessage, Problem? problem) => problem is null
        ? new Condition(type, true, trueReason, trueMessage)
        : new Condition(type, false, problem.Reason, problem.Message);

    /// <summary>The conditions of an object as JSON.</summary>
    /// <param name="conditions">One of a type.</param>
    /// <param name="about">The object whose generation they describe.</param>
    public static JsonArray ToJson(IEnumerable<Condition> conditions, Resource about) => (JsonArray)JsonNode.Parse(JsonText.Of(
        (Conditions: conditions.ToList(), About: about), static (all, writer) => Write(CollectionsMarshal.AsSpan(all.Conditions), all.About, writer)))!;

    /// <summary>Writes the conditions of an object.</summary>
    /// <param name="conditions">One of a type.</param>
    /// <param name="about">The object whose generation they describe.</param>
    /// <param name="writer">Receives one array.</param>
    public static void Write(ReadOnlySpan<Condition> conditions, Resource about, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var condition in conditions)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, condition.Type);
            writer.WriteString("status"u8, condition.Status ? "True"u8 : "False"u8);
            if (about.Metadata.Generation is { } generation)
            {
                writer.WriteNumber("observedGeneration"u8, generation);
            }

            writer.WriteString("reason"u8, condition.Reason);
            writer.WriteString("message"u8, condition.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
