using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>A backend's settings and endpoints at one time. Immutable but for counters.</summary>
internal sealed class ClusterSnapshot
{
    private readonly EndpointPicker? picker;

    /// <param name="backend">The settings; null when no configuration has the backend.</param>
    /// <param name="endpoints">All endpoints.</param>
    /// <param name="shares">The endpoints that take new sessions, with their weights.</param>
    public ClusterSnapshot(Backend? backend, UpstreamEndpoint[] endpoints, EndpointShare[] shares)
    {
        Backend = backend;
        Endpoints = endpoints;
        picker = backend is null || shares.Length == 0 ? null : EndpointPicker.Create(backend.Balancing, shares);
        Sticky = backend?.Sticky is StickyCookie cookie ? new StickySession(cookie, endpoints) : null;
    }

    public static ClusterSnapshot Empty { get; } = new(null, [], []);

    public Backend? Backend { get; }

    public UpstreamEndpoint[] Endpoints { get; }

    public StickySession? Sticky { get; }

    public UpstreamEndpoint? Pick(RequestHead head, UpstreamEndpoint? exclude)
    {
        if (Sticky?.Find(head) is { IsEjected: false } bound && bound != exclude)
        {
            return bound;
        }

        return picker?.Pick(head, exclude);
    }
}

/// <summary>An endpoint that takes new sessions.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Weight">1 or more.</param>
internal readonly record struct EndpointShare(UpstreamEndpoint Endpoint, int Weight);
