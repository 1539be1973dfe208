using System.Globalization;

namespace Polygate.EndToEnd.Tests;

/// <summary>Addresses in 127.0.0.0/8 that no other test of this run uses, so that every gateway may have its usual ports.</summary>
internal static class Loopback
{
    private static int next = Random.Shared.Next(1, 200 * 250 * 200);

    public static string NextAddress()
    {
        var number = Interlocked.Increment(ref next);
        return string.Create(CultureInfo.InvariantCulture, $"127.{20 + (number / 50_000 % 200)}.{1 + (number / 200 % 250)}.{10 + (number % 200)}");
    }
}
