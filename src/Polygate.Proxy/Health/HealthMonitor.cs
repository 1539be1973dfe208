using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Health;

/// <summary>
/// Runs the active checks of all backends: each endpoint is checked by one loop, on that loop's own connections. What a check finds is kept by the
/// endpoint, where picking reads it without a lock; it stays while the backend keeps the endpoint, whatever else of the configuration changes.
/// </summary>
internal sealed class HealthMonitor(IReadOnlyList<UpstreamConnections> loops)
{
    private readonly Lock gate = new();
    private readonly Dictionary<UpstreamEndpoint, EndpointProbe> probes = [];
    private readonly Dictionary<string, List<UpstreamEndpoint>> byCluster = new(StringComparer.Ordinal);

    /// <summary>The endpoints under check.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return probes.Count;
        }
    }

    /// <summary>Brings the checks of a backend up to date. From any thread.</summary>
    public void Sync(UpstreamCluster cluster)
    {
        var backend = cluster.Backend;
        lock (gate)
        {
            var before = byCluster.GetValueOrDefault(cluster.Id) ?? [];
            if (before.Count == 0 && backend?.HealthCheck is null)
                return;

            var now = backend?.HealthCheck is null ? [] : cluster.Endpoints.ToList();
            foreach (var gone in before.Except(now).ToList())
            {
                if (probes.Remove(gone, out var probe))
                    probe.Stop();
            }

            foreach (var endpoint in now)
                Check(backend!, endpoint);

            if (now.Count == 0)
                byCluster.Remove(cluster.Id);
            else
                byCluster[cluster.Id] = now;
        }
    }

    private void Check(Backend backend, UpstreamEndpoint endpoint)
    {
        if (probes.TryGetValue(endpoint, out var running))
        {
            if (running.IsFor(backend))
                return;

            running.Stop();
        }

        var connections = loops[(int)(endpoint.Hash % (ulong)loops.Count)];
        var probe = new EndpointProbe(connections, backend, endpoint);
        probes[endpoint] = probe;
        connections.Loop.Post(static probe => _ = ((EndpointProbe)probe!).RunAsync(), probe);
    }
}
