using Polygate.Proxy.Streams;

namespace Polygate.Proxy.Forwarding;

/// <summary>The counts of all loops together, at one moment.</summary>
public sealed record ProxyMetrics
{
    public required long ActiveConnections { get; init; }

    public required long ActiveRequests { get; init; }

    public required long UpstreamConnects { get; init; }

    public required long UpstreamConnectFailures { get; init; }

    /// <summary>Copies that were not sent because the request's body was too large or of unknown length.</summary>
    public required long MirrorsSkipped { get; init; }

    /// <summary>By the route's identity; the empty name stands for requests that no route matched.</summary>
    public required IReadOnlyDictionary<string, RouteMetrics> Routes { get; init; }

    /// <summary>By the stream route's identity.</summary>
    public required IReadOnlyDictionary<string, StreamMetrics> Streams { get; init; }
}

/// <summary>The counts of one route.</summary>
public sealed record RouteMetrics
{
    /// <summary>Requests by the first digit of the status (index 1 to 5); 499 counts among the 4xx.</summary>
    public long[] ByClass { get; } = new long[6];

    /// <summary>From a request's head to the end of its answer, in milliseconds.</summary>
    public Histogram Durations { get; } = Histogram.OfDurations();

    public long RequestBytes { get; private set; }

    public long ResponseBytes { get; private set; }

    /// <summary>By method and status; empty unless <see cref="ProxyOptions.CountsByMethodAndStatus"/>.</summary>
    public IReadOnlyCollection<RequestDetail> Details => details.Values;

    private readonly Dictionary<(string Method, int Status), RequestDetail> details = [];

    internal void Add(RouteCounters counters)
    {
        foreach (var detail in counters.Details?.All ?? [])
        {
            if (!details.TryGetValue((detail.Method, detail.Status), out var sum))
                details.Add((detail.Method, detail.Status), sum = new RequestDetail(detail.Method, detail.Status));

            sum.Add(detail);
        }

        for (var i = 0; i < ByClass.Length; i++)
            ByClass[i] += counters.ByClass[i];

        Durations.Add(counters.Durations);
        RequestBytes += counters.RequestBytes;
        ResponseBytes += counters.ResponseBytes;
    }
}
