using System.Text.Json.Nodes;
using Polygate.Testing.ApiServer.Serving;

namespace Polygate.Testing.ApiServer.Store;

/// <summary>
/// All objects with one revision counter over them, and the history of changes since the last compaction, as etcd keeps it.
/// </summary>
internal sealed class ObjectStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Table> tables = [];
    // What was before the start is not kept, as after a restart of the real one.
    private long compacted = 2;

    /// <summary>The revision of the latest write.</summary>
    public long Revision { get; private set; } = 2;

    /// <summary>Runs a read and the write that depends on it as one.</summary>
    public T Atomically<T>(Func<T> step)
    {
        lock (gate)
        {
            return step();
        }
    }

    public StoredObject? Find(string resource, string @namespace, string name)
    {
        lock (gate)
        {
            return Of(resource).Objects.GetValueOrDefault(StoredObject.KeyOf(@namespace, name));
        }
    }

    /// <summary>All objects of a resource as they were at a revision, in the order of their keys, with that revision.</summary>
    /// <param name="resource">The resource's identity.</param>
    /// <param name="revision">Zero for the latest.</param>
    /// <exception cref="ApiException">The revision is no longer kept.</exception>
    public (long Revision, IReadOnlyCollection<StoredObject> Objects) Snapshot(string resource, long revision = 0)
    {
        lock (gate)
        {
            var table = Of(resource);
            if (revision == 0 || revision >= Revision)
            {
                return (Revision, [.. table.Objects.Values]);
            }

            if (revision < compacted)
            {
                throw ApiException.Expired("The provided continue parameter is too old to display a consistent list result. " +
                    "You can start a new list without the continue parameter.");
            }

            var then = new SortedDictionary<string, StoredObject>(table.Objects, StringComparer.Ordinal);
            foreach (var change in table.History.AsEnumerable().Reverse().TakeWhile(change => change.Object.ResourceVersion > revision))
            {
                if (change.Previous is null)
                {
                    then.Remove(change.Object.Key);
                }
                else
                {
                    then[change.Object.Key] = change.Previous;
                }
            }

            return (revision, then.Values);
        }
    }

    /// <summary>Puts an object; its resource version becomes the new revision.</summary>
    public StoredObject Put(string resource, JsonObject content)
    {
        lock (gate)
        {
            var table = Of(resource);
            Stamp(content);
            var stored = new StoredObject(content);
            var previous = table.Objects.GetValueOrDefault(stored.Key);
            table.Objects[stored.Key] = stored;
            table.Record(new StoreEvent(previous is null ? EventKind.Added : EventKind.Modified, stored, previous));
            return stored;
        }
    }

    public StoredObject? Remove(string resource, string @namespace, string name)
    {
        lock (gate)
        {
            var table = Of(resource);
            if (!table.Objects.Remove(StoredObject.KeyOf(@namespace, name), out var previous))
            {
                return null;
            }

            var content = previous.Read();
            Stamp(content);
            var last = new StoredObject(content);
            table.Record(new StoreEvent(EventKind.Deleted, last, previous));
            return last;
        }
    }

    /// <summary>Starts a watch after a revision.</summary>
    /// <exception cref="ApiException">The revision is no longer kept.</exception>
    public Watcher Watch(string resource, long after)
    {
        lock (gate)
        {
            if (after < compacted)
            {
                throw ApiException.Expired($"too old resource version: {after} ({compacted})");
            }

            var table = Of(resource);
            var watcher = new Watcher();
            foreach (var change in table.History.Where(change => change.Object.ResourceVersion > after))
            {
                watcher.Tell(change);
            }

            table.Watchers.Add(watcher);
            return watcher;
        }
    }

    /// <summary>Starts a watch with the state it starts from.</summary>
    public (Watcher Watcher, long Revision, IReadOnlyCollection<StoredObject> Objects) WatchFromNow(string resource)
    {
        lock (gate)
        {
            return (Watch(resource, Revision), Revision, [.. Of(resource).Objects.Values]);
        }
    }

    public void Forget(string resource, Watcher watcher)
    {
        lock (gate)
        {
            Of(resource).Watchers.Remove(watcher);
        }
    }

    /// <summary>Ends the watches of a resource, or of all.</summary>
    public void EndWatches(string? resource = null)
    {
        lock (gate)
        {
            foreach (var watcher in tables.Where(pair => resource is null || pair.Key == resource).SelectMany(pair => pair.Value.Watchers))
            {
                watcher.End();
            }
        }
    }

    /// <summary>Forgets all history: whoever comes with an older revision than now has to list again.</summary>
    public void Compact()
    {
        lock (gate)
        {
            // A revision that no client has seen, so that also the latest one known counts as old.
            Revision++;
            compacted = Revision;
            foreach (var table in tables.Values)
            {
                table.History.Clear();
            }
        }
    }

    private void Stamp(JsonObject content) =>
        content["metadata"]!["resourceVersion"] = (++Revision).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private Table Of(string resource)
    {
        if (!tables.TryGetValue(resource, out var table))
        {
            tables[resource] = table = new Table();
        }

        return table;
    }

    private sealed class Table
    {
        public SortedDictionary<string, StoredObject> Objects { get; } = new(StringComparer.Ordinal);

        public List<StoreEvent> History { get; } = [];

        public HashSet<Watcher> Watchers { get; } = [];

        public void Record(StoreEvent change)
        {
            History.Add(change);
            foreach (var watcher in Watchers)
            {
                watcher.Tell(change);
            }
        }
    }
}
