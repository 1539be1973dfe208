using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Polygate.Commands;
using Polygate.Dialects.Common;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Running;

namespace Polygate.Admin;

/// <summary>
/// The metrics by which ingress-nginx's dashboards and alerts know a controller, under their names and with their labels
/// (<c>nginx_ingress_controller_…</c>). Made from the counts of the engine when they are asked for.
/// </summary>
/// <remarks>
/// Sizes are those of bodies, without heads. The times of backends are those of a request's last attempt; ingress-nginx leaves requests out that
/// had more than one, for nginx then has a list where it expects a number.
/// </remarks>
internal sealed class NginxMetricsText
{
    private const string Prefix = "nginx_ingress_controller_";

    private static readonly ConditionalWeakTable<Certificate, object> Expiries = [];

    private readonly MetricsWriter text;

    private readonly string controller =
        $"controller_class=\"{IngressClasses.IngressNginx}\",controller_namespace=\"{Escape(Variable("POD_NAMESPACE"))}\",controller_pod=\"{Escape(Variable("POD_NAME"))}\"";

    private NginxMetricsText(PipeWriter output) => text = new MetricsWriter(output, Prefix);

    /// <param name="output">The body of the answer.</param>
    /// <param name="status">What the program says of itself.</param>
    /// <param name="metrics">Counted with <see cref="Proxy.ProxyOptions.CountsByMethodAndStatus"/>.</param>
    /// <param name="configuration">What is served.</param>
    public static async Task WriteAsync(PipeWriter output, GatewayStatus status, ProxyMetrics metrics, GatewayConfiguration configuration)
    {
        var writer = new NginxMetricsText(output);
        writer.Controller(status, configuration);
        writer.Process(metrics);
        await writer.RequestsAsync(metrics, NginxRequestLabels.Of(configuration));
        await writer.CertificatesAsync(configuration);
        await writer.text.FinishAsync();
    }

    private void Controller(GatewayStatus status, GatewayConfiguration configuration)
    {
        Single("build_info", "gauge", "The version of the program.", 1, $"release=\"{Escape(VersionCommand.Version)}\",repository=\"polygate\"");
        Single("config_hash", "gauge", "A number that changes with the routes that are served.", Hash(configuration));
        Single("config_last_reload_successful", "gauge", "Whether the last configuration was applied.", 1);
        Single("config_last_reload_successful_timestamp_seconds", "gauge", "When the last configuration was applied.", status.LastApplied);
        Single("success", "counter", "Configurations that were applied.", status.Applied);
        if (status.Cluster?.Invoke() is { } cluster)
        {
            Single("leader_election_status", "gauge", "Whether this replica writes statuses.", cluster.IsLeader ? 1 : 0);
        }
    }

