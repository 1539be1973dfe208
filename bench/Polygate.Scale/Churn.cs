using System.Diagnostics;
using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>Ten changes a second for ten seconds: how long each takes to be seen in answers, and what it costs.</summary>
internal static class Churn
{
    private const int Count = 100;

    public static async Task MeasureAsync(string name, Change change, GatewayUnderMeasure gateway, TestApiServer server)
    {
        var times = new List<double>();
        var failures = 0;
        var cpu = gateway.CpuSeconds;
        var calls = server.Calls.Count;
        var writes = StatusWrites.Count(server);
        var interval = TimeSpan.FromMilliseconds(100);
        for (var i = 0; i < Count; i++)
        {
            // Even objects lead to backend 0 at first; each is changed once towards backend 1.
            var clock = Stopwatch.StartNew();
            var host = change(i * 2, 1);
            while (true)
            {
                var answer = await gateway.AskAsync(host);
                failures += answer is null ? 1 : 0;
                if (answer == "1" || clock.Elapsed > TimeSpan.FromSeconds(30))
                {
                    break;
                }
            }

            times.Add(clock.Elapsed.TotalMilliseconds);
            if (clock.Elapsed < interval)
            {
                await Task.Delay(interval - clock.Elapsed);
            }
        }

        times.Sort();
        Console.WriteLine(
            $"{name}, {Count} changes: in traffic after p50 {times[Count / 2]:F1} ms, p99 {times[Count - 2]:F1} ms, slowest {times[^1]:F1} ms; " +
            $"{failures} failed requests; {(gateway.CpuSeconds - cpu) * 1000 / Count:F1} ms CPU a change (with the polling); " +
            $"{(server.Calls.Count - calls) / (double)Count:F2} API calls a change, {(StatusWrites.Count(server) - writes) / (double)Count:F2} status writes");

        // Back again for the next kind of change.
        for (var i = 0; i < Count; i++)
        {
            change(i * 2, 0);
        }

        await Task.Delay(2000);
    }
}
