using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
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

    private readonly StringBuilder text = new();
    private readonly string controller;

    private NginxMetricsText() => controller =
        $"controller_class=\"{IngressClasses.IngressNginx}\",controller_namespace=\"{Escape(Variable("POD_NAMESPACE"))}\",controller_pod=\"{Escape(Variable("POD_NAME"))}\"";

    /// <param name="status">What the program says of itself.</param>
    /// <param name="metrics">Counted with <see cref="Proxy.ProxyOptions.CountsByMethodAndStatus"/>.</param>
    /// <param name="configuration">What is served.</param>
    public static string Of(GatewayStatus status, ProxyMetrics metrics, GatewayConfiguration configuration)
    {
        var writer = new NginxMetricsText();
        writer.Controller(status, configuration);
        writer.Process(metrics);
        writer.Requests(metrics, NginxRequestLabels.Of(configuration));
        writer.Certificates(configuration);
        return writer.text.ToString();
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
        Head("nginx_process_connections", "gauge", "Open connections of clients, by state.");
        Line("nginx_process_connections", metrics.ActiveConnections, controller + ",state=\"active\"");
        Line("nginx_process_connections", Math.Max(0, metrics.ActiveConnections - metrics.ActiveRequests), controller + ",state=\"waiting\"");
        Line("nginx_process_connections", metrics.ActiveRequests, controller + ",state=\"writing\"");
        Single("nginx_process_cpu_seconds_total", "counter", "CPU time of the program.", process.TotalProcessorTime.TotalSeconds);
        Single("nginx_process_num_procs", "gauge", "Processes.", 1);
        Single("nginx_process_oldest_start_time_seconds", "gauge", "When the program started.", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        Single("nginx_process_requests_total", "counter", "Requests that were answered.", metrics.Routes.Values.Sum(route => route.ByClass.Sum()));
        Single("nginx_process_resident_memory_bytes", "gauge", "Resident memory.", Environment.WorkingSet);
        Single("nginx_process_virtual_memory_bytes", "gauge", "Virtual memory.", process.VirtualMemorySize64);
    }

    private void Requests(ProxyMetrics metrics, IReadOnlyDictionary<string, string> labelsOfRoutes)
    {
        var rows = metrics.Routes.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(pair => pair.Value.Details.OrderBy(detail => detail.Method, StringComparer.Ordinal).ThenBy(detail => detail.Status)
                .Select(detail => (Labels: labelsOfRoutes.GetValueOrDefault(pair.Key, NginxRequestLabels.None), Detail: detail)))
            .GroupBy(
                row => $"{row.Labels},method=\"{row.Detail.Method}\",status=\"{row.Detail.Status.ToString(CultureInfo.InvariantCulture)}\",{controller}",
                row => row.Detail)
            .ToList();
        Head("requests", "counter", "Requests of clients.");
        rows.ForEach(row => Line("requests", row.Sum(detail => detail.Durations.Count), row.Key));
        Histograms("request_duration_seconds", "Time from a request's head to the end of its answer.", 1000, detail => detail.Durations);
        Histograms("connect_duration_seconds", "Time until there was a connection to the backend; none for one that stood.", 1000, detail => detail.Connects);
        Histograms("header_duration_seconds", "Time until the head of the backend's answer had come.", 1000, detail => detail.Heads);
        Histograms("response_duration_seconds", "Time until the backend's answer had come to its end.", 1000, detail => detail.Ends);
        Histograms("request_size", "Bytes of request bodies.", 1, detail => detail.RequestSizes);
        Histograms("response_size", "Bytes of the bodies of answers.", 1, detail => detail.ResponseSizes);
        Histograms("bytes_sent", "The same, under its older name.", 1, detail => detail.ResponseSizes);

        // Several routes may have the same labels, such as those of cleartext and of TLS. Requests that no backend was asked have no times of one.
        void Histograms(string name, string help, long perUnit, Func<RequestDetail, Histogram> of)
        {
            Head(name, "histogram", help);
            foreach (var row in rows)
            {
                if (Histogram.Sum(row.Select(of)) is { Count: > 0 } histogram)
                {
                    Series(name, row.Key, histogram, perUnit);
                }
            }
        }
    }

    private void Certificates(GatewayConfiguration configuration)
    {
        Head("ssl_expire_time_seconds", "gauge", "When the certificate of a host expires.");
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
            Line(
                "ssl_expire_time_seconds", new DateTimeOffset(expiry).ToUnixTimeSeconds(),
                $"class=\"{IngressClasses.IngressNginx}\",host=\"{Escape(host)}\",namespace=\"{Escape(secret[0])}\",secret_name=\"{Escape(secret[^1])}\",ingress=\"{Escape(binding.Origin.Name)}\",{controller}");
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

    /// <param name="name">The histogram's name.</param>
    /// <param name="labels">Whose it is.</param>
    /// <param name="histogram">What was counted.</param>
    /// <param name="perUnit">How many of what was counted make one of the metric.</param>
    private void Series(string name, string labels, Histogram histogram, long perUnit)
    {
        var count = 0L;
        for (var i = 0; i < histogram.Buckets.Length; i++)
        {
            count += histogram.Buckets[i];
            Line(name + "_bucket", count, $"{labels},le=\"{(i < histogram.Bounds.Length ? Number(histogram.Bounds[i] / (double)perUnit) : "+Inf")}\"");
        }

        Line(name + "_sum", histogram.Total / (double)perUnit, labels);
        Line(name + "_count", count, labels);
    }

    private void Single(string name, string type, string help, double value, string labels = "")
    {
        Head(name, type, help);
        Line(name, value, labels.Length == 0 ? controller : labels + "," + controller);
    }

    private void Head(string name, string type, string help) =>
        text.Append("# HELP ").Append(Prefix).Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(Prefix).Append(name).Append(' ').Append(type).Append('\n');

    private void Line(string name, double value, string labels) =>
        text.Append(Prefix).Append(name).Append('{').Append(labels).Append("} ").Append(Number(value)).Append('\n');

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    internal static string Escape(string label) => MetricsText.Escape(label);
}
