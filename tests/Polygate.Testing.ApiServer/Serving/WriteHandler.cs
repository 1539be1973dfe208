using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polygate.Testing.ApiServer.Access;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;
using Polygate.Testing.ApiServer.Writing;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>POST, PUT, PATCH and DELETE.</summary>
internal sealed class WriteHandler
{
    private readonly ObjectStore store;
    private readonly ControlPlane control;
    private readonly Authorizer authorizer;
    private readonly Tokens tokens;

    public WriteHandler(ObjectStore store, ControlPlane control, Authorizer authorizer, Tokens tokens)
    {
        this.store = store;
        this.control = control;
        this.authorizer = authorizer;
        this.tokens = tokens;
    }

    public async Task HandleAsync(HttpContext context, ResourceType type, RequestTarget target, string verb, User user, Selector selector)
    {
        var body = await RequestBody.ReadAsync(context);
        var query = context.Request.Query;
        var options = new WriteOptions(
            (string?)query["fieldManager"] is { Length: > 0 } manager ? manager : AgentName(context),
            target.Subresource,
            DryRun: query["dryRun"] == "All",
            Force: query["force"] == "true");
        switch (verb)
        {
            case "create":
                await CreateAsync(context, type, target, body, user, options);
                break;
            case "update":
                await UpdateAsync(context, type, target, body, options);
                break;
            case "patch":
                await PatchAsync(context, type, target, body, options);
                break;
            case "delete":
                await DeleteAsync(context, type, target, body, options);
                break;
            default:
                await DeleteAllAsync(context, type, target, selector, options);
                break;
        }
    }

    private async Task CreateAsync(HttpContext context, ResourceType type, RequestTarget target, JsonNode? body, User user, WriteOptions options)
    {
        if (target.Subresource == "token")
        {
            await IssueTokenAsync(context, type, target, body);
            return;
        }

        if (target.Name.Length > 0)
        {
            throw ApiException.MethodNotAllowed();
        }

        var content = RequestBody.Object(body, type, target.Version);
        if (type.IsVirtual)
        {
            await Answers.JsonAsync(context, 201, Review(content, user));
            return;
        }

        var created = control.Create(type, target.Version, target.Namespace, content, options);
        await Answers.ObjectAsync(context, 201, type, target.Version, created);
    }

    private async Task UpdateAsync(HttpContext context, ResourceType type, RequestTarget target, JsonNode? body, WriteOptions options)
    {
        var content = RequestBody.Object(body, type, target.Version);
        if (type.CreatesOnUpdate && target.Subresource.Length == 0 && store.Find(type.Id, target.Namespace, target.Name) is null)
        {
            await Answers.ObjectAsync(context, 201, type, target.Version, control.Create(type, target.Version, target.Namespace, content, options));
            return;
        }

        var updated = control.Update(type, target.Version, target.Namespace, target.Name, _ => content, options, mustNameVersion: true);
        await Answers.ObjectAsync(context, 200, type, target.Version, updated);
    }

