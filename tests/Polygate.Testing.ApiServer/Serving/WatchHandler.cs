using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polygate.Testing.ApiServer.Faults;
using Polygate.Testing.ApiServer.Store;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>
/// Watches: events a line each, from a revision, from now, or with the state first (streaming list); bookmarks where the client
/// takes them; an end after <c>timeoutSeconds</c>.
/// </summary>
internal sealed class WatchHandler
{
    private readonly ObjectStore store;
    private readonly FaultSwitches faults;
    private readonly TimeSpan bookmarkInterval;

    public WatchHandler(ObjectStore store, FaultSwitches faults, TimeSpan bookmarkInterval)
    {
        this.store = store;
        this.faults = faults;
        this.bookmarkInterval = bookmarkInterval;
    }

    public async Task WatchAsync(HttpContext context, ResourceType type, RequestTarget target, Selector selector)
    {
        var query = context.Request.Query;
        var wantsBookmarks = query["allowWatchBookmarks"] == "true" || query["allowWatchBookmarks"] == "1";
        var wantsState = query["sendInitialEvents"] == "true" || query["sendInitialEvents"] == "1";
        CheckParameters(query, wantsState);
        var from = RequestedRevision.Parse((string?)query["resourceVersion"] ?? "");
        var seconds = int.TryParse(query["timeoutSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 1800;

        var stream = new EventStream(context, type, target.Version, selector);
        if (wantsState && faults.NoStreamingLists)
        {
            await stream.StartAsync();
            await stream.SendAsync("ERROR", new ApiException(
                500, "InternalError", "a watch stream was requested by the client but the required storage feature RequestWatchProgress is disabled").ToStatus().ToJsonString());
            return;
        }

        Watcher watcher;
        IReadOnlyCollection<StoredObject> state = [];
        long revision = from;
        try
        {
            // A list comes first where no revision is given, where any will do, and where the client asks for it.
            (watcher, revision, state) = from == 0 || wantsState ? store.WatchFromNow(type.Id) : (store.Watch(type.Id, from), from, []);
        }
        catch (ApiException expired) when (expired.Code == 410)
        {
            // The answer has begun as a success by then: the error is an event.
            await stream.StartAsync();
            await stream.SendAsync("ERROR", expired.ToStatus().ToJsonString());
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            await stream.StartAsync();
            foreach (var item in state.Where(selector.Matches))
            {
                await stream.SendAsync("ADDED", item);
            }

            if (wantsState && wantsBookmarks)
            {
                await stream.BookmarkAsync(revision, isEndOfState: true);
            }

            await FollowAsync(stream, watcher, revision, wantsBookmarks, deadline.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The time the client gave is over: a watch just ends.
        }
        finally
        {
            store.Forget(type.Id, watcher);
        }
    }

    private async Task FollowAsync(EventStream stream, Watcher watcher, long revision, bool wantsBookmarks, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(bookmarkInterval);
        var tick = wantsBookmarks ? timer.WaitForNextTickAsync(cancellation).AsTask() : Task.Delay(Timeout.Infinite, cancellation);
        var more = watcher.Events.WaitToReadAsync(cancellation).AsTask();
        while (true)
        {
            var first = await Task.WhenAny(more, tick);
            await first;
            await faults.Requests.PassAsync(cancellation);
            if (first == more)
            {
                if (!await more)
                {
                    return;
                }

                while (watcher.Events.TryRead(out var change))
                {
                    await faults.Requests.PassAsync(cancellation);
                    await stream.SendAsync(change);
                    revision = change.Object.ResourceVersion;
                }

                more = watcher.Events.WaitToReadAsync(cancellation).AsTask();
            }
            else
            {
                // Under the store's lock nothing is on its way: what was told up to this revision has been sent.
                var current = store.Atomically(() => watcher.Events.TryPeek(out _) ? revision : store.Revision);
                await stream.BookmarkAsync(revision = current, isEndOfState: false);
                tick = timer.WaitForNextTickAsync(cancellation).AsTask();
            }
        }
    }

    private static void CheckParameters(IQueryCollection query, bool wantsState)
    {
        var match = (string?)query["resourceVersionMatch"] ?? "";
        var problem = (query.ContainsKey("sendInitialEvents"), match) switch
        {
            (true, "") => "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            (true, not "NotOlderThan") => $"resourceVersionMatch: Unsupported value: \"{match}\": supported values: \"NotOlderThan\"",
            (false, not "") => "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ApiException(422, "Invalid", $"ListOptions.meta.k8s.io \"\" is invalid: {problem}", []);
        }
    }

    /// <summary>The answer's body.</summary>
    private sealed class EventStream
    {
        private readonly HttpContext context;
        private readonly ResourceType type;
        private readonly string version;
        private readonly Selector selector;

        public EventStream(HttpContext context, ResourceType type, string version, Selector selector)
        {
            this.context = context;
            this.type = type;
            this.version = version;
            this.selector = selector;
        }

        public async Task StartAsync()
        {
            context.Response.ContentType = "application/json";
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        /// <summary>Sends a change as the selector sees it: an object that begins to match is new, one that ceases to is gone.</summary>
        public async Task SendAsync(StoreEvent change)
        {
            var matches = change.Kind != EventKind.Deleted && selector.Matches(change.Object);
            var matched = change.Previous is not null && selector.Matches(change.Previous);
            var name = (matched, matches) switch
            {
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
                _ => null,
            };
            if (name == "DELETED" && change.Kind != EventKind.Deleted)
            {
                // The last state that matched, with the version of the change that ended it.
                var last = change.Previous!.Read();
                last["metadata"]!["resourceVersion"] = Answers.Revision(change.Object.ResourceVersion);
                await SendAsync(name, new StoredObject(last));
            }
            else if (name is not null)
            {
                await SendAsync(name, change.Object);
            }
        }

        public Task SendAsync(string name, StoredObject item) => SendAsync(name, Encoding.UTF8.GetString(Answers.Whole(type, version, item)));

        public Task BookmarkAsync(long revision, bool isEndOfState)
        {
            var metadata = new JsonObject { ["resourceVersion"] = Answers.Revision(revision), ["creationTimestamp"] = null };
            if (isEndOfState)
            {
                metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            }

            return SendAsync("BOOKMARK", new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion(version), ["metadata"] = metadata }.ToJsonString());
        }

        public async Task SendAsync(string name, string json)
        {
            var output = context.Response.BodyWriter;
            output.Write(Encoding.UTF8.GetBytes($"{{\"type\":\"{name}\",\"object\":{json}}}\n"));
            await output.FlushAsync(context.RequestAborted);
        }
    }
}
