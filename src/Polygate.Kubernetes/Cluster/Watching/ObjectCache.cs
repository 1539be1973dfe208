using System.Text.Json;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>Receives what a reflector finds out. Called from several threads.</summary>
internal interface IObjectSink
{
    /// <summary>Whether objects are copied as JSON too.</summary>
    bool KeepsJson { get; }

    /// <summary>Whether an object is of interest.</summary>
    bool Accepts(WatchedKind kind, string ns, string name);

    /// <summary>Objects that are new or say something else, and objects that are gone.</summary>
    void Publish(IReadOnlyCollection<ClusterObject> set, IReadOnlyCollection<Resource> removed);

    /// <summary>An object's status is another, or its finalizers are; the rest is not.</summary>
    void StatusChanged(ResourceKey key);

    /// <summary>An object does not fit its kind, or (null) fits again or is gone.</summary>
    void Report(ResourceKey key, Diagnostic? problem);
}

/// <summary>
/// The objects of one kind (in one namespace, or all) as the API server last told of them, and the difference that each message makes.
/// Safe to use from several threads.
/// </summary>
internal sealed class ObjectCache
{
    private readonly WatchedKind kind;
    private readonly IObjectSink sink;
    private readonly Lock gate = new();
    private readonly Dictionary<(string Namespace, string Name), ClusterObject> objects = [];
    private readonly HashSet<(string Namespace, string Name)> unreadable = [];

    public ObjectCache(WatchedKind kind, IObjectSink sink)
    {
        this.kind = kind;
        this.sink = sink;
    }

