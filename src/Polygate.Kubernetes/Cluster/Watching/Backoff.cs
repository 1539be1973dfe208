namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Waits between attempts: doubled each time up to four seconds, and drawn at random from the upper half, so that replicas do not come
/// back in step. The bound is low on purpose: what was missed is to be there soon after the server is.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    private readonly TimeProvider time;
    private TimeSpan next = First;

    public Backoff(TimeProvider time) => this.time = time;

    /// <summary>Starts over: an attempt succeeded.</summary>
    public void Reset() => next = First;

    /// <summary>Waits before the next attempt.</summary>
    /// <param name="atLeast">What the server asks for.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task WaitAsync(TimeSpan? atLeast, CancellationToken cancellation)
    {
        var wait = next * (0.5 + (Random.Shared.NextDouble() / 2));
        next = next * 2 < Longest ? next * 2 : Longest;
        return Task.Delay(atLeast > wait ? atLeast.Value : wait, time, cancellation);
    }
}
