using System.Globalization;
using System.Text;
using Polygate.Commands;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Streams;
using Polygate.Running;

namespace Polygate.Admin;

/// <summary>Metrics in the Prometheus text exposition format 0.0.4.</summary>
internal static class MetricsText
{
    /// <summary>The upper bounds of durations, as the last label.</summary>
    private static readonly string[] Bounds =
        [.. Histogram.DurationBounds.ToArray().Select(static bound => $",le=\"{(bound / 1000.0).ToString("R", CultureInfo.InvariantCulture)}\""), ",le=\"+Inf\""];

    public static string Of(GatewayStatus status, ProxyMetrics metrics)
    {
        var text = new StringBuilder();
        Single(text, "polygate_build_info", "gauge", "The version of the program.", 1, $"version=\"{Escape(VersionCommand.Version)}\"");
        Single(text, "polygate_ready", "gauge", "Whether the gateway takes traffic.", status.IsReady ? 1 : 0);
        Single(text, "polygate_config_objects", "gauge", "Kubernetes objects that are served.", status.Objects);
        Single(text, "polygate_config_routes", "gauge", "Routes that are served.", status.Routes);
        Single(text, "polygate_config_errors", "gauge", "Errors in the configuration now.", status.Errors);
        Single(text, "polygate_config_warnings", "gauge", "Warnings in the configuration now.", status.Warnings);
        Single(text, "polygate_config_applied_total", "counter", "Configurations that were applied.", status.Applied);
        Head(text, "polygate_config_change_seconds_total", "counter", "Time spent on changes, by stage; an object is served differently after the first three.");
        Line(text, "polygate_config_change_seconds_total", status.Times.Translation, "stage=\"translate\"");
        Line(text, "polygate_config_change_seconds_total", status.Times.Lookups, "stage=\"look-up\"");
        Line(text, "polygate_config_change_seconds_total", status.Times.Application, "stage=\"apply\"");
        Line(text, "polygate_config_change_seconds_total", status.Times.Report, "stage=\"report\"");
        Single(text, "polygate_config_last_applied_timestamp_seconds", "gauge", "When the last configuration was applied.", status.LastApplied);
        if (status.Cluster?.Invoke() is { } cluster)
        {
            Cluster(text, cluster);
        }

        Single(text, "polygate_heap_bytes", "gauge", "Bytes on the managed heap, garbage included.", GC.GetTotalMemory(forceFullCollection: false));
        Single(text, "polygate_heap_live_bytes", "gauge", "Bytes of the objects that the last garbage collection of everything left; 0 before the first.", LiveBytes());
        Single(text, "polygate_heap_committed_bytes", "gauge", "Memory that the managed heap has from the system.", GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes);
        Single(text, "polygate_connections_active", "gauge", "Open connections of clients.", metrics.ActiveConnections);
        Single(text, "polygate_requests_active", "gauge", "Requests under way.", metrics.ActiveRequests);
        Single(text, "polygate_upstream_connects_total", "counter", "Connections made to backends.", metrics.UpstreamConnects);
        Single(text, "polygate_upstream_connect_failures_total", "counter", "Connections to backends that failed.", metrics.UpstreamConnectFailures);
        Single(text, "polygate_mirrors_skipped_total", "counter", "Copies of requests that were not sent.", metrics.MirrorsSkipped);
        Single(text, "polygate_allocated_bytes_total", "counter", "Memory that was allocated, by all threads together.", GC.GetTotalAllocatedBytes());
        Single(text, "polygate_gc_pause_seconds_total", "counter", "Time for which garbage collections stopped all threads.", GC.GetTotalPauseDuration().TotalSeconds);
        Single(text, "polygate_gc_collections_total", "counter", "Garbage collections of everything (generation 2).", GC.CollectionCount(GC.MaxGeneration));
        Routes(text, metrics.Routes);
        Streams(text, metrics.Streams);
        return text.ToString();
    }

    private static long LiveBytes()
    {
        var (blocking, background) = (GC.GetGCMemoryInfo(GCKind.FullBlocking), GC.GetGCMemoryInfo(GCKind.Background));
        var last = blocking.Index > background.Index ? blocking : background;
        return last.HeapSizeBytes - last.FragmentedBytes;
    }

