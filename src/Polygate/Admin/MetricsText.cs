using System.IO.Pipelines;
using Polygate.Commands;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Streams;
using Polygate.Running;

namespace Polygate.Admin;

/// <summary>Metrics in the Prometheus text exposition format 0.0.4.</summary>
internal static class MetricsText
{
    private static readonly string[] Bounds = MetricsWriter.Bounds(Histogram.DurationBounds, 1000);

    /// <summary>By the first digit of a status, as the last label.</summary>
    private static readonly string[] Classes = [.. Enumerable.Range(0, 6).Select(static digit => $",status=\"{digit}xx\"")];

    /// <param name="output">The body of the answer.</param>
    /// <param name="status">What the program says of itself.</param>
    /// <param name="metrics">What was counted.</param>
    public static async Task WriteAsync(PipeWriter output, GatewayStatus status, ProxyMetrics metrics)
    {
        var text = new MetricsWriter(output);
        Program(text, status, metrics);
        await RoutesAsync(text, metrics.Routes);
        await StreamsAsync(text, metrics.Streams);
        await text.FinishAsync();
    }

    private static void Program(MetricsWriter text, GatewayStatus status, ProxyMetrics metrics)
    {
        text.Single("polygate_build_info", "gauge", "The version of the program.", 1, $"version=\"{MetricsWriter.Escape(VersionCommand.Version)}\"");
        text.Single("polygate_ready", "gauge", "Whether the gateway takes traffic.", status.IsReady ? 1 : 0);
        text.Single("polygate_config_objects", "gauge", "Kubernetes objects that are served.", status.Objects);
        text.Single("polygate_config_routes", "gauge", "Routes that are served.", status.Routes);
        text.Single("polygate_config_errors", "gauge", "Errors in the configuration now.", status.Errors);
        text.Single("polygate_config_warnings", "gauge", "Warnings in the configuration now.", status.Warnings);
        text.Single("polygate_config_applied_total", "counter", "Configurations that were applied.", status.Applied);
        text.Head("polygate_config_change_seconds_total", "counter", "Time spent on changes, by stage; an object is served differently after the first three.");
        text.Line("polygate_config_change_seconds_total", status.Times.Translation, "stage=\"translate\"");
        text.Line("polygate_config_change_seconds_total", status.Times.Lookups, "stage=\"look-up\"");
        text.Line("polygate_config_change_seconds_total", status.Times.Application, "stage=\"apply\"");
        text.Line("polygate_config_change_seconds_total", status.Times.Report, "stage=\"report\"");
        text.Single("polygate_config_last_applied_timestamp_seconds", "gauge", "When the last configuration was applied.", status.LastApplied);
        if (status.Cluster?.Invoke() is { } cluster)
        {
            Cluster(text, cluster);
        }

        text.Single("polygate_heap_bytes", "gauge", "Bytes on the managed heap, garbage included.", GC.GetTotalMemory(forceFullCollection: false));
        text.Single("polygate_heap_live_bytes", "gauge", "Bytes of the objects that the last garbage collection of everything left; 0 before the first.", LiveBytes());
        text.Single("polygate_heap_committed_bytes", "gauge", "Memory that the managed heap has from the system.", GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);
        text.Single("polygate_connections_active", "gauge", "Open connections of clients.", metrics.ActiveConnections);
        text.Single("polygate_requests_active", "gauge", "Requests under way.", metrics.ActiveRequests);
        text.Single("polygate_upstream_connects_total", "counter", "Connections made to backends.", metrics.UpstreamConnects);
        text.Single("polygate_upstream_connect_failures_total", "counter", "Connections to backends that failed.", metrics.UpstreamConnectFailures);
        text.Single("polygate_mirrors_skipped_total", "counter", "Copies of requests that were not sent.", metrics.MirrorsSkipped);
        text.Single("polygate_allocated_bytes_total", "counter", "Memory that was allocated, by all threads together.", GC.GetTotalAllocatedBytes());
        text.Single("polygate_gc_pause_seconds_total", "counter", "Time for which garbage collections stopped all threads.", GC.GetTotalPauseDuration().TotalSeconds);
        text.Single("polygate_gc_collections_total", "counter", "Garbage collections of everything (generation 2).", GC.CollectionCount(GC.MaxGeneration));
    }

