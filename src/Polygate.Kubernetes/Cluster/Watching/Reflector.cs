using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>Which objects a reflector keeps.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="ApiVersion">The version to ask for.</param>
/// <param name="Plural">The resource's name in URLs.</param>
/// <param name="Namespace">Empty for all namespaces and for cluster-scoped kinds.</param>
internal sealed record ReflectorScope(WatchedKind Kind, string ApiVersion, string Plural, string Namespace)
{
    public override string ToString() => Namespace.Length == 0 ? Kind.Type.ToString() : $"{Kind.Type} in {Namespace}";
}

/// <summary>
/// Keeps a cache in step with one collection of the API server: lists it (as a stream, where the server offers that), then watches from the
/// version listed, and goes on from the last version after a break. When that version is no longer kept, everything is
/// listed again and compared with what is known; until then nothing that is served changes.
/// </summary>
internal sealed class Reflector : IDisposable
{
    /// <summary>A watch that ended sooner was not worth opening at once again.</summary>
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    /// <summary>When a collection is asked for again that may not be read.</summary>
    private static readonly TimeSpan ForbiddenWait = TimeSpan.FromSeconds(30);

    private readonly ApiClient api;
    private readonly ReflectorScope scope;
    private readonly TimeProvider time;
    private readonly Action<ReflectorEvent> report;
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BodyBuffer buffer = new();
    private CancellationTokenSource relist = new();
    private bool canStreamLists = true;
    private string version = "";

    /// <param name="api">The server.</param>
    /// <param name="scope">What is watched.</param>
    /// <param name="cache">What it fills.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">Hears of what goes wrong, and of getting over it.</param>
    public Reflector(ApiClient api, ReflectorScope scope, ObjectCache cache, TimeProvider time, Action<ReflectorEvent> report)
    {
        this.api = api;
        this.scope = scope;
        this.time = time;
        this.report = report;
        Cache = cache;
    }

    public ReflectorScope Scope => scope;

    public ObjectCache Cache { get; }

    /// <summary>Completes when everything was listed once, or may not be.</summary>
    public Task Synced => synced.Task;

    /// <summary>Whether everything was listed once.</summary>
    public bool IsListed { get; private set; }

    /// <summary>Has everything listed again, because what is of interest changed.</summary>
    public void Relist() => Interlocked.Exchange(ref relist, new CancellationTokenSource()).Cancel();

    public void Dispose() => relist.Dispose();

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var backoff = new Backoff(time);
        while (!cancellation.IsCancellationRequested)
        {
            var again = relist;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, again.Token);
            TimeSpan? wait = null;
            var isAnswered = true;
            try
            {
                var started = time.GetTimestamp();
                await FollowAsync(backoff, either.Token).ConfigureAwait(false);
                if (time.GetElapsedTime(started) >= ShortWatch)
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                version = "";
                continue;
            }
            catch (ApiException exception)
            {
                wait = Handle(exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException or JsonException)
            {
                isAnswered = false;
                report(new ReflectorEvent(this, exception.Message));
            }

            try
            {
                await backoff.WaitAsync(isAnswered, wait, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                version = cancellation.IsCancellationRequested ? version : "";
            }
        }
    }

    private TimeSpan? Handle(ApiException exception)
    {
        if (exception.IsExpired)
        {
            version = "";
            return null;
        }

        report(new ReflectorEvent(this, exception.Message) { Status = exception.Status, IsUnready = exception.IsUnready });
        if (exception.IsForbidden || exception.IsNotFound)
        {
            // Nothing to wait for: what may not be read, or is not there, holds up nothing else.
            synced.TrySetResult();
            return ForbiddenWait < exception.RetryAfter ? exception.RetryAfter : exception.IsForbidden ? ForbiddenWait : exception.RetryAfter;
        }

        return exception.RetryAfter;
    }

