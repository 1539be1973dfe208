using System.Diagnostics;
using System.Globalization;
using Polygate.EndToEnd.Tests;

namespace Polygate.Cluster.Tests.Program;

/// <summary>The API server away for a while, under load.</summary>
internal static class Outage
{
    /// <summary>Five seconds by design, and ten more for a machine that does other things.</summary>
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromSeconds(15);

    /// <summary>How long the server is away: three seconds, or as many as <c>POLYGATE_OUTAGE_SECONDS</c> says; then what was seen is printed too.</summary>
    private static readonly TimeSpan? Asked =
        double.TryParse(Environment.GetEnvironmentVariable("POLYGATE_OUTAGE_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    /// <inheritdoc cref="Asked"/>
    public static TimeSpan Length => Asked ?? TimeSpan.FromSeconds(3);

    /// <summary>Asks all the time, through an outage and until what was missed is in effect; fails when a request does.</summary>
    /// <param name="gateway">The gateway, which serves the URL.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="begin">Makes the server go away.</param>
    /// <param name="end">Brings it back.</param>
    /// <param name="catchUp">Completes when what was missed is in effect.</param>
    public static async Task RideOutAsync(GatewayProcess gateway, string url, Func<Task> begin, Func<Task> end, Func<Task> catchUp)
    {
        await using var load = ClientLoad.Start(gateway, url);
        await begin();
        await Task.Delay(Length);
        using (var ready = await gateway.GetAsync("http://admin:9901/readyz"))
        {
            Assert.True(ready.IsSuccessStatusCode, "a gateway is ready also while the API server is away");
        }

        await end();
        var clock = Stopwatch.StartNew();
        await catchUp();
        var elapsed = clock.Elapsed;
        Assert.True(elapsed < LongestCatchUp, $"what was missed took {elapsed.TotalSeconds:F1} s to be in effect");
        var requests = await load.AssertNothingFailedAsync();
        Tell($"{requests} requests, none failed, caught up {elapsed.TotalSeconds:F1} s after its return");
    }

    /// <summary>Prints what a test saw, where the length of outages is asked for.</summary>
    public static void Tell(string seen)
    {
        if (Asked is not null)
        {
            Console.WriteLine($"{TestContext.Current.Test?.TestDisplayName}: {seen}");
        }
    }
}
