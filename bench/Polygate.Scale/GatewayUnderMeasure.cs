using System.Diagnostics;
using System.Globalization;
using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>The native executable on the API server, with its times and memory as the kernel counts them.</summary>
internal sealed class GatewayUnderMeasure : IAsyncDisposable
{
    /// <summary>Of its own, so that two measurements on one machine do not meet.</summary>
    private static readonly string Address = $"127.0.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}";

    private readonly Process process;
    private readonly string kubeconfig;

    private GatewayUnderMeasure(Process process, string kubeconfig)
    {
        this.process = process;
        this.kubeconfig = kubeconfig;
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{Address}:8080") };
    }

    public TimeSpan StartToReady { get; private set; }

    public HttpClient Client { get; }

    /// <summary>What it has used and done so far.</summary>
    public async Task<Counters> CountersAsync()
    {
        process.Refresh();
        var cpu = process.TotalProcessorTime.TotalSeconds;
        var lines = (await Client.GetStringAsync(new Uri($"http://{Address}:9901/metrics"))).Split('\n');
        return new Counters(
            cpu, Value("polygate_allocated_bytes_total"), Value("polygate_heap_bytes"), Value("polygate_heap_live_bytes"), Value("polygate_heap_committed_bytes"),
            Value("polygate_gc_pause_seconds_total"), Value("polygate_gc_collections_total"),
            Stage("translate"), Stage("look-up"), Stage("apply"), Stage("report"));

        double Stage(string name) => Value($"polygate_config_change_seconds_total{{stage=\"{name}\"}}");

        double Value(string name) => double.Parse(
            lines.Single(line => line.StartsWith(name + " ", StringComparison.Ordinal)).AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    public static async Task<GatewayUnderMeasure> StartAsync(string program, TestApiServer server)
    {
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig());
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("/bin/sh", [
            "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", kubeconfig + ".log", program,
            "run", "--kubeconfig", kubeconfig, "--address", Address, "--admin", $"{Address}:9901", "--access-log", "off", "--local-backends", "allow", "--leader-election-namespace", "default"]);
        var gateway = new GatewayUnderMeasure(Process.Start(start)!, kubeconfig);
        using var admin = new HttpClient();
        while (true)
        {
            try
            {
                using var ready = await admin.GetAsync(new Uri($"http://{Address}:9901/readyz"));
                if (ready.IsSuccessStatusCode)
                {
                    gateway.StartToReady = clock.Elapsed;
                    return gateway;
                }
            }
            catch (HttpRequestException) when (!gateway.process.HasExited && clock.Elapsed < TimeSpan.FromMinutes(5))
            {
                // Not listening yet.
            }

            await Task.Delay(50);
        }
    }

    /// <summary>A line of <c>/proc/PID/status</c> in MiB.</summary>
    public int Memory(string name) => int.Parse(
        File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>Which backend answers for a host now; null where none does.</summary>
    public async Task<string?> AskAsync(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host } };
        using var answer = await Client.SendAsync(request);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        File.Delete(kubeconfig);
        File.Delete(kubeconfig + ".log");
    }
}
