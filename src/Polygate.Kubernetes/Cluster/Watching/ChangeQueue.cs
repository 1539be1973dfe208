using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Changes that wait to be taken in, at most one an object: of several the last counts. Safe to use from several threads.
/// </summary>
internal sealed class ChangeQueue : IDisposable
{
    /// <summary>How long nothing more may come before changes are taken in.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(3);

    /// <summary>How long the first of them waits at most.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(12);

    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim signal = new(0, 1);
    private Dictionary<ResourceKey, Change> changes = [];
    private long version;

    public ChangeQueue(TimeProvider time) => this.time = time;

    public void Add(IEnumerable<ClusterObject> set, IEnumerable<Resource> removed)
    {
        lock (gate)
        {
            foreach (var item in set)
            {
                changes[item.Resource.Key] = new Change(item.Resource, item);
            }

            foreach (var item in removed)
            {
                changes[item.Key] = new Change(item, null);
            }

            version++;
        }

        Signal();
    }

    /// <summary>Has whoever waits look around although no object changed.</summary>
    public void Signal()
    {
        lock (gate)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }

    /// <summary>Everything that waits.</summary>
    public IReadOnlyCollection<Change> Take()
    {
        lock (gate)
        {
            var taken = changes;
            changes = [];
            return taken.Values;
        }
    }

    /// <summary>Waits until there is something, and then until it is quiet or the first has waited long enough.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        await signal.WaitAsync(cancellation).ConfigureAwait(false);
        var started = time.GetTimestamp();
        long seen;
        do
        {
            seen = Interlocked.Read(ref version);
            await Task.Delay(QuietTime, time, cancellation).ConfigureAwait(false);
        }
        while (seen != Interlocked.Read(ref version) && time.GetElapsedTime(started) < LongestWait);
    }

    public void Dispose() => signal.Dispose();

    /// <summary>An object's last change.</summary>
    /// <param name="Resource">The object as it is, or as it was.</param>
    /// <param name="Object">Null when it is gone.</param>
    public readonly record struct Change(Resource Resource, ClusterObject? Object);
}
