namespace Polygate.Proxy.Transport;

/// <summary>How a transport is set up.</summary>
public sealed record TransportOptions
{
    internal const int MaximumLoops = 1024;

    /// <summary>How many event loops, 1 to 1,024; by default one a core.</summary>
    public int Loops { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Connections that may be open at a time, accepted ones, over all loops and listeners. Those that come beyond wait in the system's queue until
    /// others end. Each loop looks for itself, so that a few more may get in at once.
    /// </summary>
    public int MaximumConnections { get; init; } = int.MaxValue;

    /// <summary>
    /// Told of every exception that something running on a loop let escape (the loop goes on) and of accept failures.
    /// Called on any thread; must not throw.
    /// </summary>
    public Action<string, Exception?> Report { get; init; } = static (_, _) => { };

    /// <summary>
    /// Told when something held a loop for more than 50 ms, while every other connection of that loop waited: how long, and who. At most once in ten
    /// seconds for each loop. Called on the loop; must not throw.
    /// </summary>
    public Action<string> ReportHeld { get; init; } = static _ => { };
}
