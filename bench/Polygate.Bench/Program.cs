using System.Globalization;
using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace Polygate.Bench;

/// <summary>Starts each proxy in turn, round after round, and writes what was measured.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var options = Options.Parse(arguments);
        var folder = Directory.CreateTempSubdirectory("polygate-bench-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101); // nginx's workers run as another user
        try
        {
            MakeCertificate(folder);
            Proxy[] proxies = [Proxy.Nginx, Proxy.Polygate(options.Polygate), Proxy.HAProxy, Proxy.Yarp(options.Yarp)];
            proxies = [.. proxies.Where(proxy => options.Proxies.Count == 0 || options.Proxies.Contains(proxy.Name))];
            using var backend = Proxy.StartBackend(folder, Scenario.OtherCpu);
            var report = new Report();
            foreach (var scenario in Scenario.All(folder).Where(scenario => options.Wants(scenario.Name)))
            {
                for (var round = 0; round < options.Rounds; round++)
                {
                    foreach (var proxy in proxies.Where(scenario.Includes))
                    {
                        var measured = await scenario.MeasureAsync(proxy, folder, options.Seconds);
                        report.Add(scenario, proxy, measured);
                        Console.WriteLine($"{scenario.Name,-24} {proxy.Name,-10} {measured.MicrosecondsPerRequest,8:F2} us/request  {measured.Load.PerSecond,9:F0}/s  failures {measured.Load.Failures}");
                    }
                }
            }

            report.Write(options.Output);
            Console.WriteLine(report.Markdown());
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
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

    private sealed record Options(string Polygate, string Yarp, int Rounds, int Seconds, string Output, IReadOnlyList<string> Proxies, IReadOnlyList<string> Scenarios)
    {
        public bool Wants(string scenario) => Scenarios.Count == 0 || Scenarios.Contains(scenario);

        public static Options Parse(string[] arguments)
        {
            var options = new Options("artifacts/native/polygate", "artifacts/yarp/Polygate.Bench.Yarp", 5, 5, "bench/results", [], []);
            List<string> scenarios = [];
            for (var i = 0; i < arguments.Length; i++)
            {
                options = arguments[i] switch
                {
                    "--polygate" => options with { Polygate = arguments[++i] },
                    "--yarp" => options with { Yarp = arguments[++i] },
                    "--rounds" => options with { Rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--seconds" => options with { Seconds = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--proxies" => options with { Proxies = arguments[++i].Split(',') },
                    "--output" => options with { Output = arguments[++i] },
                    _ => options,
                };
                if (!arguments[i].StartsWith('-') && (i == 0 || !arguments[i - 1].StartsWith("--", StringComparison.Ordinal)))
                {
                    scenarios.Add(arguments[i]);
                }
            }

            return options with { Scenarios = scenarios };
        }
    }
}
