using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>Lists, whole or in chunks that are consistent with each other (<c>limit</c> and <c>continue</c>).</summary>
internal sealed class ListHandler
{
    private readonly ObjectStore store;

    public ListHandler(ObjectStore store)
    {
        this.store = store;
    }

    public async Task ListAsync(HttpContext context, ResourceType type, RequestTarget target, Selector selector)
    {
        var query = context.Request.Query;
        var limit = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
        var (revision, after) = Start(query);
        var (at, objects) = store.Snapshot(type.Id, revision);
        var matching = objects.Where(candidate => string.CompareOrdinal(candidate.Key, after) > 0 && selector.Matches(candidate)).ToList();
        var page = limit > 0 && matching.Count > limit ? matching[..limit] : matching;

        var metadata = new JsonObject { ["resourceVersion"] = Answers.Revision(at) };
        if (page.Count < matching.Count)
        {
            metadata["continue"] = Encode(at, page[^1].Key);
            if (!selector.Narrows)
            {
                metadata["remainingItemCount"] = matching.Count - page.Count;
            }
        }

        await WriteAsync(context, type, target.Version, metadata, page);
    }

    private static async Task WriteAsync(HttpContext context, ResourceType type, string version, JsonObject metadata, List<StoredObject> page)
    {
        context.Response.ContentType = "application/json";
        var output = context.Response.BodyWriter;
        var listKind = type.ListKind.Length > 0 ? type.ListKind : type.Kind + "List";
        Write($"{{\"kind\":\"{listKind}\",\"apiVersion\":\"{type.ApiVersion(version)}\",\"metadata\":{metadata.ToJsonString()},\"items\":[");
        for (var i = 0; i < page.Count; i++)
        {
            Write(i == 0 ? "" : ",");
            output.Write(Answers.Item(type, version, page[i]).Span);
            if (output.CanGetUnflushedBytes && output.UnflushedBytes > 1 << 16)
            {
                await output.FlushAsync(context.RequestAborted);
            }
        }

        Write("]}");
        await output.FlushAsync(context.RequestAborted);

        void Write(string text) => output.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The revision to list at (zero for the latest) and the key to go on after.</summary>
    private (long Revision, string After) Start(IQueryCollection query)
    {
        if ((string?)query["continue"] is { Length: > 0 } token)
        {
            return Decode(token);
        }

        var match = (string?)query["resourceVersionMatch"] ?? "";
        var version = (string?)query["resourceVersion"] ?? "";
        if (match.Length > 0 && version.Length == 0)
        {
            throw ApiException.BadRequest("resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        var wanted = RequestedRevision.Parse(version);
        if (wanted > store.Revision)
        {
            throw new ApiException(504, "Timeout", $"Too large resource version: {wanted}, current: {store.Revision}", new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
                ["retryAfterSeconds"] = 1,
            });
        }

        return (match == "Exact" ? wanted : 0, "");
    }

    private static string Encode(long revision, string key) =>
        Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = key }));

    private static (long Revision, string After) Decode(string token)
    {
        try
        {
            var content = JsonNode.Parse(Convert.FromBase64String(token))!;
            return (content["rv"]!.GetValue<long>(), (string)content["start"]!);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or NullReferenceException or InvalidOperationException)
        {
            throw ApiException.BadRequest($"continue key is not valid: {exception.Message}");
        }
    }
}
