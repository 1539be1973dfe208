using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Polygate.Testing.ApiServer.Access;
using Polygate.Testing.ApiServer.Faults;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>A request from its arrival to its answer: faults, who asks, what may be asked, and who answers it.</summary>
internal sealed class ApiHandler
{
    private readonly TypeRegistry types;
    private readonly FaultSwitches faults;
    private readonly Tokens tokens;
    private readonly Authorizer authorizer;
    private readonly Discovery discovery;
    private readonly ListHandler lists;
    private readonly WatchHandler watches;
    private readonly WriteHandler writes;
    private readonly ObjectStore store;
    private readonly ConcurrentQueue<ApiCall> calls;

    public ApiHandler(
        ObjectStore store,
        TypeRegistry types,
        ControlPlane control,
        FaultSwitches faults,
        Tokens tokens,
        TimeSpan bookmarkInterval,
        ConcurrentQueue<ApiCall> calls)
    {
        this.store = store;
        this.types = types;
        this.faults = faults;
        this.tokens = tokens;
        this.calls = calls;
        authorizer = new Authorizer(store);
        discovery = new Discovery(types);
        lists = new ListHandler(store);
        watches = new WatchHandler(store, faults, bookmarkInterval);
        writes = new WriteHandler(store, control, authorizer, tokens);
    }

    public async Task HandleAsync(HttpContext context)
    {
        var user = User.Anonymous;
        try
        {
            await FailAsync(context);
            user = tokens.Authenticate((string?)context.Request.Headers.Authorization ?? "") ?? throw ApiException.Unauthorized();
            await AnswerAsync(context, user);
        }
        catch (ApiException refusal) when (!context.Response.HasStarted)
        {
            await Answers.RefuseAsync(context, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            await Answers.RefuseAsync(context, new ApiException(500, "InternalError", $"Internal error occurred: {fault}"));
        }
        finally
        {
            calls.Enqueue(new ApiCall(
                context.Request.Method, context.Request.Path + context.Request.QueryString, user.Name, context.Request.Headers.UserAgent.ToString(),
                context.Response.StatusCode, DateTimeOffset.UtcNow));
        }
    }

    private async Task FailAsync(HttpContext context)
    {
        if (faults.Delay > TimeSpan.Zero)
        {
            await Task.Delay(faults.Delay, context.RequestAborted);
        }

        await faults.Requests.PassAsync(context.RequestAborted);
        faults.Before?.Invoke(context.Request.Path + context.Request.QueryString);
        if (!faults.IsRefused(context.Request.Method, context.Request.Path) || faults.Current is not { } refusal)
        {
            return;
        }

        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        throw refusal.Code switch
        {
            429 => new ApiException(429, "TooManyRequests", refusal.Message ?? "Too many requests, please try again later."),
            503 => new ApiException(503, "ServiceUnavailable", refusal.Message ?? "apiserver is shutting down"),
            _ => new ApiException(refusal.Code, "InternalError", refusal.Message ?? "Internal error occurred: a fault was asked for"),
        };
    }

    private async Task AnswerAsync(HttpContext context, User user)
    {
        var path = context.Request.Path.Value ?? "/";
        if (RequestTarget.Parse(path) is not { } target)
        {
            await AnswerAboveResourcesAsync(context, user, path);
            return;
        }

        if (!types.HasVersion(target.Group, target.Version) && user.IsAuthenticated)
        {
            await Answers.TextAsync(context, 404, "404 page not found\n");
            return;
        }

        var type = types.Find(target.Group, target.Version, target.Plural);
        var verb = VerbOf(context, target);
        Authorize(user, verb, type, target);
        if (type is null || (target.Namespace.Length > 0 && !type.Namespaced))
        {
            throw ApiException.UnknownResource();
        }

        var selector = Selector.Parse(
            type, target.Namespace, (string?)context.Request.Query["labelSelector"] ?? "", (string?)context.Request.Query["fieldSelector"] ?? "");
        switch (verb)
        {
            case "get":
                CheckSubresource(type, target);
                var found = store.Find(type.Id, target.Namespace, target.Name) ?? throw ApiException.NotFound(type, target.Name);
                await Answers.ObjectAsync(context, 200, type, target.Version, found);
                break;
            case "list" or "watch" when type.IsVirtual:
                throw ApiException.MethodNotAllowed();
            case "list":
                await lists.ListAsync(context, type, target, selector);
                break;
            case "watch":
                await watches.WatchAsync(context, type, target, selector);
                break;
            default:
                CheckSubresource(type, target);
                await writes.HandleAsync(context, type, target, verb, user, selector);
                break;
        }
    }

    private async Task AnswerAboveResourcesAsync(HttpContext context, User user, string path)
    {
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            await Answers.TextAsync(context, 200, "ok");
            return;
        }

        if (path == "/version")
        {
            await Answers.JsonAsync(context, 200, Discovery.Version());
            return;
        }

        if (!user.IsAuthenticated)
        {
            throw new ApiException(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot get path \"{path}\"", []);
        }

        var accepted = context.Request.Headers.Accept.ToString().Split(',').Select(one => one.Trim().Replace(" ", "", StringComparison.Ordinal));
        var isAggregated = accepted.Contains(Discovery.AggregatedType) && path.Trim('/') is "api" or "apis";
        if (discovery.Find(path, isAggregated) is { } document)
        {
            await Answers.JsonAsync(context, 200, document, isAggregated ? Discovery.AggregatedType : "application/json");
        }
        else
        {
            await Answers.TextAsync(context, 404, "404 page not found\n");
        }
    }

    private void Authorize(User user, string verb, ResourceType? type, RequestTarget target)
    {
        var resource = target.Subresource.Length == 0 ? target.Plural : $"{target.Plural}/{target.Subresource}";
        if (authorizer.Allows(user, new Attributes(verb, target.Group, resource, target.Namespace, target.Name)))
        {
            return;
        }

        var scope = target.Namespace.Length > 0 ? $"in the namespace \"{target.Namespace}\"" : "at the cluster scope";
        var shape = type ?? new ResourceType { Group = target.Group, Plural = target.Plural, Kind = "", Versions = [] };
        throw ApiException.Forbidden(
            shape, target.Name, $"User \"{user.Name}\" cannot {verb} resource \"{resource}\" in API group \"{target.Group}\" {scope}");
    }

    private static void CheckSubresource(ResourceType type, RequestTarget target)
    {
        if (target.Subresource.Length > 0
            && !(target.Subresource == "status" && type.HasStatus(target.Version))
            && !type.Subresources.Contains(target.Subresource))
        {
            throw ApiException.UnknownResource();
        }
    }

    private static string VerbOf(HttpContext context, RequestTarget target) => (context.Request.Method, target.Name.Length > 0) switch
    {
        ("GET", _) when context.Request.Query["watch"] == "true" || context.Request.Query["watch"] == "1" => "watch",
        ("GET", true) => "get",
        ("GET", false) => "list",
        ("POST", _) => "create",
        ("PUT", true) => "update",
        ("PATCH", true) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => throw ApiException.MethodNotAllowed(),
    };
}
