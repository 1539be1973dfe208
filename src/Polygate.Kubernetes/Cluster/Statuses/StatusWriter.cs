using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Leadership;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>
/// Writes the statuses that objects should have: by the leader alone, where they differ from what stands there, a limited number a second (more
/// while the server answers quickly: a large cluster's first statuses are many) and one object at most twice a second. A write names the version that it is based on, and is done over when another was first.
/// </summary>
public sealed class StatusWriter
{
    private const int Workers = 4;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(500);

    /// <summary>Less than what lies between the end of a term for its leader and for the others.</summary>
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(4);

    private static readonly byte[] NoMembers = "{}"u8.ToArray();

    private readonly ApiClient api;
    private readonly ClusterSource source;
    private readonly Dictionary<(string Group, string Kind), WrittenStatus> kinds;
    private readonly StatusIdentity identity;
    private readonly ILeadership leadership;
    private readonly Action<DiagnosticSeverity, string> report;
    private readonly TimeProvider time;
    private readonly KeyQueue queue;
    private readonly RateLimit limit;
    private readonly ConcurrentDictionary<ResourceKey, StatusWish> wishes = new();
    private readonly ConcurrentDictionary<ResourceKey, WriteState> states = new();
    private readonly ConcurrentDictionary<string, bool> refused = new();
    private long writes;

