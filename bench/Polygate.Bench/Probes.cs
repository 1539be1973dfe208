using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Polygate.Bench;

/// <summary>A number beside the table of scenarios.</summary>
/// <param name="What">What was measured, with its unit.</param>
/// <param name="Proxy">Of which proxy.</param>
/// <param name="Value">How much.</param>
internal sealed record Finding(string What, string Proxy, double Value);

/// <summary>Measurements that are no load over some seconds.</summary>
internal static class Probes
{
    /// <summary>Resident memory of connections that made one request and rest.</summary>
    public static async Task<IEnumerable<Finding>> IdleConnectionsAsync(Proxy proxy, Setup setup, int connections)
    {
        using var running = proxy.Start(setup, Scenario.ProxyCpu);
        await Scenario.WaitForPortAsync(proxy, running);
        Load.Wrk(Scenario.OtherCpu, Scenario.Http(proxy, "/small"), 64, 1);
        var before = running.ResidentKiB();
        var sockets = new List<Socket>();
        try
        {
            var request = Encoding.ASCII.GetBytes($"GET {Scenario.PathOf(5)}/small HTTP/1.1\r\nHost: bench.localhost\r\n\r\n");
            var answer = new byte[4096];
            for (var i = 0; i < connections; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
                sockets.Add(socket);
                socket.Connect(IPAddress.Loopback, proxy.Port);
                socket.Send(request);
                if (socket.Receive(answer) == 0)
                {
                    throw new IOException($"{proxy.Name} closed a connection.");
                }
            }

            var after = running.ResidentKiB();
            return
            [
                new Finding($"KiB for each of {connections} idle connections", proxy.Name, (after - before) / (double)connections),
                new Finding($"MiB resident with {connections} idle connections", proxy.Name, after / 1024.0),
            ];
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>The time from the start to a thousand answers, and what the first ten seconds' requests cost, as a multiple of later ones'.</summary>
    public static async Task<IEnumerable<Finding>> StartAsync(Proxy proxy, Setup setup, int seconds)
    {
        var started = Stopwatch.GetTimestamp();
        using var running = proxy.Start(setup, Scenario.ProxyCpu);
        await Scenario.WaitForPortAsync(proxy, running);
        var listening = Stopwatch.GetElapsedTime(started);
        using (var client = new HttpClient())
        {
            for (var i = 0; i < 1000; i++)
            {
                using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{proxy.Port}{Scenario.PathOf(5)}/small"));
            }
        }

        var thousand = Stopwatch.GetElapsedTime(started);
        var costs = new List<double>();
        for (var window = 0; window < 3; window++)
        {
            var before = running.Cpu();
            var load = Load.Wrk(Scenario.OtherCpu, Scenario.Http(proxy, "/small"), 64, seconds);
            costs.Add((running.Cpu() - before).Total / load.Requests);
        }

        return
        [
            new Finding($"seconds from start to listening, {setup.Routes} routes", proxy.Name, listening.TotalSeconds),
            new Finding($"seconds from start to 1,000 answers one after the other, {setup.Routes} routes", proxy.Name, thousand.TotalSeconds),
            new Finding($"CPU a request in the first {seconds} s, as a multiple of the third {seconds} s", proxy.Name, costs[0] / costs[2]),
        ];
    }

    /// <summary>What one-route edits take until requests see them, under load, and whether a request fails.</summary>
    public static async Task<IEnumerable<Finding>> EditsAsync(Proxy proxy, Setup setup, int edits)
    {
        using var running = proxy.Start(setup, Scenario.ProxyCpu);
        await Scenario.WaitForPortAsync(proxy, running);
        var folder = PolygateConfiguration.FolderOf(setup);
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var load = Task.Run(() => Load.Wrk(Scenario.OtherCpu, Scenario.Http(proxy, "/small"), 16, Math.Max(5, edits / 4)));
        await Task.Delay(TimeSpan.FromSeconds(1));
        var times = new List<double>();
        for (var edit = 0; edit < edits && !load.IsCompleted; edit++)
        {
            // Each in a file of its own, so that it changes one route alone.
            var route = ((edit * PolygateConfiguration.RoutesInFile) + 37) % setup.Routes;
            var first = route / PolygateConfiguration.RoutesInFile * PolygateConfiguration.RoutesInFile;
            var prefix = string.Create(CultureInfo.InvariantCulture, $"/edited-{edit}");
            var target = Path.Combine(folder, PolygateConfiguration.FileOf(route));
            await File.WriteAllTextAsync(target + ".new", PolygateConfiguration.Routes(first, first + PolygateConfiguration.RoutesInFile, route, prefix));
            var started = Stopwatch.GetTimestamp();
            File.Move(target + ".new", target, overwrite: true);
            while (true)
            {
                using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{proxy.Port}{prefix}/small"));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    break;
                }

                if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(20))
                {
                    throw new TimeoutException("An edit did not take effect.");
                }

                await Task.Delay(1);
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        var result = await load;
        var applied = Applied(Path.Combine(setup.Folder, "polygate.access.log")).Order().ToList();
        times.Sort();
        var where = $"a one-route edit among {setup.Routes}, under load";
        return
        [
            .. Percentiles($"ms until {where}, is in effect", times),
            .. Percentiles("ms of that to translate and apply it", applied),
            new Finding("failed requests meanwhile", proxy.Name, result.Failures),
        ];
    }

    /// <summary>Bytes that the runtime allocates for a request in the steady state, on all threads.</summary>
    public static async Task<IEnumerable<Finding>> AllocationAsync(Proxy proxy, Setup setup, int seconds)
    {
        using var running = proxy.Start(setup, Scenario.ProxyCpu);
        await Scenario.WaitForPortAsync(proxy, running);
        Load.Wrk(Scenario.OtherCpu, Scenario.Http(proxy, "/small"), 64, 1);
        var before = await AllocatedAsync();
        var idle = await AllocatedAsync() - before;
        before = await AllocatedAsync();
        var load = Load.Wrk(Scenario.OtherCpu, Scenario.Http(proxy, "/small"), 64, seconds);
        var spent = await AllocatedAsync() - before - idle;
        return [new Finding("bytes allocated a request, with those of 64 new connections", proxy.Name, spent / load.Requests)];
    }

    private static async Task<double> AllocatedAsync()
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri($"http://{Proxy.AdminAddress}/metrics"));
        var line = text.Split('\n').First(line => line.StartsWith("polygate_allocated_bytes_total ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static IEnumerable<Finding> Percentiles(string what, List<double> sorted)
    {
        foreach (var (name, share) in new[] { ("median", 0.5), ("p99", 0.99), ("slowest", 1.0) })
        {
            yield return new Finding($"{what}: {name}", "polygate", sorted.Count == 0 ? double.NaN : sorted[(int)Math.Ceiling((sorted.Count - 1) * share)]);
        }
    }

    /// <summary>The durations that the program's own log tells of changes.</summary>
    private static IEnumerable<double> Applied(string log)
    {
        foreach (var line in File.ReadLines(log).Where(line => line.Contains("Configuration changed.", StringComparison.Ordinal)))
        {
            var start = line.IndexOf("\"ms\":", StringComparison.Ordinal);
            if (start >= 0)
            {
                var digits = line[(start + 5)..].TrimStart('"').TakeWhile(char.IsAsciiDigit).ToArray();
                yield return double.Parse(digits, CultureInfo.InvariantCulture);
            }
        }
    }
}
