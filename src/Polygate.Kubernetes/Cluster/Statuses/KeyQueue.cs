using System.Threading.Channels;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>
/// Objects that are to be worked on: each stands in the queue once, and is never worked on twice at a time. Safe to use from several threads.
/// </summary>
internal sealed class KeyQueue
{
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly HashSet<ResourceKey> waiting = [];
    private readonly HashSet<ResourceKey> running = [];
    private readonly HashSet<ResourceKey> again = [];
    private readonly Channel<ResourceKey> keys = Channel.CreateUnbounded<ResourceKey>();

    public KeyQueue(TimeProvider time) => this.time = time;

    public void Add(ResourceKey key)
    {
        lock (gate)
        {
            if (running.Contains(key))
            {
                again.Add(key);
            }
            else if (waiting.Add(key))
            {
                keys.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Adds an object after a while.</summary>
    public void AddLater(ResourceKey key, TimeSpan wait) =>
        _ = Task.Delay(wait, time).ContinueWith(_ => Add(key), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <summary>Waits for an object; <see cref="Done"/> is to follow.</summary>
    public async ValueTask<ResourceKey> TakeAsync(CancellationToken cancellation)
    {
        var key = await keys.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        lock (gate)
        {
            waiting.Remove(key);
            running.Add(key);
        }

        return key;
    }

    public void Done(ResourceKey key)
    {
        lock (gate)
        {
            running.Remove(key);
            if (again.Remove(key) && waiting.Add(key))
            {
                keys.Writer.TryWrite(key);
            }
        }
    }
}