    private static long LiveBytes()
    {
        var (blocking, background) = (GC.GetGCMemoryInfo(GCKind.FullBlocking), GC.GetGCMemoryInfo(GCKind.Background));
        var last = blocking.Index > background.Index ? blocking : background;
        return last.HeapSizeBytes - last.FragmentedBytes;
    }

    private static void Cluster(MetricsWriter text, ClusterCounts cluster)
    {
        text.Single("polygate_api_available", "gauge", "Whether the API server answers; while it does not, what is served stays.", cluster.IsAvailable ? 1 : 0);
        text.Single("polygate_leader", "gauge", "Whether this replica writes statuses.", cluster.IsLeader ? 1 : 0);
        text.Single("polygate_api_requests_total", "counter", "Requests to the API server.", cluster.Requests);
        text.Single("polygate_api_failures_total", "counter", "Requests to the API server without an answer, or with one of the 500s.", cluster.Failures);
        text.Single("polygate_status_writes_total", "counter", "Statuses that were written.", cluster.StatusWrites);
    }

    private static async Task RoutesAsync(MetricsWriter text, IReadOnlyDictionary<string, RouteMetrics> routes)
    {
        var ordered = routes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (Labels: Label(pair.Key), Counts: pair.Value)).ToList();
        text.Head("polygate_requests_total", "counter", "Requests by route and class of status; the empty route is for those that none matched.");
        foreach (var (labels, counts) in ordered)
        {
            for (var i = 1; i < counts.ByClass.Length; i++)
            {
                if (counts.ByClass[i] > 0)
                {
                    text.Line("polygate_requests_total", counts.ByClass[i], labels, Classes[i]);
                }
            }

            await text.SendAsync();
        }

        text.Head("polygate_request_duration_seconds", "histogram", "Time from a request's head to the end of its answer.");
        foreach (var (labels, counts) in ordered)
        {
            text.Histogram("polygate_request_duration_seconds", labels, counts.Durations.Buckets, Bounds, counts.Durations.Total / 1000.0);
            await text.SendAsync();
        }

        await FamilyAsync(text, "polygate_request_body_bytes_total", "counter", "Bytes of request bodies.", ordered, counts => counts.RequestBytes);
        await FamilyAsync(text, "polygate_response_body_bytes_total", "counter", "Bytes of the bodies of answers.", ordered, counts => counts.ResponseBytes);
    }

    private static async Task StreamsAsync(MetricsWriter text, IReadOnlyDictionary<string, StreamMetrics> streams)
    {
        var ordered = streams.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (Labels: Label(pair.Key), Counts: pair.Value)).ToList();
        await FamilyAsync(text, "polygate_stream_connections_total", "counter", "Connections and UDP sessions by stream route, refused ones included.", ordered, counts => counts.Opened);
        await FamilyAsync(text, "polygate_stream_connections_active", "gauge", "Open connections and UDP sessions.", ordered, counts => counts.Active);
        await FamilyAsync(text, "polygate_stream_connections_refused_total", "counter", "Connections and UDP sessions that never reached a backend.", ordered, counts => counts.Refused);
        await FamilyAsync(text, "polygate_stream_received_bytes_total", "counter", "Bytes from clients.", ordered, counts => counts.BytesReceived);
        await FamilyAsync(text, "polygate_stream_sent_bytes_total", "counter", "Bytes to clients.", ordered, counts => counts.BytesSent);
        await FamilyAsync(text, "polygate_stream_dropped_datagrams_total", "counter", "Datagrams that were not passed on.", ordered, counts => counts.Dropped);
    }

    /// <summary>A metric with one value of each route.</summary>
    private static async Task FamilyAsync<T>(MetricsWriter text, string name, string type, string help, List<(string Labels, T Counts)> routes, Func<T, long> value)
    {
        text.Head(name, type, help);
        foreach (var (labels, counts) in routes)
        {
            text.Line(name, value(counts), labels);
            await text.SendAsync();
        }
    }

    private static string Label(string route) => $"route=\"{MetricsWriter.Escape(route)}\"";
}
