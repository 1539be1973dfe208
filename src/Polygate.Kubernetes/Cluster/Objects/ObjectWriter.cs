using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polygate.Kubernetes.Cluster.Api;
using Polygate.Kubernetes.Cluster.Leadership;
using Polygate.Kubernetes.Cluster.Statuses;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Objects;

/// <summary>
/// Keeps the objects that the gateway makes for others as they should be: by the leader alone, by applying on the server's side (what others add
/// to them stays), and never one that somebody else made. Owner references have them deleted with their owner.
/// </summary>
public sealed class ObjectWriter
{
    /// <summary>On each object: of what it was made, so that nothing is written where nothing changed.</summary>
    private const string DigestAnnotation = "gateway.polygate.io/applied";

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(4);

    private readonly ApiClient api;
    private readonly ILeadership leadership;
    private readonly Action<DiagnosticSeverity, string> report;
    private readonly KeyQueue queue;
    private readonly RateLimit limit;
    private readonly ConcurrentDictionary<ResourceKey, IReadOnlyList<OwnedObject>> wishes = new();
    private readonly ConcurrentDictionary<string, bool> told = new(StringComparer.Ordinal);

    /// <param name="api">The server.</param>
    /// <param name="leadership">Who may write.</param>
    /// <param name="report">Hears what cannot be written.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ObjectWriter(ApiClient api, ILeadership leadership, Action<DiagnosticSeverity, string> report, TimeProvider? time = null)
    {
        this.api = api;
        this.leadership = leadership;
        this.report = report;
        queue = new KeyQueue(time ?? TimeProvider.System);
        limit = new RateLimit(20, 40, time ?? TimeProvider.System);
    }

    /// <summary>Says what there is to be for an owner; what was wanted before and is not named any more goes. From any thread.</summary>
    public void Want(ResourceKey owner, IReadOnlyList<OwnedObject> objects)
    {
        var before = wishes.GetValueOrDefault(owner, []);
        if (objects.Count == 0 && before.Count == 0)
        {
            return;
        }

        var gone = before.Where(old => !objects.Any(old.IsSame));
        wishes[owner] = [.. objects, .. gone.Select(old => old with { Content = null })];
        Look(owner);
    }

    /// <summary>Whether something was said of an object of that owner, be it that it is not to be there.</summary>
    public bool Knows(ResourceKey owner, OwnedObject item) => wishes.GetValueOrDefault(owner, []).Any(item.IsSame);

    /// <summary>Has an object removed that was made for an owner before this process ran. Where nothing is known of it; from the thread of <see cref="Want"/>.</summary>
    public void Remove(ResourceKey owner, OwnedObject item)
    {
        wishes[owner] = [.. wishes.GetValueOrDefault(owner, []), item with { Content = null }];
        Look(owner);
    }

    /// <summary>Compares everything with what it should be; to be called when this replica becomes the leader.</summary>
    public void LookAtAll()
    {
        foreach (var owner in wishes.Keys)
        {
            queue.Add(owner);
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var owner = await queue.TakeAsync(cancellation).ConfigureAwait(false);
            try
            {
                foreach (var wanted in wishes.GetValueOrDefault(owner, []))
                {
                    await BringAboutAsync(owner, wanted, cancellation).ConfigureAwait(false);
                }
            }
            catch (ApiException exception)
            {
                Handle(owner, exception);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException or JsonException)
            {
                queue.AddLater(owner, Retry);
            }
            finally
            {
                queue.Done(owner);
            }
        }
    }

    private void Look(ResourceKey owner)
    {
        if (leadership.IsLeader)
        {
            queue.Add(owner);
        }
    }

