using System.Diagnostics;
using System.Globalization;

namespace Polygate.Soak;

/// <summary>
/// Runs the gateway for a long time as the world treats it: load, an edit each second, backends that come and go, certificates that change, slow
/// clients and clients that break off. Everything on one address of the loopback network.
/// </summary>
public sealed class SoakRun
{
    private const int Backends = 4;
    private const int WarmUpSeconds = 3;
    private const int TrialSeconds = 6;

    private readonly SoakOptions options;
    private readonly string address = $"127.{Random.Shared.Next(64, 250)}.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}";
    private readonly SoakConfiguration configuration;

    private SoakRun(SoakOptions options)
    {
        this.options = options;
        configuration = new SoakConfiguration(Path.Combine(options.Folder, "config"));
    }

    /// <exception cref="InvalidOperationException">The gateway did not start, or ended.</exception>
    public static Task<SoakReport> RunAsync(SoakOptions options) => new SoakRun(options).RunAsync();

    private async Task<SoakReport> RunAsync()
    {
        await using var backends = new SoakBackends(address);
        for (var i = 0; i < Backends; i++)
            await backends.AddAsync();

        configuration.WriteAll(address, backends.Ports);
        await using var gateway = await SoakGateway.StartAsync(options, address);
        var capacity = options.Rate > 0 ? 0 : await MeasureCapacityAsync();
        var rate = options.Rate > 0 ? options.Rate : Math.Max(1, (int)(capacity * options.Share));
        using var traffic = new SoakTraffic(address);
        var trouble = new SoakTroublemakers(address);
        using var stop = new CancellationTokenSource();
        var clients = Task.WhenAll(traffic.RunAsync(rate, stop.Token), trouble.RunAsync(stop.Token));
        var samples = await ChurnAsync(gateway, backends, traffic);
        await stop.CancelAsync();
        await clients;
        return new SoakReport
        {
            Rate = rate,
            Capacity = capacity,
            Requests = traffic.Requests,
            Failures = traffic.Failures,
            Edits = configuration.Edits,
            CertificatesSeen = traffic.CertificatesSeen,
            BackendsReplaced = backends.Replaced,
            SlowClients = trouble.SlowClients,
            Resets = trouble.Resets,
            Samples = samples,
        };
    }

    /// <summary>Requests per second that the machine does when nothing else happens. What comes before connections are made does not count.</summary>
    private async Task<int> MeasureCapacityAsync()
    {
        await TrafficOfAsync(TimeSpan.FromSeconds(WarmUpSeconds));
        return (int)(await TrafficOfAsync(TimeSpan.FromSeconds(TrialSeconds)) / TrialSeconds);
    }

    private async Task<long> TrafficOfAsync(TimeSpan time)
    {
        using var traffic = new SoakTraffic(address);
        using var stop = new CancellationTokenSource(time);
        await traffic.RunAsync(0, stop.Token);
        return traffic.Requests;
    }

    private async Task<List<SoakSample>> ChurnAsync(SoakGateway gateway, SoakBackends backends, SoakTraffic traffic)
    {
        await using var file = new StreamWriter(Path.Combine(options.Folder, "samples.csv"));
        await file.WriteLineAsync("seconds,requests,failed,resident_kib,heap_kib,slowest_ms");
        var samples = new List<SoakSample>();
        var started = Stopwatch.GetTimestamp();
        for (var second = 1; Stopwatch.GetElapsedTime(started) < options.Duration; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } wait ? wait : TimeSpan.Zero);
            configuration.EditRoute();
            if (second % 5 == 0)
            {
                await backends.ReplaceOldestAsync();
                configuration.WriteEndpoints(address, backends.Ports);
            }

            if (second % 7 == 0)
                configuration.RotateCertificate();

            var (resident, heap) = await gateway.ReadMemoryAsync();
            var sample = new SoakSample(second, traffic.Requests, traffic.Failed, resident, heap, traffic.TakeSlowest());
            samples.Add(sample);
            await file.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{sample.Seconds},{sample.Requests},{sample.Failed},{resident},{heap},{sample.SlowestMilliseconds}"));
            await file.FlushAsync();
        }

        return samples;
    }
}