    private async Task PatchAsync(HttpContext context, ResourceType type, RequestTarget target, JsonNode? body, WriteOptions options)
    {
        var mediaType = RequestBody.MediaType(context);
        if (mediaType == "application/apply-patch+yaml")
        {
            if (!context.Request.Query.ContainsKey("fieldManager"))
            {
                throw new ApiException(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch", []);
            }

            var (applied, isNew) = control.Apply(
                type, target.Version, target.Namespace, target.Name, RequestBody.Object(body, type, target.Version), options);
            await Answers.ObjectAsync(context, isNew ? 201 : 200, type, target.Version, applied);
            return;
        }

        var change = PatchOf(mediaType, type, target, body);
        var patched = control.Update(type, target.Version, target.Namespace, target.Name, change, options);
        await Answers.ObjectAsync(context, 200, type, target.Version, patched);
    }

    private static Func<JsonObject, JsonObject> PatchOf(string mediaType, ResourceType type, RequestTarget target, JsonNode? body)
    {
        switch (mediaType, body)
        {
            case ("application/merge-patch+json", JsonObject patch):
                return current =>
                {
                    JsonPatches.Merge(current, patch);
                    return WithoutType(current);
                };
            case ("application/json-patch+json", JsonArray operations):
                return current => WithoutType(JsonPatches.Apply(current, operations));
            case ("application/strategic-merge-patch+json", JsonObject patch) when !type.IsCustom:
                return current =>
                {
                    StrategicMergePatch.Apply(current, patch, ListShapes.Of(type, target.Version));
                    return WithoutType(current);
                };
            case ("application/merge-patch+json" or "application/json-patch+json", _):
                throw ApiException.BadRequest("error decoding patch: not of the patch's type");
            default:
                throw ApiException.UnsupportedMediaType(type.IsCustom
                    ? "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
                    : "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
        }
    }

    private async Task DeleteAsync(HttpContext context, ResourceType type, RequestTarget target, JsonNode? body, WriteOptions options)
    {
        var (deleted, isGone) = control.Delete(type, target.Namespace, target.Name, body?["preconditions"] as JsonObject, options.DryRun);
        if (!isGone || type.ReturnsDeletedObject)
        {
            await Answers.ObjectAsync(context, 200, type, target.Version, deleted);
            return;
        }

        var details = new JsonObject { ["name"] = deleted.Name };
        if (type.Group.Length > 0)
        {
            details["group"] = type.Group;
        }

        details["kind"] = type.Plural;
        details["uid"] = deleted.Read()["metadata"]!["uid"]!.DeepClone();
        await Answers.JsonAsync(context, 200, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        });
    }

    private async Task DeleteAllAsync(HttpContext context, ResourceType type, RequestTarget target, Selector selector, WriteOptions options)
    {
        var (revision, objects) = store.Snapshot(type.Id);
        var items = new JsonArray();
        foreach (var item in objects.Where(selector.Matches))
        {
            items.Add(control.Delete(type, item.Namespace, item.Name, preconditions: null, options.DryRun).Object.Read());
        }

        await Answers.JsonAsync(context, 200, new JsonObject
        {
            ["kind"] = type.ListKind,
            ["apiVersion"] = type.ApiVersion(target.Version),
            ["metadata"] = new JsonObject { ["resourceVersion"] = Answers.Revision(revision) },
            ["items"] = items,
        });
    }

    private async Task IssueTokenAsync(HttpContext context, ResourceType type, RequestTarget target, JsonNode? body)
    {
        if (store.Find(type.Id, target.Namespace, target.Name) is null)
        {
            throw ApiException.NotFound(type, target.Name);
        }

        await Answers.JsonAsync(context, 201, new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = target.Name, ["namespace"] = target.Namespace },
            ["spec"] = body?["spec"]?.DeepClone(),
            ["status"] = new JsonObject
            {
                ["token"] = tokens.Issue(User.ServiceAccount(target.Namespace, target.Name)),
                ["expirationTimestamp"] = Timestamps.Seconds(DateTimeOffset.UtcNow.AddHours(1)),
            },
        });
    }

    private JsonObject Review(JsonObject review, User user)
    {
        var asked = review["spec"]?["resourceAttributes"] as JsonObject ?? [];
        var resource = (string?)asked["resource"] ?? "";
        var attributes = new Attributes(
            (string?)asked["verb"] ?? "",
            (string?)asked["group"] ?? "",
            (string?)asked["subresource"] is { Length: > 0 } sub ? $"{resource}/{sub}" : resource,
            (string?)asked["namespace"] ?? "",
            (string?)asked["name"] ?? "");
        return new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject { ["creationTimestamp"] = null },
            ["spec"] = review["spec"]?.DeepClone(),
            ["status"] = new JsonObject { ["allowed"] = authorizer.Allows(user, attributes) },
        };
    }

    private static JsonObject WithoutType(JsonObject content)
    {
        content.Remove("apiVersion");
        content.Remove("kind");
        return content;
    }

    /// <summary>The manager of a client that does not name one: its user agent up to the first slash.</summary>
    private static string AgentName(HttpContext context)
    {
        var name = context.Request.Headers.UserAgent.ToString().Split('/')[0];
        return name.Length == 0 ? "unknown" : name;
    }
}