    /// <summary>How many objects there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return objects.Count;
            }
        }
    }

    public ClusterObject? Find(string ns, string name)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault((ns, name));
        }
    }

    /// <summary>Everything there is.</summary>
    public List<ClusterObject> ToList()
    {
        lock (gate)
        {
            return [.. objects.Values];
        }
    }

    /// <summary>Takes in an object that was added or changed.</summary>
    /// <param name="apiVersion">The version it is in.</param>
    /// <param name="json">The object.</param>
    public void Set(string apiVersion, ReadOnlySpan<byte> json)
    {
        lock (gate)
        {
            var staged = Stage(apiVersion, json);
            if (Commit(staged))
            {
                sink.Publish([staged.Object!], []);
            }
        }
    }

    /// <summary>Takes in a newer version of an object that is known; versions are counted upwards (API concepts, resource versions).</summary>
    public void SetIfNewer(string apiVersion, in ObjectScan scan, ReadOnlySpan<byte> json)
    {
        lock (gate)
        {
            if (Find(scan.Namespace, scan.Name) is { } known
                && ulong.TryParse(known.Version, out var before) && ulong.TryParse(scan.Version, out var after) && after > before)
            {
                Set(apiVersion, json);
            }
        }
    }

    /// <summary>Takes in an object that was asked for by itself, unless a watch told of it meanwhile. Nobody is told.</summary>
    /// <returns>The object as it is known now; null when it cannot be read.</returns>
    public ClusterObject? Insert(string apiVersion, ReadOnlySpan<byte> json)
    {
        lock (gate)
        {
            var staged = Stage(apiVersion, json);
            if (!objects.ContainsKey(staged.Key))
            {
                Commit(staged);
            }

            return objects.GetValueOrDefault(staged.Key);
        }
    }

    /// <summary>Takes in that an object is gone.</summary>
    public void Remove(string ns, string name)
    {
        lock (gate)
        {
            Readable((ns, name));
            if (objects.Remove((ns, name), out var gone))
            {
                sink.Publish([], [gone.Resource]);
            }
        }
    }

    /// <summary>Reads an object of a list, without taking it in.</summary>
    /// <param name="apiVersion">The version it is in.</param>
    /// <param name="json">The object.</param>
    public StagedObject Stage(string apiVersion, ReadOnlySpan<byte> json)
    {
        var scan = ObjectScan.Of(json, kind.ReadsStatus);
        var key = (scan.Namespace, scan.Name);
        if (!sink.Accepts(kind, scan.Namespace, scan.Name))
        {
            return new StagedObject(key, null, null);
        }

        var known = Find(scan.Namespace, scan.Name);
        if (known is not null && known.Digest == scan.Digest)
        {
            return new StagedObject(key, known.Version == scan.Version ? known : known.WithStatus(kind, scan, json), null);
        }

        try
        {
            return new StagedObject(key, ClusterObject.Read(kind, apiVersion, scan, json, known, sink.KeepsJson), null);
        }
        catch (JsonException exception)
        {
            return new StagedObject(key, null, Problem(key, exception));
        }
    }

    /// <summary>Takes in all objects there are; others are gone. What stays the same is left alone.</summary>
    public void Replace(IReadOnlyList<StagedObject> list)
    {
        lock (gate)
        {
            var changed = list.Where(Commit).Select(staged => staged.Object!).ToList();
            var listed = list.Where(staged => staged.Object is not null || staged.Problem is not null).Select(staged => staged.Key).ToHashSet();
            var gone = objects.Where(pair => !listed.Contains(pair.Key)).ToList();
            foreach (var (key, _) in gone)
            {
                objects.Remove(key);
            }

            foreach (var key in unreadable.Where(key => !listed.Contains(key)).ToList())
            {
                Readable(key);
            }

            if (changed.Count + gone.Count > 0)
            {
                sink.Publish(changed, [.. gone.Select(pair => pair.Value.Resource)]);
            }
        }
    }

    /// <summary>Forgets objects that are no longer of interest. Nobody is told.</summary>
    public void Forget(Func<ClusterObject, bool> unwanted)
    {
        lock (gate)
        {
            foreach (var key in objects.Where(pair => unwanted(pair.Value)).Select(pair => pair.Key).ToList())
            {
                objects.Remove(key);
            }
        }
    }

    /// <summary>Whether the content is new. An object that cannot be read is reported, and the last good one stays.</summary>
    private bool Commit(StagedObject staged)
    {
        if (staged.Problem is { } problem)
        {
            unreadable.Add(staged.Key);
            sink.Report(KeyOf(staged.Key), problem);
            return false;
        }

        if (staged.Object is not { } read)
        {
            return false;
        }

        Readable(staged.Key);
        var known = objects.GetValueOrDefault(staged.Key);
        objects[staged.Key] = read;
        if (known is null || known.Digest != read.Digest)
        {
            return true;
        }

        if (!read.Status.AsSpan().SequenceEqual(known.Status) || !read.Finalizers.AsSpan().SequenceEqual(known.Finalizers))
        {
            sink.StatusChanged(read.Resource.Key);
        }

        return false;
    }

    private void Readable((string Namespace, string Name) key)
    {
        if (unreadable.Remove(key))
        {
            sink.Report(KeyOf(key), null);
        }
    }

    private ResourceKey KeyOf((string Namespace, string Name) key) => new(kind.Type.Group, kind.Type.Kind, key.Namespace, key.Name);

    private Diagnostic Problem((string Namespace, string Name) key, JsonException exception)
    {
        // The message may quote the value: of a Secret not a word.
        var field = exception.Path is ['$', '.', .. var path] && kind.Type.Kind != "Secret" ? path : "";
        return new Diagnostic(
            DiagnosticSeverity.Error,
            "wrong-type",
            $"The field {(field.Length > 0 ? field : "of some name")} has a value that it cannot hold; the last good state of the object is kept.",
            new Origin("", kind.Type.Kind, key.Namespace, key.Name, Field: field));
    }
}

/// <summary>An object that was read and not taken in yet.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Object">The object; null when it is of no interest or cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
internal readonly record struct StagedObject((string Namespace, string Name) Key, ClusterObject? Object, Diagnostic? Problem);
