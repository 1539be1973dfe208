using System.Diagnostics;
using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace Polygate.Bench;

/// <summary>Starts the proxies side by side, loads them in turns, round after round, and writes what was measured.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var options = Options.Parse(arguments);
        var folder = Directory.CreateTempSubdirectory("polygate-bench-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101); // nginx's workers run as another user
        Reaper.Start(folder);
        try
        {
            // Beside the backend: what this program does itself is no proxy's work.
            using (var self = Process.GetCurrentProcess())
            {
                self.ProcessorAffinity = 1 << 1;
            }

            MakeCertificate(folder);
            Proxy[] proxies = [Proxy.Nginx, Proxy.Polygate(options.Polygate), Proxy.HAProxy, Proxy.Yarp(options.Yarp)];
            proxies = [.. proxies.Where(proxy => options.Proxies.Count == 0 || options.Proxies.Contains(proxy.Name))];
            using var backend = Proxy.StartBackend(folder, Scenario.OtherCpu);
            using var echo = EchoLoad.StartBackend();
            var report = new Report();
            var scenarios = Scenario.All(folder).Where(scenario => options.Wants(scenario.Name) && !(options.IsQuick && scenario.IsSlow));
            foreach (var group in scenarios.GroupBy(scenario => new Setup(folder, scenario.Routes, scenario.Workers)))
            {
                await MeasureAsync([.. group], group.Key, proxies, options, report);
            }

            await ProbeAsync(proxies, folder, options, report);
            report.Write(options.Output);
            Console.WriteLine(report.Markdown());
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>All proxies run at once; those that have no turn rest.</summary>
    private static async Task MeasureAsync(List<Scenario> scenarios, Setup setup, Proxy[] proxies, Options options, Report report)
    {
        var running = new Dictionary<Proxy, ChildProcess>();
        try
        {
            foreach (var proxy in proxies.Where(proxy => scenarios.Exists(scenario => scenario.Includes(proxy))))
            {
                running.Add(proxy, proxy.Start(setup, setup.Workers == 1 ? Scenario.ProxyCpu : "0,1"));
                await Scenario.WaitForPortAsync(proxy, running[proxy]);
            }

            foreach (var scenario in scenarios)
            {
                var partakers = proxies.Where(scenario.Includes).ToList();
                partakers.ForEach(proxy => scenario.Run(proxy, 1));
                for (var round = 0; round < options.Rounds; round++)
                {
                    foreach (var proxy in partakers)
                    {
                        var measured = scenario.Measure(proxy, running[proxy], options.Seconds);
                        report.Add(scenario, proxy, measured);
                        Console.WriteLine(
                            $"{scenario.Name,-16} {proxy.Name,-9} {measured.MicrosecondsPerRequest,8:F2} us/request {measured.Load.PerSecond,9:F0}/s  failures {measured.Load.Failures}");
                    }
                }
            }
        }
        finally
        {
            foreach (var child in running.Values)
            {
                child.Dispose();
            }
        }
    }

    private static async Task ProbeAsync(Proxy[] proxies, string folder, Options options, Report report)
    {
        var small = new Setup(folder, 1000, 1);
        var large = new Setup(folder, 10_000, 1);
        foreach (var proxy in proxies)
        {
            if (options.Wants("idle"))
            {
                report.Add(await Probes.IdleConnectionsAsync(proxy, small, 10_000));
            }

            if (options.Wants("start") && !options.IsQuick)
            {
                report.Add(await Probes.StartAsync(proxy, small, 10));
            }

            if (proxy.Name != "polygate")
            {
                continue;
            }

            if (options.Wants("allocation"))
            {
                report.Add(await Probes.AllocationAsync(proxy, small, options.Seconds));
            }

            if (options.Wants("edits"))
            {
                report.Add(await Probes.EditsAsync(proxy, large, options.IsQuick ? 5 : 100));
            }
        }
    }

    private static void MakeCertificate(string folder)
    {
        ChildProcess.Run(
            "0", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=bench.localhost", "-keyout", Path.Combine(folder, "tls.key"), "-out", Path.Combine(folder, "tls.crt"));
        File.WriteAllText(
            Path.Combine(folder, "tls.pem"), File.ReadAllText(Path.Combine(folder, "tls.crt")) + File.ReadAllText(Path.Combine(folder, "tls.key")));
    }
}
