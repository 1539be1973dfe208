namespace Polygate.Soak;

/// <summary>What a soak is to do.</summary>
public sealed record SoakOptions
{
    /// <summary>The executable.</summary>
    public required string Polygate { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Requests per second; 0 for <see cref="Share"/> of what a short trial reaches.</summary>
    public int Rate { get; init; }

    /// <summary>Of the trial's rate, above 0 and up to 1.</summary>
    public double Share { get; init; } = 0.7;

    /// <summary>Where samples and the gateway's log go; made if it is missing.</summary>
    public required string Folder { get; init; }
}

/// <summary>The gateway's memory and the traffic at one moment.</summary>
/// <param name="Seconds">Since the start.</param>
/// <param name="Requests">Answered so far.</param>
/// <param name="Failed">Of those, or instead of an answer, what was not caused on purpose.</param>
/// <param name="ResidentKiB">The gateway's resident memory.</param>
/// <param name="HeapKiB">What is on its managed heap.</param>
/// <param name="SlowestMilliseconds">The slowest answer since the last sample.</param>
public readonly record struct SoakSample(int Seconds, long Requests, long Failed, long ResidentKiB, long HeapKiB, int SlowestMilliseconds);

/// <summary>How it went.</summary>
public sealed record SoakReport
{
    public required int Rate { get; init; }

    /// <summary>Requests per second of the trial; 0 without one.</summary>
    public required int Capacity { get; init; }

    public required long Requests { get; init; }

    /// <summary>The failures that nobody caused, by what was seen.</summary>
    public required IReadOnlyDictionary<string, long> Failures { get; init; }

    public required int Edits { get; init; }

    public required int CertificatesSeen { get; init; }

    public required int BackendsReplaced { get; init; }

    public required long SlowClients { get; init; }

    public required long Resets { get; init; }

    public required IReadOnlyList<SoakSample> Samples { get; init; }

    /// <summary>Median resident memory of the samples in a part of the run, in KiB.</summary>
    public long ResidentBetween(double from, double to) => Median(from, to, sample => sample.ResidentKiB);

    /// <summary>Median of the managed heap, likewise.</summary>
    public long HeapBetween(double from, double to) => Median(from, to, sample => sample.HeapKiB);

    private long Median(double from, double to, Func<SoakSample, long> value)
    {
        var end = Samples[^1].Seconds;
        var part = Samples.Where(sample => sample.Seconds >= from * end && sample.Seconds <= to * end).Select(value).Order().ToList();
        return part.Count == 0 ? 0 : part[part.Count / 2];
    }
}
