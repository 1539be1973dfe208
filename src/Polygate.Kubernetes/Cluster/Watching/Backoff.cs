namespace Polygate.Kubernetes.Cluster.Watching;

/// <summary>
/// Waits between attempts: doubled each time up to four seconds (two where nobody answers, which an attempt to connect takes time to tell),
/// and drawn at random from the
/// upper half, so that replicas do not come back in step. The bounds are low on purpose: what was missed is to be there within five seconds of the server's return.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestUnanswered = TimeSpan.FromSeconds(2);

    private readonly TimeProvider time;
    private TimeSpan next = First;

    public Backoff(TimeProvider time) => this.time = time;

    /// <summary>Starts over: an attempt succeeded.</summary>
    public void Reset() => next = First;

    /// <summary>Waits before the next attempt.</summary>
    /// <param name="isAnswered">Whether the server answered the last one.</param>
    /// <param name="atLeast">What the server asks for.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task WaitAsync(bool isAnswered, TimeSpan? atLeast, CancellationToken cancellation)
    {
        var longest = isAnswered ? Longest : LongestUnanswered;
        var wait = (next < longest ? next : longest) * (0.5 + (Random.Shared.NextDouble() / 2));
        next = next * 2 < longest ? next * 2 : longest;
        return Task.Delay(atLeast > wait ? atLeast.Value : wait, time, cancellation);
    }
}
