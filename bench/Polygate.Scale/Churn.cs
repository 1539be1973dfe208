using System.Diagnostics;
using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>Ten changes a second for ten seconds: how long each takes to be seen in answers, and what it costs.</summary>
internal static class Churn
{
    private const int Count = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the gateway is asked; also how exactly a time is known.</summary>
    private static readonly TimeSpan Polling = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(string name, Change change, GatewayUnderMeasure gateway, TestApiServer server, Action<string> report)
    {
        var times = new List<double>();
        var failures = 0;
        var before = await gateway.CountersAsync();
        var calls = server.Calls.Count;
        var writes = StatusWrites.Count(server);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Count; i++)
        {
            // Even objects lead to backend 0 at first; each is changed once towards backend 1.
            var began = Stopwatch.StartNew();
            var host = change(i * 2, 1);
            while (true)
            {
                var answer = await gateway.AskAsync(host);
                failures += answer is null ? 1 : 0;
                if (answer == "1" || began.Elapsed > Longest)
                {
                    break;
                }

                await Task.Delay(Polling);
            }

            times.Add(began.Elapsed.TotalMilliseconds);
            if (began.Elapsed < Interval)
            {
                await Task.Delay(Interval - began.Elapsed);
            }
        }

        var spent = await gateway.CountersAsync() - before;
        times.Sort();
        report($"{name}, {Count} changes: in traffic after p50 {times[Count / 2]:F1} ms, p99 {times[Count - 2]:F1} ms, slowest {times[^1]:F1} ms; {failures} failed requests");
        report(
            $"  a change: {spent.Cpu * 1000 / Count:F1} ms CPU (with the polling), {(server.Calls.Count - calls) / (double)Count:F2} API calls, {(StatusWrites.Count(server) - writes) / (double)Count:F2} status writes, {spent.Allocated / Count / 1024:F0} KiB allocated; " +
            $"{spent.Allocated / clock.Elapsed.TotalSeconds / 1024 / 1024:F2} MiB/s allocated; garbage collection paused {spent.Pauses * 1000:F0} ms in all, {spent.Collections:F0} of them full");
        report(
            $"  stages of a change: translate {spent.Translate * 1000 / Count:F2} ms, look up {spent.LookUp * 1000 / Count:F2} ms, apply {spent.Apply * 1000 / Count:F2} ms, " +
            $"and after it is in effect {spent.Report * 1000 / Count:F2} ms; the rest is the way from the API server, 3 ms of quiet, and the request that shows it");

        // Back again for the next kind of change.
        for (var i = 0; i < Count; i++)
        {
            change(i * 2, 0);
        }

        await Task.Delay(2000);
    }
}

/// <summary>What the gateway counts: seconds, and bytes allocated.</summary>
internal sealed record Counters(
    double Cpu, double Allocated, double Heap, double Live, double Committed, double Pauses, double Collections, double Translate, double LookUp, double Apply, double Report)
{
    public static Counters operator -(Counters left, Counters right) => new(
        left.Cpu - right.Cpu, left.Allocated - right.Allocated, left.Heap - right.Heap, left.Live - right.Live, left.Committed - right.Committed, left.Pauses - right.Pauses, left.Collections - right.Collections,
        left.Translate - right.Translate, left.LookUp - right.LookUp, left.Apply - right.Apply, left.Report - right.Report);
}