    /// <summary>Lists if need be, then watches until the server ends it.</summary>
    private async Task FollowAsync(Backoff backoff, CancellationToken cancellation)
    {
        if (version.Length == 0 && !canStreamLists)
        {
            await ListAsync(cancellation).ConfigureAwait(false);
            backoff.Reset();
        }

        var isListing = version.Length == 0;
        try
        {
            using var response = await api.SendAsync(HttpMethod.Get, WatchPath(isListing), null, headers => Prepare(headers, "PartialObjectMetadata"), cancellation).ConfigureAwait(false);
            await ReadAsync(response, isListing ? [] : null, backoff, cancellation).ConfigureAwait(false);
        }
        catch (ApiException exception) when (isListing && version.Length == 0 && IsRefusalToStream(exception))
        {
            canStreamLists = false;
            await FollowAsync(backoff, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Servers before 1.32, and those where the feature is off, refuse the parameters; those whose storage cannot do it
    /// (etcd before 3.4.25) open the watch and then fail.
    /// </summary>
    private static bool IsRefusalToStream(ApiException exception) =>
        exception.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.InternalServerError;

    /// <param name="response">The watch.</param>
    /// <param name="list">Collects the objects that a streamed list begins with; null when there is none.</param>
    /// <param name="backoff">Starts over with the first line.</param>
    /// <param name="cancellation">Ends it.</param>
    private async Task ReadAsync(HttpResponseMessage response, List<StagedObject>? list, Backoff backoff, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var timer = new IdleTimer(api.Settings.WatchIdleTimeout, cancellation);
        buffer.Clear();
        if (list is null)
        {
            report(new ReflectorEvent(this, null));
        }

        while (await MoreAsync(stream, timer, isListing: list is not null).ConfigureAwait(false))
        {
            while (buffer.TryTakeLine(out var line))
            {
                if (line.Length > 0)
                {
                    list = Take(line.Span, list);
                    backoff.Reset();
                }
            }
        }
    }

    /// <summary>
    /// Reads more; false at the end, and when nothing came for long. Of a kind that nobody writes to a server may have nothing to tell, not even a bookmark (which it
    /// sends only of a collection that changed since it started). That the connection works is seen otherwise; opening the watch again from where it is
    /// is merely to be safe.
    /// </summary>
    private async ValueTask<bool> MoreAsync(Stream stream, IdleTimer timer, bool isListing)
    {
        try
        {
            return await buffer.ReadAsync(stream, timer).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!isListing)
        {
            return false;
        }
    }

    /// <summary>Takes in a line; returns the list that is still being collected.</summary>
    private List<StagedObject>? Take(ReadOnlySpan<byte> line, List<StagedObject>? list)
    {
        var change = WatchEvent.Read(line);
        var json = line[change.Object];
        switch (change.Kind)
        {
            case WatchEventKind.Error:
                throw Error(json);
            case WatchEventKind.Bookmark:
                return Bookmark(json, list);
            case WatchEventKind.Set when list is not null:
                list.Add(Cache.Stage(scope.ApiVersion, json));
                return list;
            case WatchEventKind.Set:
                Cache.Set(scope.ApiVersion, json);
                break;
            case WatchEventKind.Removed:
                Remove(json, list);
                break;
        }

        if (list is null)
        {
            version = ObjectScan.Of(json, withStatus: false).Version;
        }

        return list;
    }

    private void Remove(ReadOnlySpan<byte> json, List<StagedObject>? list)
    {
        var gone = ObjectScan.Of(json, withStatus: false);
        if (list is null)
        {
            Cache.Remove(gone.Namespace, gone.Name);
        }
        else
        {
            list.RemoveAll(staged => staged.Key == (gone.Namespace, gone.Name));
        }
    }

    private List<StagedObject>? Bookmark(ReadOnlySpan<byte> json, List<StagedObject>? list)
    {
        var bookmark = ObjectScan.Of(json, withStatus: false);
        if (list is null)
        {
            version = bookmark.Version;
            return null;
        }

        if (json.IndexOf("k8s.io/initial-events-end"u8) < 0)
        {
            return list;
        }

        Listed(list, bookmark.Version);
        return null;
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        var list = new List<StagedObject>();
        var listed = await ListPages.ReadAsync(
            api, Collection, Selectors, headers => Prepare(headers, "PartialObjectMetadataList"), buffer, json => list.Add(Cache.Stage(scope.ApiVersion, json.Span)), cancellation).ConfigureAwait(false);
        Listed(list, listed);
    }

    private void Listed(List<StagedObject> list, string listedVersion)
    {
        Cache.Replace(list);
        version = listedVersion;
        IsListed = true;
        synced.TrySetResult();
        report(new ReflectorEvent(this, null) { Listed = list.Count });
    }

    private void Prepare(HttpRequestHeaders headers, string form)
    {
        if (scope.Kind.MetadataOnly)
        {
            headers.Accept.Clear();
            headers.TryAddWithoutValidation("Accept", $"application/json;as={form};g=meta.k8s.io;v=v1");
        }
    }

    private string WatchPath(bool isListing)
    {
        // The server ends watches now and then, so that they spread over its replicas; each at another time.
        var seconds = Random.Shared.Next(300, 600).ToString(CultureInfo.InvariantCulture);
        var path = $"{Collection}?watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}{Selectors}";
        return isListing
            ? path + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
            : $"{path}&resourceVersion={Uri.EscapeDataString(version)}";
    }

    private string Collection => ApiPath.Collection(scope.Kind.Type.Group, scope.ApiVersion, scope.Plural, scope.Namespace);

    private string Selectors =>
        (scope.Kind.FieldSelector.Length == 0 ? "" : "&fieldSelector=" + Uri.EscapeDataString(scope.Kind.FieldSelector))
        + (scope.Kind.LabelSelector.Length == 0 ? "" : "&labelSelector=" + Uri.EscapeDataString(scope.Kind.LabelSelector));

    private static ApiException Error(ReadOnlySpan<byte> json)
    {
        var status = JsonSerializer.Deserialize(json, CoreJson.Default.ApiStatus);
        return new ApiException((HttpStatusCode)(status?.Code ?? 500), status?.Reason ?? "", status?.Message ?? "The watch failed.");
    }
}

/// <summary>How a reflector fares.</summary>
/// <param name="Reflector">Which.</param>
/// <param name="Problem">What went wrong; null when it works (again).</param>
internal sealed record ReflectorEvent(Reflector Reflector, string? Problem)
{
    /// <summary>The server's answer, where there was one.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>Whether it is this kind alone that the server does not serve yet.</summary>
    public bool IsUnready { get; init; }

    /// <summary>How many objects were listed; null when this is not about a list.</summary>
    public int? Listed { get; init; }
}
