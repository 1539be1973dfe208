using System.Net;

namespace Polygate.Tests;

/// <summary>Addresses of this machine that no other test uses.</summary>
internal static class Loopback
{
    private static int last = Random.Shared.Next(1 << 20);

    public static IPAddress Next()
    {
        var number = Interlocked.Increment(ref last);
        return new IPAddress([127, (byte)(100 + ((number >> 16) & 63)), (byte)(number >> 8), (byte)(1 + (number % 250))]);
    }
}
