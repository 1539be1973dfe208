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
    public static JsonArray ToJson(IEnumerable<Condition> conditions, Resource about)
    {
        var array = new JsonArray();
        foreach (var condition in conditions)
        {
            var json = new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = condition.Status ? "True" : "False",
            };
            if (about.Metadata.Generation is { } generation)
            {
                json["observedGeneration"] = generation;
            }

            json["reason"] = condition.Reason;
            json["message"] = condition.Message;
            array.Add((JsonNode)json);
        }

        return array;
    }
}