    private static void Cluster(StringBuilder text, ClusterCounts cluster)
    {
        Single(text, "polygate_api_available", "gauge", "Whether the API server answers; while it does not, what is served stays.", cluster.IsAvailable ? 1 : 0);
        Single(text, "polygate_leader", "gauge", "Whether this replica writes statuses.", cluster.IsLeader ? 1 : 0);
        Single(text, "polygate_api_requests_total", "counter", "Requests to the API server.", cluster.Requests);
        Single(text, "polygate_api_failures_total", "counter", "Requests to the API server without an answer, or with one of the 500s.", cluster.Failures);
        Single(text, "polygate_status_writes_total", "counter", "Statuses that were written.", cluster.StatusWrites);
    }

    private static void Routes(StringBuilder text, IReadOnlyDictionary<string, RouteMetrics> routes)
    {
        Head(text, "polygate_requests_total", "counter", "Requests by route and class of status; the empty route is for those that none matched.");
        var ordered = routes.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        foreach (var (route, counts) in ordered)
        {
            for (var i = 1; i < counts.ByClass.Length; i++)
            {
                if (counts.ByClass[i] > 0)
                {
                    Line(text, "polygate_requests_total", counts.ByClass[i], $"route=\"{Escape(route)}\",status=\"{i}xx\"");
                }
            }
        }

        Head(text, "polygate_request_duration_seconds", "histogram", "Time from a request's head to the end of its answer.");
        foreach (var (route, counts) in ordered)
        {
            Durations(text, route, counts);
        }

        Head(text, "polygate_request_body_bytes_total", "counter", "Bytes of request bodies.");
        ordered.ForEach(pair => Line(text, "polygate_request_body_bytes_total", pair.Value.RequestBytes, $"route=\"{Escape(pair.Key)}\""));
        Head(text, "polygate_response_body_bytes_total", "counter", "Bytes of the bodies of answers.");
        ordered.ForEach(pair => Line(text, "polygate_response_body_bytes_total", pair.Value.ResponseBytes, $"route=\"{Escape(pair.Key)}\""));
    }

    private static void Streams(StringBuilder text, IReadOnlyDictionary<string, StreamMetrics> streams)
    {
        var ordered = streams.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        Family("polygate_stream_connections_total", "counter", "Connections and UDP sessions by stream route, refused ones included.", counts => counts.Opened);
        Family("polygate_stream_connections_active", "gauge", "Open connections and UDP sessions.", counts => counts.Active);
        Family("polygate_stream_connections_refused_total", "counter", "Connections and UDP sessions that never reached a backend.", counts => counts.Refused);
        Family("polygate_stream_received_bytes_total", "counter", "Bytes from clients.", counts => counts.BytesReceived);
        Family("polygate_stream_sent_bytes_total", "counter", "Bytes to clients.", counts => counts.BytesSent);
        Family("polygate_stream_dropped_datagrams_total", "counter", "Datagrams that were not passed on.", counts => counts.Dropped);

        void Family(string name, string type, string help, Func<StreamMetrics, long> value)
        {
            Head(text, name, type, help);
            ordered.ForEach(pair => Line(text, name, value(pair.Value), $"route=\"{Escape(pair.Key)}\""));
        }
    }

    private static void Durations(StringBuilder text, string route, RouteMetrics counts)
    {
        var label = $"route=\"{Escape(route)}\"";
        var buckets = counts.Durations.Buckets;
        long sum = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            sum += buckets[i];
            Line(text, "polygate_request_duration_seconds_bucket", sum, label, Bounds[i]);
        }

        Line(text, "polygate_request_duration_seconds_sum", counts.Durations.Total / 1000.0, label);
        Line(text, "polygate_request_duration_seconds_count", sum, label);
    }

    private static void Single(StringBuilder text, string name, string type, string help, double value, string labels = "")
    {
        Head(text, name, type, help);
        Line(text, name, value, labels);
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>Straight into the text: of a large cluster there are ten thousand lines.</summary>
    private static void Line(StringBuilder text, string name, double value, string labels, string more = "")
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append(more).Append('}');
        }

        text.Append(CultureInfo.InvariantCulture, $" {value:R}\n");
    }

    internal static string Escape(string label) =>
        label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
