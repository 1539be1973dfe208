namespace Polygate.Proxy.Upstreams;

/// <summary>A ring on which endpoints own arcs: a key belongs to the endpoint of the next point. When an endpoint comes, it takes a little from each of the others.</summary>
internal sealed class StickyRing
{
    private const int PointsPerEndpoint = 64;
    private readonly (ulong Point, UpstreamEndpoint Owner)[] points;
    private readonly Dictionary<UpstreamEndpoint, int[]> places = [];

    public StickyRing(IReadOnlyList<UpstreamEndpoint> endpoints)
    {
        points =
        [
            .. endpoints.SelectMany(endpoint => Enumerable.Range(0, PointsPerEndpoint)
                .Select(i => (Point: EndpointHash.Mix(endpoint.Hash + ((ulong)i * 0x9E3779B97F4A7C15)), Owner: endpoint)))
                .DistinctBy(entry => entry.Point)
                .OrderBy(entry => entry.Point),
        ];
        foreach (var group in Enumerable.Range(0, points.Length).GroupBy(index => points[index].Owner))
            places.Add(group.Key, [.. group]);
    }

    /// <summary>Null when there are no endpoints.</summary>
    public UpstreamEndpoint? OwnerOf(ulong key)
    {
        if (points.Length == 0)
            return null;

        var (low, high) = (0, points.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (points[middle].Point < key)
                low = middle + 1;
            else
                high = middle;
        }

        return points[low % points.Length].Owner;
    }

    /// <summary>A random key that belongs to an endpoint; null when it is not on the ring (any more).</summary>
    public ulong? KeyFor(UpstreamEndpoint endpoint)
    {
        if (!places.TryGetValue(endpoint, out var own))
            return null;

        var place = own[Random.Shared.Next(own.Length)];
        var end = points[place].Point;
        var start = place == 0 ? points[^1].Point : points[place - 1].Point;

        // The arc after start up to end; the first one goes around.
        var length = unchecked(end - start);
        return length == 0 ? end : unchecked(end - (ulong)(Random.Shared.NextDouble() * (length - 1)));
    }
}
