using System.Diagnostics;
using System.Globalization;

namespace Polygate.Cluster.Tests.Servers;

/// <summary>Signals to processes that a test started.</summary>
internal static class Signals
{
    /// <param name="process">Its identity.</param>
    /// <param name="signal">Such as <c>STOP</c>.</param>
    public static void Send(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
