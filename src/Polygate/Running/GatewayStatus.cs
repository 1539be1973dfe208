using Polygate.Model;

namespace Polygate.Running;

/// <summary>What the admin port tells about the program. Written by one thread, read by any.</summary>
internal sealed class GatewayStatus
{
    private volatile bool ready;
    private volatile bool draining;
    private volatile string waitingFor = "the first configuration";
    private volatile GatewayConfiguration configuration = GatewayConfiguration.Empty;

    /// <summary>Whether traffic may come.</summary>
    public bool IsReady => ready && !draining;

    /// <summary>Why it may not; empty when it may.</summary>
    public string WaitingFor => draining ? "draining" : ready ? "" : WaitingBySource() is { Length: > 0 } source ? source : waitingFor;

    /// <summary>What the source of objects waits for; empty when it is complete.</summary>
    public Func<string> WaitingBySource { get; set; } = () => "";

    /// <summary>What is to be told of the cluster; null without one.</summary>
    public Func<ClusterCounts>? Cluster { get; set; }

    /// <summary>Objects that are served.</summary>
    public int Objects { get; set; }

    public int Routes { get; set; }

    public int Errors { get; set; }

    public int Warnings { get; set; }

    /// <summary>Configurations that were applied.</summary>
    public long Applied { get; set; }

    /// <summary>When the last one was, in Unix seconds.</summary>
    public double LastApplied { get; set; }

    /// <summary>What is served.</summary>
    public GatewayConfiguration Configuration
    {
        get => configuration;
        set => configuration = value;
    }

    /// <summary>Where the time of changes went, in seconds since the start.</summary>
    public ChangeTimes Times { get; } = new();

    public void Ready() => ready = true;

    public void Waiting(string reason) => waitingFor = reason;

    public void Draining() => draining = true;
}

/// <summary>How the connection to a cluster fares.</summary>
/// <param name="IsAvailable">Whether the API server answers, as far as is known.</param>
/// <param name="IsLeader">Whether this replica writes statuses.</param>
/// <param name="Requests">Requests to the API server.</param>
/// <param name="Failures">Those without an answer, or with one of the 500s.</param>
/// <param name="StatusWrites">Statuses that were written.</param>
internal readonly record struct ClusterCounts(bool IsAvailable, bool IsLeader, long Requests, long Failures, long StatusWrites);

/// <summary>Where the time of changes went, in seconds since the start. Written by one thread.</summary>
internal sealed class ChangeTimes
{
    /// <summary>Objects into the store, and into the model what depends on them.</summary>
    public double Translation { get; private set; }

    /// <summary>Waiting for objects that translations look up and that are not kept (Secrets).</summary>
    public double Lookups { get; private set; }

    /// <summary>The model into routing tables, sockets and backends.</summary>
    public double Application { get; private set; }

    /// <summary>Statuses, Events and the log, after the change was in effect.</summary>
    public double Report { get; private set; }

    public void Add(TimeSpan translation = default, TimeSpan lookups = default, TimeSpan application = default, TimeSpan report = default)
    {
        Translation += translation.TotalSeconds;
        Lookups += lookups.TotalSeconds;
        Application += application.TotalSeconds;
        Report += report.TotalSeconds;
    }
}
