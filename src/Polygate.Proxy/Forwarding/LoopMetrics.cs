using System.Collections.Concurrent;
using Polygate.Proxy.Routing;
using Polygate.Proxy.Streams;

namespace Polygate.Proxy.Forwarding;

/// <summary>
/// What one loop counts. Written on the loop alone, without locks; read from anywhere, where a number may be a moment old.
/// </summary>
internal sealed class LoopMetrics(int loop, bool isDetailed = false)
{
    private readonly ConcurrentDictionary<string, RouteCounters> routes = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, StreamCounters> streams = new(StringComparer.Ordinal);

    public long ActiveRequests { get; set; }

    public long MirrorsSkipped { get; set; }

    public IEnumerable<KeyValuePair<string, RouteCounters>> Routes => routes;

    public IEnumerable<KeyValuePair<string, StreamCounters>> Streams => streams;

    /// <param name="route">Null when none matched. It keeps its counters at hand, so that looking for them does not cost each request.</param>
    public RouteCounters Of(CompiledRoute? route)
    {
        if (route is null)
            return Of("");

        var known = route.CountersByLoop;
        return loop < known.Length && known[loop] is { } counters ? counters : Remember(route);
    }

    /// <summary>When two loops do so at once, one has to do it again with its next request.</summary>
    private RouteCounters Remember(CompiledRoute route)
    {
        var counters = Of(route.Route.Id);
        var known = route.CountersByLoop.ToArray();
        Array.Resize(ref known, Math.Max(known.Length, loop + 1));
        known[loop] = counters;
        route.CountersByLoop = known;
        return counters;
    }

    /// <param name="route">The route's identity; empty when none matched.</param>
    private RouteCounters Of(string route) =>
        routes.TryGetValue(route, out var counters) ? counters : routes.GetOrAdd(route, static (_, isDetailed) => new RouteCounters { Details = isDetailed ? new DetailedCounters() : null }, isDetailed);

    /// <param name="route">The stream route's identity.</param>
    public StreamCounters OfStream(string route) =>
        streams.TryGetValue(route, out var counters) ? counters : streams.GetOrAdd(route, static _ => new StreamCounters());
}

/// <summary>The counts of one route.</summary>
internal sealed class RouteCounters
{
    private readonly long[] byClass = new long[6];

    /// <summary>The same by method and status; null where nobody asked for it.</summary>
    public DetailedCounters? Details { get; init; }

    public long RequestBytes { get; private set; }

    public long ResponseBytes { get; private set; }

    public ReadOnlySpan<long> ByClass => byClass;

    public Histogram Durations { get; } = Histogram.OfDurations();

    public void Count(int status, long milliseconds, long requestBytes, long responseBytes)
    {
        byClass[Math.Clamp(status / 100, 0, byClass.Length - 1)]++;
        Durations.Record(milliseconds);
        RequestBytes += requestBytes;
        ResponseBytes += responseBytes;
    }
}
