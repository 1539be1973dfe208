using System.Diagnostics;
using Polygate.Testing.ApiServer;

namespace Polygate.Scale;

/// <summary>What the gateway wrote to the API server.</summary>
internal static class StatusWrites
{
    /// <summary>So many statuses were written in all.</summary>
    public static int Count(TestApiServer server) => server.Calls.Count(call => call.Method is "PATCH" or "PUT" && call.Target.Contains("/status", StringComparison.Ordinal));

    /// <summary>Waits until nothing was written for three seconds.</summary>
    public static async Task<(int Count, TimeSpan Time)> SettleAsync(TestApiServer server)
    {
        var clock = Stopwatch.StartNew();
        var last = TimeSpan.Zero;
        var count = 0;
        while (clock.Elapsed - last < TimeSpan.FromSeconds(3))
        {
            await Task.Delay(250);
            var now = Count(server);
            (last, count) = now == count ? (last, count) : (clock.Elapsed, now);
        }

        return (count, last);
    }
}
