using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>What a client sends.</summary>
internal static class RequestBody
{
    public static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        if (buffer.Length == 0)
        {
            return null;
        }

        var type = MediaType(context);
        if (type is "application/vnd.kubernetes.protobuf" or "application/cbor")
        {
            throw ApiException.UnsupportedMediaType("application/json, application/yaml");
        }

        try
        {
            return type is "application/yaml" or "application/apply-patch+yaml"
                ? Manifests.Parse(Encoding.UTF8.GetString(buffer.ToArray())) is [var first, ..] ? first : null
                : JsonNode.Parse(buffer.ToArray());
        }
        catch (Exception exception) when (exception is JsonException or YamlDotNet.Core.YamlException)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized: {exception.Message}");
        }
    }

    public static string MediaType(HttpContext context) => (context.Request.ContentType ?? "application/json").Split(';')[0].Trim();

    /// <summary>The object of a body, with kind and version checked and taken off.</summary>
    public static JsonObject Object(JsonNode? body, ResourceType type, string version)
    {
        if (body is not JsonObject content)
        {
            throw ApiException.BadRequest("Object 'Kind' is missing in the body");
        }

        var apiVersion = (string?)content["apiVersion"] ?? "";
        var kind = (string?)content["kind"] ?? "";
        if (apiVersion.Length > 0 && apiVersion != type.ApiVersion(version))
        {
            throw ApiException.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({type.ApiVersion(version)})");
        }

        if (kind.Length > 0 && kind != type.Kind)
        {
            throw ApiException.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {type.Kind}: no kind \"{kind}\" is registered for it");
        }

        if (type.IsCustom && (kind.Length == 0 || apiVersion.Length == 0))
        {
            throw ApiException.BadRequest($"error decoding: Object '{(kind.Length == 0 ? "Kind" : "apiVersion")}' is missing");
        }

        content.Remove("apiVersion");
        content.Remove("kind");
        return content;
    }
}
