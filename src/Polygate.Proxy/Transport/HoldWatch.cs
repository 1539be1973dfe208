using System.Globalization;

namespace Polygate.Proxy.Transport;

/// <summary>
/// Notices when one callback keeps a loop from everything else. Costs a look at the system's coarse clock for each callback. Not for several threads.
/// </summary>
/// <param name="report">Told in words.</param>
internal sealed class HoldWatch(Action<string> report)
{
    /// <summary>Milliseconds that nobody should need: what takes longer belongs on another thread.</summary>
    internal const int LongestHold = 50;

    private const int ReportInterval = 10_000;

    private long begun;
    private long nextReport = long.MinValue;
    private int unreported;

    /// <summary>Something begins to run.</summary>
    internal void Begin() => begun = Environment.TickCount64;

    /// <summary>It has ended, and the next begins.</summary>
    /// <param name="loop">Which it ran on.</param>
    internal void Next(EventLoop loop)
    {
        var now = Environment.TickCount64;
        var held = now - begun;
        begun = now;
        if (held > LongestHold)
            Tell(loop, held, now);

        loop.Holder = null;
    }

    private void Tell(EventLoop loop, long held, long now)
    {
        if (now < nextReport)
        {
            unreported++;
            return;
        }

        var more = unreported == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {unreported} more times since the last such message.");
        nextReport = now + ReportInterval;
        unreported = 0;
        report(string.Create(CultureInfo.InvariantCulture, $"Loop {loop.Index} was held for {held} ms by {loop.Holder ?? "something that belongs to no route"}.{more}"));
    }
}
