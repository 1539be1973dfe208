using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Admission;
using Polygate.Testing.ApiServer;

namespace Polygate.Tests.Admission;

/// <summary>Reviews as an API server sends them.</summary>
internal static class Reviews
{
    public const string Uid = "705ab4f5-6393-11e8-b7cc-42010a800002";

    /// <summary>The review of an object that is written in YAML.</summary>
    public static JsonObject Of(JsonObject json, string operation = "CREATE", JsonObject? old = null) => new()
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["request"] = new JsonObject
        {
            ["uid"] = Uid,
            ["operation"] = operation,
            ["namespace"] = (string?)json["metadata"]?["namespace"] ?? "shop",
            ["object"] = operation == "DELETE" ? null : json,
            ["oldObject"] = old,
        },
    };

    /// <summary>The review of an object that is written in YAML.</summary>
    public static JsonObject Of(string yaml, string operation = "CREATE", string? old = null) =>
        Of(Manifests.Parse(yaml).Single(), operation, old is null ? null : Manifests.Parse(old).Single());

    /// <summary>What is said about an object.</summary>
    public static AdmissionAnswer Judge(this ObjectJudge judge, JsonObject review)
    {
        var (document, request) = AdmissionReview.Parse(JsonSerializer.SerializeToUtf8Bytes(review));
        using (document)
        {
            return judge.Judge(request);
        }
    }
}