    private void Process(ProxyMetrics metrics)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        text.Head("nginx_process_connections", "gauge", "Open connections of clients, by state.");
        text.Line("nginx_process_connections", metrics.ActiveConnections, controller + ",state=\"active\"");
        text.Line("nginx_process_connections", Math.Max(0, metrics.ActiveConnections - metrics.ActiveRequests), controller + ",state=\"waiting\"");
        text.Line("nginx_process_connections", metrics.ActiveRequests, controller + ",state=\"writing\"");
        Single("nginx_process_cpu_seconds_total", "counter", "CPU time of the program.", process.TotalProcessorTime.TotalSeconds);
        Single("nginx_process_num_procs", "gauge", "Processes.", 1);
        Single("nginx_process_oldest_start_time_seconds", "gauge", "When the program started.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        Single("nginx_process_requests_total", "counter", "Requests that were answered.", metrics.Routes.Values.Sum(route => route.ByClass.Sum()));
        Single("nginx_process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        Single("nginx_process_virtual_memory_bytes", "gauge", "Virtual memory.", process.VirtualMemorySize64);
    }

    private async Task RequestsAsync(ProxyMetrics metrics, IReadOnlyDictionary<string, string> labelsOfRoutes)
    {
        var rows = metrics.Routes.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(pair => pair.Value.Details.OrderBy(detail => detail.Method, StringComparer.Ordinal).ThenBy(detail => detail.Status)
                .Select(detail => (Labels: labelsOfRoutes.GetValueOrDefault(pair.Key, NginxRequestLabels.None), Detail: detail)))
            .GroupBy(
                row => $"{row.Labels},method=\"{row.Detail.Method}\",status=\"{row.Detail.Status.ToString(CultureInfo.InvariantCulture)}\",{controller}",
                row => row.Detail)
            .ToList();
        text.Head("requests", "counter", "Requests of clients.");
        foreach (var row in rows)
        {
            text.Line("requests", row.Sum(detail => detail.Durations.Count), row.Key);
            await text.SendAsync();
        }

        await HistogramsAsync("request_duration_seconds", "Time from a request's head to the end of its answer.", 1000, detail => detail.Durations);
        await HistogramsAsync("connect_duration_seconds", "Time until there was a connection to the backend; none for one that stood.", 1000, detail => detail.Connects);
        await HistogramsAsync("header_duration_seconds", "Time until the head of the backend's answer had come.", 1000, detail => detail.Heads);
        await HistogramsAsync("response_duration_seconds", "Time until the backend's answer had come to its end.", 1000, detail => detail.Ends);
        await HistogramsAsync("request_size", "Bytes of request bodies.", 1, detail => detail.RequestSizes);
        await HistogramsAsync("response_size", "Bytes of the bodies of answers.", 1, detail => detail.ResponseSizes);
        await HistogramsAsync("bytes_sent", "The same, under its older name.", 1, detail => detail.ResponseSizes);

        // Several routes may have the same labels, such as those of cleartext and of TLS. Requests that no backend was asked have no times of one.
        async Task HistogramsAsync(string name, string help, long perUnit, Func<RequestDetail, Histogram> of)
        {
            text.Head(name, "histogram", help);
            string[]? bounds = null;
            foreach (var row in rows)
            {
                if (Histogram.Sum(row.Select(of)) is { Count: > 0 } histogram)
                {
                    bounds ??= MetricsWriter.Bounds(histogram.Bounds, perUnit);
                    text.Histogram(name, row.Key, histogram.Buckets, bounds, histogram.Total / (double)perUnit);
                    await text.SendAsync();
                }
            }
        }
    }

    private async Task CertificatesAsync(GatewayConfiguration configuration)
    {
        text.Head("ssl_expire_time_seconds", "gauge", "When the certificate of a host expires.");
        var certificates = configuration.Pieces.Values.SelectMany(piece => piece.Certificates).DistinctBy(certificate => certificate.Id)
            .ToDictionary(certificate => certificate.Id, StringComparer.Ordinal);
        var bindings = configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings)
            .Where(binding => !binding.Certificates.IsEmpty && certificates.ContainsKey(binding.Certificates[0]))
            .DistinctBy(binding => (binding.ServerName.ToString(), binding.Certificates[0]))
            .OrderBy(binding => binding.ServerName.ToString(), StringComparer.Ordinal);
        foreach (var binding in bindings)
        {
            var expiry = (DateTime)Expiries.GetValue(certificates[binding.Certificates[0]], static found => ExpiryOf(found));
            var secret = binding.Certificates[0].Split('/', 2);
            var host = binding.ServerName == HostPattern.Any ? "_" : binding.ServerName.ToString();
            text.Line(
                "ssl_expire_time_seconds", new DateTimeOffset(expiry).ToUnixTimeSeconds(),
                $"class=\"{IngressClasses.IngressNginx}\",host=\"{Escape(host)}\",namespace=\"{Escape(secret[0])}\",secret_name=\"{Escape(secret[^1])}\",ingress=\"{Escape(binding.Origin.Name)}\",{controller}");
            await text.SendAsync();
        }
    }

    private static object ExpiryOf(Certificate certificate)
    {
        using var leaf = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(certificate.CertificatePem);
        return leaf.NotAfter.ToUniversalTime();
    }

    /// <summary>Of the identities of the pieces in no order: an edit makes a new piece. As many bits as a double keeps.</summary>
    private static long Hash(GatewayConfiguration configuration)
    {
        var sum = 0L;
        foreach (var piece in configuration.Pieces.Values)
        {
            sum ^= RuntimeHelpers.GetHashCode(piece) + ((long)piece.Id.Length << 32);
        }

        return sum & ((1L << 52) - 1);
    }

    private void Single(string name, string type, string help, double value, string labels = "") =>
        text.Single(name, type, help, value, labels.Length == 0 ? controller : labels + "," + controller);

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static string Escape(string label) => MetricsWriter.Escape(label);
}
