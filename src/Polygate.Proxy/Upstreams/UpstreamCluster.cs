using Polygate.Model;
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
    public bool TryReserveConnection()
    {
        var limit = Backend?.CircuitBreaker?.MaxConnections ?? 0;
        if (Interlocked.Increment(ref connections) <= limit || limit == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref connections);
        return false;
    }

    /// <summary>Takes a connection that was reserved off the count.</summary>
    public void ReleaseConnection() => Interlocked.Decrement(ref connections);

    /// <summary>
    /// Adds the sticky cookie to an answer, where the backend has one and the request did not name this endpoint already.
    /// </summary>
    public void SetStickyCookie(RequestHead head, UpstreamEndpoint endpoint, ResponseHead response) =>
        snapshot.Sticky?.Set(head, endpoint, response);

    internal void Update(ClusterSnapshot next)
    {
        var before = snapshot;
        snapshot = next;
        foreach (var endpoint in before.Endpoints.Except(next.Endpoints))
        {
            endpoint.IsRetired = true;
        }
    }
}
