using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Polygate.Soak;

/// <summary>The gateway's process: HTTP on 8080, HTTPS on 8443, admin on 9901.</summary>
internal sealed class SoakGateway : IAsyncDisposable
{
    private readonly Process process;
    private readonly HttpClient admin;

    private SoakGateway(Process process, string address)
    {
        this.process = process;
        admin = new HttpClient { BaseAddress = new Uri($"http://{address}:9901/"), Timeout = TimeSpan.FromSeconds(10) };
    }

    public static async Task<SoakGateway> StartAsync(SoakOptions options, string address)
    {
        var log = Path.Combine(options.Folder, "gateway.log");
        string[] arguments =
        [
            options.Polygate, "run", "--config", Path.Combine(options.Folder, "config"), "--address", address, "--admin", $"{address}:9901", "--access-log", "off",
        ];
        var command = $"exec {string.Join(' ', arguments.Select(argument => $"'{argument}'"))} >'{log}' 2>&1";
        var gateway = new SoakGateway(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!, address);
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if (gateway.process.HasExited)
                break;

            if (await gateway.IsReadyAsync())
                return gateway;

            await Task.Delay(100);
        }

        await gateway.DisposeAsync();
        throw new InvalidOperationException("The gateway did not become ready:\n" + await File.ReadAllTextAsync(log));
    }

    /// <summary>Resident memory and managed heap in KiB.</summary>
    public async Task<(long Resident, long Heap)> ReadMemoryAsync()
    {
        if (process.HasExited)
            throw new InvalidOperationException($"The gateway ended with {process.ExitCode}.");

        var status = await File.ReadAllLinesAsync($"/proc/{process.Id}/status");
        var resident = Number(status.First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        var metrics = (await admin.GetStringAsync("metrics")).Split('\n');
        var heap = metrics.FirstOrDefault(line => line.StartsWith("polygate_heap_bytes ", StringComparison.Ordinal));
        return ((long)resident, heap is null ? 0 : (long)Number(heap.Split(' ')[1]) / 1024);
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        if (!process.HasExited)
            process.Kill();

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await admin.GetAsync("readyz");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