    private async Task BringAboutAsync(ResourceKey owner, OwnedObject wanted, CancellationToken cancellation)
    {
        if (!leadership.IsLeader)
        {
            return;
        }

        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellation, leadership.Lost);
        held.CancelAfter(LongestWrite);
        try
        {
            var path = ApiPath.Object(wanted.Type, wanted.Namespace, wanted.Name);
            var standing = await FindAsync(path, held.Token).ConfigureAwait(false);
            if (standing is not null && !IsOurs(standing, owner))
            {
                if (wanted.Content is not null)
                {
                    TellOnce($"{wanted.Type.Kind} {wanted.Namespace}/{wanted.Name} is somebody else's: it is not made what this gateway would make of it.");
                }
            }
            else if (wanted.Content is { } content)
            {
                await ApplyAsync(path, content, standing, held.Token).ConfigureAwait(false);
            }
            else if (standing is not null)
            {
                await limit.WaitAsync(held.Token).ConfigureAwait(false);
                var conditions = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["preconditions"] = new JsonObject { ["uid"] = standing["metadata"]!["uid"]!.DeepClone() } };
                await api.ReadAsync(HttpMethod.Delete, path, ApiClient.Json(JsonText.Of(conditions)), held.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("The API server did not answer in time, or this replica is no longer the leader.");
        }
    }

    private async Task ApplyAsync(string path, JsonObject content, JsonObject? standing, CancellationToken cancellation)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(JsonText.Of(content)).AsSpan(0, 8));
        if ((string?)standing?["metadata"]?["annotations"]?[DigestAnnotation] == digest && Contains(standing, content))
        {
            return;
        }

        var applied = content.DeepClone().AsObject();
        var metadata = applied["metadata"]!.AsObject();
        var annotations = metadata["annotations"]?.AsObject() ?? [];
        annotations[DigestAnnotation] = digest;
        metadata["annotations"] = annotations.Parent is null ? annotations : annotations.DeepClone();

        // The version is the fence, as for statuses; without one there is nothing yet whose fields could be taken away.
        if (standing is not null)
        {
            metadata["resourceVersion"] = standing["metadata"]!["resourceVersion"]!.DeepClone();
        }

        await limit.WaitAsync(cancellation).ConfigureAwait(false);
        var query = $"?fieldManager={OwnedObject.Manager}&force={(standing is null ? "false" : "true")}";
        await api.ReadAsync(HttpMethod.Patch, path + query, ApiClient.Json(JsonText.Of(applied), "application/apply-patch+yaml"), cancellation).ConfigureAwait(false);
    }

    private async Task<JsonObject?> FindAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return JsonNode.Parse((await api.ReadAsync(HttpMethod.Get, path, null, cancellation).ConfigureAwait(false)).Span) as JsonObject;
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    private void Handle(ResourceKey owner, ApiException exception)
    {
        if (exception.IsNotFound)
        {
            // Its namespace is going, or it went meanwhile.
            return;
        }

        if (!exception.IsConflict)
        {
            TellOnce($"What belongs to {owner} cannot be made: {exception.Message}");
        }

        queue.AddLater(owner, exception.IsForbidden ? TimeSpan.FromMinutes(1) : Retry);
    }

    private void TellOnce(string message)
    {
        if (told.TryAdd(message, true))
        {
            report(DiagnosticSeverity.Warning, message);
        }
    }

    /// <summary>Whether this gateway made an object for that owner: its label and its owner say so.</summary>
    private static bool IsOurs(JsonObject standing, ResourceKey owner) =>
        (string?)standing["metadata"]?["labels"]?[OwnedObject.ManagedByLabel] == OwnedObject.Manager
        && standing["metadata"]?["ownerReferences"] is JsonArray owners
        && owners.Any(one => (string?)one!["kind"] == owner.Kind && (string?)one["name"] == owner.Name && ((string?)one["apiVersion"])?.Split('/')[0] == owner.Group);

    /// <summary>Whether an object says everything that it should; it may say more.</summary>
    private static bool Contains(JsonNode? standing, JsonNode? wanted) => (standing, wanted) switch
    {
        (JsonObject left, JsonObject right) => right.All(pair => Contains(left[pair.Key], pair.Value)),
        (JsonArray left, JsonArray right) => left.Count == right.Count && left.Zip(right).All(pair => Contains(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(standing, wanted),
    };

}
