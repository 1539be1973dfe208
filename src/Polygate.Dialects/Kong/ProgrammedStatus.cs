using System.Text.Json.Nodes;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>
/// The status of Kong's kinds: the condition <c>Programmed</c>, true with the reason <c>Programmed</c> or false with <c>Invalid</c>. Only
/// errors of the object itself count, and that its kind has no effect here.
/// </summary>
internal static class ProgrammedStatus
{
    public static JsonObject Of(Resource root, TranslationContext context)
    {
        var problem = context.Diagnostics.FirstOrDefault(diagnostic =>
            (diagnostic.Severity == DiagnosticSeverity.Error || diagnostic.Code == "unsupported-kind") && diagnostic.Origin == context.Origin(diagnostic.Origin.Field));
        var condition = new JsonObject
        {
            ["type"] = "Programmed",
            ["status"] = problem is null ? "True" : "False",
            ["reason"] = problem is null ? "Programmed" : "Invalid",
            ["message"] = problem?.Message ?? "The object is in effect.",
        };
        if (root.Metadata.Generation is { } generation)
        {
            condition["observedGeneration"] = generation;
        }

        return new JsonObject { ["conditions"] = new JsonArray((JsonNode)condition) };
    }
}
