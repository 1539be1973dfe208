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

    public void Add(Scenario scenario, Proxy proxy, Measurement measurement) => measurements.Add((scenario, proxy, measurement));

    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Measured {DateTime.UtcNow:yyyy-MM-dd} on {Machine()}.\n\n");
        text.Append("CPU time of the proxy a request, as a ratio to nginx (medians; below 1 is less than nginx), then microseconds, requests a second, p99 and resident memory under load.\n\n");
        text.Append("| scenario | proxy | ratio | µs/request | (user + system) | requests/s | p99 ms | RSS MiB | failures |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var scenario in measurements.GroupBy(item => item.Scenario.Name))
        {
            var nginx = Median(scenario.Where(item => item.Proxy.Name == "nginx").Select(item => item.Measurement.MicrosecondsPerRequest));
            foreach (var proxy in scenario.GroupBy(item => item.Proxy.Name))
            {
                var all = proxy.Select(item => item.Measurement).ToList();
                var cost = Median(all.Select(item => item.MicrosecondsPerRequest));
                text.Append(CultureInfo.InvariantCulture,
                    $"| {scenario.First().Scenario.Description} | {proxy.Key} | {cost / nginx:F2} | {cost:F1} | {Median(all.Select(item => item.Cpu.User * 1e6 / item.Load.Requests)):F1} + {Median(all.Select(item => item.Cpu.System * 1e6 / item.Load.Requests)):F1} | {Median(all.Select(item => item.Load.PerSecond)):F0} | {Median(all.Select(item => item.Load.P99)):F1} | {Median(all.Select(item => item.ResidentKiB / 1024.0)):F0} | {all.Sum(item => item.Load.Failures)} |\n");
            }
        }

        return text.ToString();
    }

    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path + ".md", Markdown());
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(
            measurements.Select(item => new { scenario = item.Scenario.Name, proxy = item.Proxy.Name, item.Measurement }),
            Indented));
    }

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
