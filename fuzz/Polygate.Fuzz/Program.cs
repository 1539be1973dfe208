using System.Diagnostics;
using System.Globalization;
using Polygate.Fuzz;
using Polygate.Fuzz.Targets;
using Polygate.Proxy.Http;
using Polygate.Proxy.Simulation;
using SharpFuzz;

// Polygate.Fuzz instrument FILE              puts counters into the engine (before it is loaded)
// Polygate.Fuzz run SECONDS FOLDER [TARGET]  fuzzes all targets in turn, or one; findings go to the folder; exit code 1 when there are any
// Polygate.Fuzz replay TARGET FILE           runs one input
if (args is ["instrument", var file])
{
    Fuzzer.Instrument(file, static type => type.StartsWith("Polygate.Proxy.", StringComparison.Ordinal), Options.Value);
    return 0;
}

// Instrumented code counts from its first line on.
_ = new Coverage();
return args switch
{
    ["run", var seconds, var folder, .. var names] => await RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), folder, names),
    ["replay", var name, var input] => await ReplayAsync(name, input),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Polygate.Fuzz instrument FILE | run SECONDS FOLDER [TARGET] | replay TARGET FILE");
    return 64;
}

static ITarget[] Targets(KestrelServerReference kestrel, KestrelServerReference backend) =>
[
    new RequestsTarget("requests", "", kestrel),
    new RequestsTarget("chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", kestrel),
    new ForwardingTarget(backend),
    new ResponsesTarget(),
    new Http2AnswersTarget(),
    new FastCgiAnswersTarget(),
    new ProxyHeaderTarget(),
    new ClientHelloTarget(),
];

static async Task<int> RunAsync(TimeSpan time, string folder, string[] names)
{
    await using var kestrel = await KestrelServerReference.StartAsync(HttpLimits.Default);
    await using var backend = await KestrelServerReference.StartAsync(new HttpLimits { RequestLine = 16 * 1024, HeaderBytes = 64 * 1024, HeaderCount = 200 });
    var targets = Targets(kestrel, backend).Where(target => names.Length == 0 || names.Contains(target.Name)).ToList();
    var seed = Environment.TickCount;
    var fuzzers = targets.ConvertAll(target => new GuidedFuzzer(target, folder, seed));
    Console.WriteLine($"seed {seed}");

    // Turns, so that a short run reaches every target and a long one tells how far it is.
    var turn = TimeSpan.FromSeconds(Math.Clamp(time.TotalSeconds / targets.Count, 1, 60));
    for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < time;)
    {
        foreach (var fuzzer in fuzzers.TakeWhile(_ => Stopwatch.GetElapsedTime(started) < time))
        {
            fuzzer.Run(turn);
            Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s  {fuzzer.Summary}");
        }
    }

    Console.WriteLine($"{fuzzers.Sum(fuzzer => fuzzer.Executions)} executions, {fuzzers.Sum(fuzzer => fuzzer.Findings)} findings");
    targets.ForEach(target => target.Dispose());
    return fuzzers.Any(fuzzer => fuzzer.Findings > 0) ? 1 : 0;
}

static async Task<int> ReplayAsync(string name, string file)
{
    await using var kestrel = await KestrelServerReference.StartAsync(HttpLimits.Default);
    await using var backend = await KestrelServerReference.StartAsync(new HttpLimits { RequestLine = 16 * 1024, HeaderBytes = 64 * 1024, HeaderCount = 200 });
    var input = await File.ReadAllBytesAsync(file);
    var problem = Targets(kestrel, backend).Single(target => target.Name == name).Run(input, new Random(input.Length));
    Console.WriteLine(problem ?? "nothing is wrong");
    return problem is null ? 0 : 1;
}
