using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Polygate.Bench;

/// <summary>All measurements of a run: medians, and ratios to nginx in the same run.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly List<(Scenario Scenario, Proxy Proxy, Measurement Measurement)> measurements = [];
    private readonly List<Finding> findings = [];

    public void Add(Scenario scenario, Proxy proxy, Measurement measurement) => measurements.Add((scenario, proxy, measurement));

    public void Add(IEnumerable<Finding> more)
    {
        foreach (var finding in more)
        {
            Console.WriteLine($"{finding.Proxy,-9} {finding.Value,10:F2} {finding.What}");
            findings.Add(finding);
        }
    }

    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Measured {DateTime.UtcNow:yyyy-MM-dd} on {Machine()}, everything on loopback; written by `bench/run`.\n\n");
        text.Append(
            "CPU time of the proxy a request as a ratio to nginx in the same round (median of the rounds; below 1 is less than nginx), then medians of ");
        text.Append("microseconds, requests a second, latency and resident memory. Routing over 1,000 routes and an access log unless said otherwise.\n\n");
        text.Append("| scenario | proxy | ratio | µs/request | user + system | requests/s | p50 ms | p99 ms | p99.9 ms | RSS MiB | failures |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var scenario in measurements.GroupBy(item => item.Scenario))
        {
            var nginx = scenario.Where(item => item.Proxy.Name == "nginx").Select(item => item.Measurement).ToList();
            foreach (var proxy in scenario.GroupBy(item => item.Proxy.Name))
            {
                Row(text, scenario.Key, proxy.Key, [.. proxy.Select(item => item.Measurement)], nginx);
            }
        }

        text.Append("\n| measured | proxy | value |\n|---|---|---|\n");
        foreach (var finding in findings.OrderBy(finding => finding.What, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {finding.What} | {finding.Proxy} | {finding.Value:F2} |\n");
        }

        return text.ToString();
    }

    /// <param name="path">Without the extension; null for nowhere.</param>
    public void Write(string? path)
    {
        if (path is null)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path + ".md", Markdown());
        var scenarios = measurements.Select(item => new { scenario = item.Scenario.Name, proxy = item.Proxy.Name, item.Measurement });
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(new { machine = Machine(), scenarios, findings }, Indented) + "\n");
    }

    private static void Row(StringBuilder text, Scenario scenario, string proxy, List<Measurement> all, List<Measurement> nginx)
    {
        var ratio = Median(all.Zip(nginx, (own, other) => own.MicrosecondsPerRequest / other.MicrosecondsPerRequest));
        text.Append(CultureInfo.InvariantCulture, $"| {scenario.Description} | {proxy} | {ratio:F2} | {Median(all.Select(item => item.MicrosecondsPerRequest)):F1} ");
        text.Append(CultureInfo.InvariantCulture, $"| {Median(all.Select(item => item.Cpu.User * 1e6 / item.Load.Requests)):F1} + {Median(all.Select(item => item.Cpu.System * 1e6 / item.Load.Requests)):F1} ");
        text.Append(CultureInfo.InvariantCulture, $"| {Median(all.Select(item => item.Load.PerSecond)):F0} | {Time(all.Select(item => item.Load.P50))} | {Time(all.Select(item => item.Load.P99))} ");
        text.Append(CultureInfo.InvariantCulture, $"| {Time(all.Select(item => item.Load.P999))} | {Median(all.Select(item => item.ResidentKiB / 1024.0)):F0} | {all.Sum(item => item.Load.Failures)} |\n");
    }

    private static string Time(IEnumerable<double> milliseconds) =>
        Median(milliseconds) is > 0 and var median ? median.ToString("F2", CultureInfo.InvariantCulture) : "";

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[sorted.Count / 2];
    }

    private static string Machine()
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        return $"{cpu}, {Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}";
    }
}
