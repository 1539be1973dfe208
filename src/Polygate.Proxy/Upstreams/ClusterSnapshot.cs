using System.Collections.Concurrent;
using System.Diagnostics;
using Polygate.Model;
using Polygate.Proxy.Health;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Upstreams;

/// <summary>A backend's settings and endpoints at one time. Immutable but for counters and what is made when first needed.</summary>
internal sealed class ClusterSnapshot
{
    private readonly EndpointPicker? picker;
    private ConcurrentDictionary<string, DigestTable>? digests;
    private StickyRing? ring;

    /// <param name="backend">The settings; null when no configuration has the backend.</param>
    /// <param name="endpoints">All endpoints.</param>
    /// <param name="shares">The endpoints that take new sessions, with their weights.</param>
    /// <param name="detector">The passive checks, which go on from one snapshot to the next; null for none.</param>
    public ClusterSnapshot(Backend? backend, UpstreamEndpoint[] endpoints, EndpointShare[] shares, OutlierDetector? detector = null)
    {
        Backend = backend;
        Endpoints = endpoints;
        picker = backend is null || shares.Length == 0 ? null : EndpointPicker.Create(backend.Balancing, shares);
        Sticky = backend?.Sticky is { } settings ? new StickySession(settings) : null;
        Detector = detector;
        LatencyDecay = backend?.Balancing is { Algorithm: BalancingAlgorithm.PeakEwma } balancing ? PeakEwmaPicker.DecayOf(balancing.Decay) : 0;
    }

    public static ClusterSnapshot Empty { get; } = new(null, [], []);

    public Backend? Backend { get; }

    public UpstreamEndpoint[] Endpoints { get; }

    public StickySession? Sticky { get; }

    public OutlierDetector? Detector { get; }

    /// <summary>Whether results of requests are of interest.</summary>
    public bool IsWatched => Detector is not null || LatencyDecay > 0;

    /// <summary>Over the endpoints, for tokens that hold a key.</summary>
    public StickyRing StickyRing => ring ??= new StickyRing(Endpoints);

    private double LatencyDecay { get; }

    public UpstreamEndpoint? Pick(RequestHead head, UpstreamEndpoint? exclude)
    {
        if (Sticky?.Find(head, this) is { } bound && bound != exclude && bound is { IsUsable: true, HasRoom: true })
        {
            return bound;
        }

        return picker?.Pick(head, exclude, Backend!.Panic);
    }

    /// <summary>What came of a request to an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="status">The answer's status; 0 without one.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Record(UpstreamEndpoint endpoint, EndpointResult result, int status, TimeSpan elapsed)
    {
        var now = Environment.TickCount64;
        if (LatencyDecay > 0)
        {
            endpoint.Latency.Observe(elapsed.TotalMilliseconds, now, LatencyDecay);
        }

        Detector?.Record(Endpoints, endpoint, result, status, now);
    }

    public UpstreamEndpoint? FindByDigest(ReadOnlySpan<char> digest, string? salt) => Digests(salt).Find(digest);

    public static string DigestOf(UpstreamEndpoint endpoint, string? salt) => salt is null ? endpoint.StickyDigest : endpoint.DigestFor(salt);

    private DigestTable Digests(string? salt)
    {
        var tables = digests ?? Interlocked.CompareExchange(ref digests, new(StringComparer.Ordinal), null) ?? digests;
        Debug.Assert(tables is not null, "Made above.");
        return tables.GetOrAdd(salt ?? "", static (_, of) => new DigestTable(of.Endpoints, of.Salt), (Endpoints, Salt: salt));
    }

    /// <summary>Endpoints by the digests under one salt.</summary>
    private sealed class DigestTable
    {
        private readonly Dictionary<string, UpstreamEndpoint> byDigest = new(StringComparer.Ordinal);
        private readonly Dictionary<string, UpstreamEndpoint>.AlternateLookup<ReadOnlySpan<char>> lookup;

        public DigestTable(UpstreamEndpoint[] endpoints, string? salt)
        {
            foreach (var endpoint in endpoints)
            {
                byDigest[DigestOf(endpoint, salt)] = endpoint;
            }

            lookup = byDigest.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public UpstreamEndpoint? Find(ReadOnlySpan<char> digest) => lookup.TryGetValue(digest, out var endpoint) ? endpoint : null;
    }
}

/// <summary>An endpoint that takes new sessions.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Weight">1 or more.</param>
internal readonly record struct EndpointShare(UpstreamEndpoint Endpoint, int Weight);
