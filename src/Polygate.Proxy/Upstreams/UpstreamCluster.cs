using System.Collections.Concurrent;
using Polygate.Model;
using Polygate.Proxy.Health;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>
/// A backend while the gateway runs: its endpoints as they are now, and how one is picked. One object for a backend's
/// identity, whatever changes in its configuration. Thread-safe: loops share it.
/// </summary>
public sealed class UpstreamCluster
{
    private volatile ClusterSnapshot snapshot = ClusterSnapshot.Empty;
    private int connections;
    private int requests;
    private int pending;
    private int retries;
    private ConcurrentDictionary<RetryBudget, RetryBudgetCounter>? budgets;

    internal UpstreamCluster(string id) => Id = id;

    public string Id { get; }

    /// <summary>Its settings; null while no configuration has such a backend.</summary>
    public Backend? Backend => snapshot.Backend;

    /// <summary>All endpoints as they are now.</summary>
    public IReadOnlyList<UpstreamEndpoint> Endpoints => snapshot.Endpoints;

    /// <summary>Open connections, as counted by <see cref="TryReserveConnection"/>.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>
    /// The endpoint for a request; null when there is none (503). Endpoints whose connects fail are passed over while
    /// another is left. Allocates nothing.
    /// </summary>
    /// <param name="head">The request: stickiness and hashing look at it.</param>
    /// <param name="exclude">An endpoint to pass over where another is left: the one a retry comes from.</param>
    public UpstreamEndpoint? Pick(RequestHead head, UpstreamEndpoint? exclude = null) => snapshot.Pick(head, exclude);

    /// <summary>Counts a connection about to be made; false when <see cref="CircuitBreaker.MaxConnections"/> are open (503).</summary>
    public bool TryReserveConnection() => TryTake(ref connections, Backend?.CircuitBreaker?.MaxConnections ?? 0);

    /// <summary>Takes a connection that was reserved off the count.</summary>
    public void ReleaseConnection() => Interlocked.Decrement(ref connections);

    /// <summary>
    /// Adds the sticky cookie to an answer, where the backend has one and the request did not name this endpoint already.
    /// </summary>
    public void SetStickyCookie(RequestHead head, UpstreamEndpoint endpoint, ResponseHead response) =>
        snapshot.Sticky?.Set(head, snapshot, endpoint, response);

    /// <summary>The endpoints and settings as they are now, all of one time.</summary>
    internal ClusterSnapshot Current => snapshot;

    internal OutlierDetector? Detector => snapshot.Detector;

    /// <summary>The retries of a budget; the same for all routes that have one like it.</summary>
    internal RetryBudgetCounter BudgetFor(RetryBudget budget)
    {
        var counters = budgets ?? Interlocked.CompareExchange(ref budgets, new(), null) ?? budgets;
        return counters.GetOrAdd(budget, static budget => new RetryBudgetCounter(budget));
    }

    /// <summary>Counts a request about to be served; false when as many are under way as may be (503). Paired with <see cref="EndRequest"/>.</summary>
    internal bool TryBeginRequest() => TryTake(ref requests, Backend?.CircuitBreaker?.MaxRequests ?? 0);

    internal void EndRequest() => Interlocked.Decrement(ref requests);

    /// <summary>Counts a request that waits for a connection; false when as many do as may. Paired with <see cref="EndPending"/>.</summary>
    internal bool TryBeginPending() => TryTake(ref pending, Backend?.CircuitBreaker?.MaxPendingRequests ?? 0);

    internal void EndPending() => Interlocked.Decrement(ref pending);

    /// <summary>Counts a retry; false when as many are under way as may be. Paired with <see cref="EndRetry"/>.</summary>
    internal bool TryBeginRetry() => TryTake(ref retries, Backend?.CircuitBreaker?.MaxRetries ?? 0);

    internal void EndRetry() => Interlocked.Decrement(ref retries);

    internal void Update(ClusterSnapshot next)
    {
        var before = snapshot;
        snapshot = next;
        foreach (var endpoint in before.Endpoints.Except(next.Endpoints))
        {
            endpoint.IsRetired = true;
        }
    }

    private static bool TryTake(ref int counter, int limit)
    {
        if (Interlocked.Increment(ref counter) <= limit || limit == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref counter);
        return false;
    }
}