    /// <param name="api">The server.</param>
    /// <param name="source">Where statuses as they stand are known.</param>
    /// <param name="kinds">Whose statuses are written.</param>
    /// <param name="identity">Who writes.</param>
    /// <param name="leadership">Who may.</param>
    /// <param name="report">Hears what cannot be written.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public StatusWriter(
        ApiClient api,
        ClusterSource source,
        IEnumerable<WrittenStatus> kinds,
        StatusIdentity identity,
        ILeadership leadership,
        Action<DiagnosticSeverity, string> report,
        TimeProvider? time = null)
    {
        this.api = api;
        this.source = source;
        this.kinds = kinds.ToDictionary(written => (written.Type.Group, written.Type.Kind));
        this.identity = identity;
        this.leadership = leadership;
        this.report = report;
        this.time = time ?? TimeProvider.System;
        queue = new KeyQueue(this.time);
        limit = new RateLimit(50, 100, this.time, most: 500);
        source.StatusChanged = Look;
    }

    /// <summary>Statuses that were written.</summary>
    public long Writes => Interlocked.Read(ref writes);

    /// <summary>Says what an object's status should be. From any thread.</summary>
    /// <param name="key">The object.</param>
    /// <param name="wish">What; null for nothing (any more).</param>
    public void Want(ResourceKey key, StatusWish? wish)
    {
        if (wish is null)
        {
            wishes.TryRemove(key, out _);
        }
        else
        {
            wishes[key] = wish;
        }

        Look(key);
    }

    /// <summary>What an object's status should be.</summary>
    public StatusWish? WishFor(ResourceKey key) => wishes.GetValueOrDefault(key);

    /// <summary>Everything that is wanted of one kind.</summary>
    public IEnumerable<ResourceKey> Wanted(ResourceType type) => wishes.Keys.Where(key => key.Group == type.Group && key.Kind == type.Kind);

    /// <summary>Compares everything with what it should be; to be called when this replica becomes the leader.</summary>
    public void LookAtAll()
    {
        foreach (var written in kinds.Values)
        {
            foreach (var resource in source.All(written.Type))
            {
                queue.Add(resource.Key);
            }
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(cancellation)));

    private void Look(ResourceKey key)
    {
        if (leadership.IsLeader && kinds.ContainsKey((key.Group, key.Kind)))
        {
            queue.Add(key);
        }
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        var buffer = new BodyBuffer();
        while (!cancellation.IsCancellationRequested)
        {
            var key = await queue.TakeAsync(cancellation).ConfigureAwait(false);
            try
            {
                await UpdateAsync(key, buffer, cancellation).ConfigureAwait(false);
            }
            catch (ApiException exception)
            {
                if (exception.Status is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
                {
                    limit.Refused();
                }

                Handle(key, exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException or JsonException)
            {
                limit.Refused();
                queue.AddLater(key, StateOf(key).NextWait());
            }
            finally
            {
                queue.Done(key);
            }
        }
    }

    private async Task UpdateAsync(ResourceKey key, BodyBuffer buffer, CancellationToken cancellation)
    {
        if (!kinds.TryGetValue((key.Group, key.Kind), out var written)
            || source.Served(written.Type) is not { } served
            || source.Find(written.Type, key.Namespace, key.Name) is not { } live)
        {
            states.TryRemove(key, out _);
            return;
        }

        var wish = wishes.GetValueOrDefault(key);
        await FinalizeAsync(served, live, wish, buffer, cancellation).ConfigureAwait(false);
        var state = StateOf(key);
        var wanted = wish?.Status ?? default;
        if (state.IsSettled(live.Status.Span, wanted.Span))
        {
            return;
        }

        using var standing = JsonDocument.Parse(live.Status.IsEmpty ? NoMembers : live.Status);
        using var meant = JsonDocument.Parse(Merge(written.Shape, standing.RootElement, wish?.Status, state));
        if (JsonElement.DeepEquals(standing.RootElement, meant.RootElement))
        {
            state.Settle(live.Status.Span, wanted.Span);
            return;
        }

        // The version is the fence: a write of a leader that was stalled on the way, and is none any more, finds another's and is refused.
        var patch = Patch(live.Version, standing.RootElement, meant.RootElement);
        if (state.IsIneffective(patch, live.Status.Span))
        {
            return;
        }

        if (state.WrittenAt is { } at && time.GetElapsedTime(at) is var since && since < BetweenWrites)
        {
            queue.AddLater(key, BetweenWrites - since);
            return;
        }

        var answer = await PatchAsync(served, live, served.HasStatus ? "/status" : "", patch, buffer, cancellation).ConfigureAwait(false);
        state.Succeeded(patch, live.Status.Span, wish?.Status, time.GetTimestamp());
        SettleBy(answer, meant.RootElement, wanted.Span, state);
        source.Observe(written.Type, served.Version, answer.Span);
    }

    /// <summary>What was written comes back as the object's new status; when that is what was meant, it need not be compared once more.</summary>
    private static void SettleBy(ReadOnlyMemory<byte> answer, JsonElement meant, ReadOnlySpan<byte> wanted, WriteState state)
    {
        using var written = JsonDocument.Parse(answer);
        if (written.RootElement.TryGetProperty("status"u8, out var status) && JsonElement.DeepEquals(status, meant))
        {
            state.Settle(JsonMarshal.GetRawUtf8Value(status), wanted);
        }
    }

    /// <summary>Adds or removes the finalizer that is wanted, if it is not so already.</summary>
    private async Task FinalizeAsync(ServedKind served, LiveObject live, StatusWish? wish, BodyBuffer buffer, CancellationToken cancellation)
    {
        if (wish?.Finalizer is not { } finalizer)
        {
            return;
        }

        var standing = live.Finalizers;
        var isThere = standing.Contains(finalizer.Name);
        if (isThere == finalizer.Wanted || (finalizer.Wanted && live.Resource.Metadata.DeletionTimestamp is not null))
        {
            return;
        }

        var names = finalizer.Wanted ? standing.Append(finalizer.Name) : standing.Where(name => name != finalizer.Name);
        var list = new JsonArray([.. names.Select(name => (JsonNode)JsonValue.Create(name)!)]);
        var body = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = live.Version, ["finalizers"] = list } };
        var answer = await PatchAsync(served, live, "", JsonText.Of(body), buffer, cancellation).ConfigureAwait(false);
        source.Observe(live.Resource.Type, served.Version, answer.Span);
    }

    private async Task<ReadOnlyMemory<byte>> PatchAsync(
        ServedKind served, LiveObject live, string subresource, ReadOnlyMemory<byte> body, BodyBuffer buffer, CancellationToken cancellation)
    {
        await limit.WaitAsync(cancellation).ConfigureAwait(false);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellation, leadership.Lost);
        held.CancelAfter(LongestWrite);
        if (!leadership.IsLeader)
        {
            throw new TimeoutException("This replica is not the leader.");
        }

        var resource = live.Resource;
        var path = ApiPath.Object(resource.Type.Group, served.Version, served.Plural, resource.Namespace, resource.Name) + subresource;
        var started = time.GetTimestamp();
        try
        {
            var answer = await api.ReadAsync(
                HttpMethod.Patch, path, ApiClient.Json(body, "application/merge-patch+json"), held.Token, buffer).ConfigureAwait(false);
            limit.Answered(time.GetElapsedTime(started));
            Interlocked.Increment(ref writes);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("This replica is no longer the leader.");
        }
    }

    private void Handle(ResourceKey key, ApiException exception)
    {
        if (exception.IsNotFound)
        {
            return;
        }

        if (exception.IsForbidden)
        {
            if (refused.TryAdd(key.Kind, true))
            {
                report(DiagnosticSeverity.Warning, $"Statuses of {key.Kind} may not be written: {exception.Message}");
            }

            queue.AddLater(key, TimeSpan.FromMinutes(1));
        }
        else if (exception.Status is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest)
        {
            report(DiagnosticSeverity.Warning, $"The status of {key} is refused: {exception.Message}");
        }
        else
        {
            queue.AddLater(key, exception.IsConflict ? StateOf(key).NextConflictWait() : StateOf(key).NextWait());
        }
    }

    /// <summary>The status as it should be.</summary>
    private byte[] Merge(StatusShape shape, JsonElement standing, ReadOnlyMemory<byte>? wanted, WriteState state)
    {
        using var said = Document(wanted);
        using var last = StatusMerge.NeedsLast(shape) ? Document(state.Written) : null;
        return JsonText.Of(
            (Merge: new StatusMerge(identity, time.GetUtcNow()), Shape: shape, Standing: standing, Wanted: said?.RootElement ?? default, Last: last?.RootElement ?? default),
            static (all, writer) => all.Merge.Merge(all.Shape, all.Standing, all.Wanted, all.Last, writer));
    }

    private static JsonDocument? Document(ReadOnlyMemory<byte>? json) => json is { } text ? JsonDocument.Parse(text) : null;

    /// <summary>A patch that makes one status of another, of just this version of the object.</summary>
    private static byte[] Patch(string version, JsonElement standing, JsonElement meant) => JsonText.Of((Version: version, Before: standing, After: meant), static (patch, writer) =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("resourceVersion"u8, patch.Version);
        writer.WriteEndObject();
        writer.WritePropertyName("status"u8);
        MergePatch.Write(patch.Before, patch.After, writer);
        writer.WriteEndObject();
    });

    private WriteState StateOf(ResourceKey key) => states.GetOrAdd(key, static _ => new WriteState());
}

/// <summary>What an object's status should be.</summary>
/// <param name="Contributor">Who says so: a dialect, of a root.</param>
/// <param name="Status">As far as it is this gateway's, as JSON text (ten thousand trees would be many times as large); null for nothing.</param>
/// <param name="Finalizer">A finalizer that it should have, or not; null for no opinion.</param>
public sealed record StatusWish((string Dialect, ResourceKey Root) Contributor, ReadOnlyMemory<byte>? Status, (string Name, bool Wanted)? Finalizer = null);
