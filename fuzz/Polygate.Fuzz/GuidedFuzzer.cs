using System.Diagnostics;
using System.Security.Cryptography;

namespace Polygate.Fuzz;

/// <summary>Something that takes bytes from strangers, and what has to hold whatever they are.</summary>
internal interface ITarget : IDisposable
{
    string Name { get; }

    IReadOnlyList<byte[]> Words { get; }

    /// <summary>Inputs to begin with.</summary>
    IEnumerable<byte[]> Seeds { get; }

    /// <summary>Feeds it an input; says what does not hold, or null.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="random">Where they are cut.</param>
    string? Run(byte[] input, Random random);
}

/// <summary>
/// Mutates inputs and keeps those that reach new code. Findings are written to files, a few of each kind.
/// </summary>
internal sealed class GuidedFuzzer(ITarget target, string findingsFolder, int seed)
{
    /// <summary>Findings whose first words are alike are most often one.</summary>
    private const int LikeFindings = 5;

    /// <summary>Far more than any input takes, since a busy machine can keep a process waiting for long.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(5);

    private readonly Random random = new(seed);
    private readonly Coverage coverage = new();
    private readonly List<byte[]> queue = [];
    private readonly Dictionary<string, int> known = [];
    private byte[] current = [];
    private long began;

    public long Executions { get; private set; }

    public int Findings => known.Values.Sum();

    public string Summary =>
        $"{target.Name}: {Executions} executions, {queue.Count} inputs kept, {(coverage.IsGuided ? $"{coverage.Edges} edges" : "not instrumented")}, {Findings} findings";

    /// <summary>Runs for a time.</summary>
    public void Run(TimeSpan time)
    {
        var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        using var watchdog = new Timer(_ => StopHanging(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        if (Executions == 0)
        {
            foreach (var input in target.Seeds)
                Try(input, isSeed: true);
        }

        var mutator = new Mutator(random, target.Words);
        while (Stopwatch.GetTimestamp() < until)
            Try(mutator.Mutate(queue[random.Next(queue.Count)], queue), isSeed: false);

        Volatile.Write(ref began, 0);
    }

    private void Try(byte[] input, bool isSeed)
    {
        current = input;
        Volatile.Write(ref began, Stopwatch.GetTimestamp());
        coverage.Begin();
        string? problem;
        try
        {
            problem = target.Run(input, new Random(input.Length));
        }
        catch (Exception exception)
        {
            problem = $"{exception.GetType().Name} {exception.InnerException?.GetType().Name}: {exception}";
        }

        Executions++;
        if (coverage.End() || isSeed)
            queue.Add(input);

        if (problem is not null)
            Report(input, problem);
    }

    private void Report(byte[] input, string problem)
    {
        var kind = new string([.. problem.Take(64).Where(character => !char.IsAsciiDigit(character))]);
        var seen = known.GetValueOrDefault(kind);
        if (seen == LikeFindings)
            return;

        known[kind] = seen + 1;

        Directory.CreateDirectory(findingsFolder);
        var name = Path.Combine(findingsFolder, $"{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(name, input);
        File.WriteAllText(name + ".txt", problem + "\n");
        Console.Error.WriteLine($"finding: {name}: {problem.Split('\n')[0]}");
    }

    /// <summary>An input that takes this long hangs; nothing in this process can stop it.</summary>
    private void StopHanging()
    {
        var since = Volatile.Read(ref began);
        if (since == 0 || Stopwatch.GetElapsedTime(since) < LongestRun)
            return;

        Report(current, "hangs");
        Environment.Exit(2);
    }
}
