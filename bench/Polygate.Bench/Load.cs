using System.Globalization;
using System.Text.RegularExpressions;

namespace Polygate.Bench;

/// <summary>What a load generator saw.</summary>
/// <param name="Requests">Answers received.</param>
/// <param name="Failures">Socket errors, timeouts and statuses other than 2xx.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P50">Milliseconds; 0 where the generator does not say.</param>
/// <param name="P99">Milliseconds; 0 where the generator does not say.</param>
/// <param name="P999">Milliseconds; 0 where the generator does not say.</param>
internal sealed record LoadResult(long Requests, long Failures, double PerSecond, double P50 = 0, double P99 = 0, double P999 = 0);

/// <summary>Load from wrk and h2load.</summary>
internal static partial class Load
{
    private static readonly string[] BrowserHeaders =
    [
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Encoding: gzip, deflate, br",
        "Accept-Language: en-GB,en;q=0.7",
        "Cache-Control: no-cache",
        "Cookie: session=4f2d7c1e9a; theme=dark",
        "Referer: https://www.example.com/start",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ];

    /// <summary>HTTP/1.1 for some seconds over some connections.</summary>
    /// <param name="cpus">Where the generator runs.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="connections">Concurrent connections.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="script">A Lua script for wrk, or null.</param>
    /// <param name="close">Whether each request has a connection of its own.</param>
    /// <param name="headers">Header fields beside those of a browser.</param>
    public static LoadResult Wrk(string cpus, string url, int connections, int seconds, string? script = null, bool close = false, params IEnumerable<string> headers)
    {
        List<string> arguments = ["-t", "1", "-c", Text(connections), "-d", Text(seconds) + "s", "--latency"];
        arguments.AddRange(Headers());
        arguments.AddRange(headers.SelectMany(header => new[] { "-H", header }));
        if (close)
        {
            arguments.AddRange(["-H", "Connection: close"]);
        }

        if (script is not null)
        {
            arguments.AddRange(["-s", script]);
        }

        arguments.Add(url);
        return ParseWrk(ChildProcess.Run(cpus, "wrk", [.. arguments]));
    }

    /// <summary>HTTP/2 over TLS for some seconds.</summary>
    public static LoadResult H2Load(string cpus, string url, int connections, int streams, int seconds) =>
        ParseH2Load(ChildProcess.Run(cpus, "h2load", ["-D", Text(seconds), "-c", Text(connections), "-m", Text(streams), .. Headers(), url]));

    /// <summary>gRPC calls as they look on the wire: POST of a small message over HTTP/2.</summary>
    /// <param name="cpus">Where the generator runs.</param>
    /// <param name="url">The method.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="message">A file with the message.</param>
    public static LoadResult Grpc(string cpus, string url, int seconds, string message) => ParseH2Load(ChildProcess.Run(
        cpus, "h2load", "-D", Text(seconds), "-c", "16", "-m", "16", "-H", "content-type: application/grpc", "-H", "te: trailers", "-d", message, url));

    /// <summary>HTTP/1.1 at a rate that is kept whatever the answers take.</summary>
    /// <param name="cpus">Where the generator runs.</param>
    /// <param name="url">What is asked for.</param>
    /// <param name="rate">Requests a second, over 64 connections.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="log">A scratch file.</param>
    public static LoadResult FixedRate(string cpus, string url, int rate, int seconds, string log)
    {
        const int Connections = 64;
        File.Delete(log);
        var output = ChildProcess.Run(
            cpus, "h2load",
            ["--h1", "-D", Text(seconds), "-c", Text(Connections), "--rps", Text(rate / Connections), "--log-file", log, .. Headers(), url]);
        var times = File.ReadLines(log).Select(line => double.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture) / 1000).Order().ToList();
        return ParseH2Load(output) with { P50 = At(times, 0.5), P99 = At(times, 0.99), P999 = At(times, 0.999) };
    }

    /// <summary>Full TLS handshakes, a request on each connection; none resumes a session.</summary>
    public static LoadResult Handshakes(string cpus, string address, string path, int seconds)
    {
        var clients = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            ChildProcess.Run(cpus, "openssl", "s_time", "-connect", address, "-new", "-time", Text(seconds), "-www", path))).ToArray();
        Task.WaitAll(clients);
        var connections = clients.Sum(client => (long)Number(Connections().Match(client.Result)));
        return new LoadResult(connections, 0, connections / (double)seconds);
    }

    private static IEnumerable<string> Headers() => BrowserHeaders.SelectMany(header => new[] { "-H", header });

    private static double At(List<double> sorted, double share) => sorted.Count == 0 ? double.NaN : sorted[(int)((sorted.Count - 1) * share)];

    private static LoadResult ParseH2Load(string output)
    {
        var succeeded = (long)Number(H2Succeeded().Match(output));
        return new LoadResult(succeeded, (long)Number(H2Failed().Match(output)), Number(H2PerSecond().Match(output)));
    }

    private static LoadResult ParseWrk(string output)
    {
        var failures = SocketErrors().Match(output) is { Success: true } errors
            ? errors.Groups.Values.Skip(1).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture))
            : 0;
        failures += (long)Number(BadStatus().Match(output));
        return new LoadResult(
            (long)Number(Total().Match(output)), failures, Number(PerSecond().Match(output)),
            Milliseconds(Percentile50().Match(output)), Milliseconds(Percentile99().Match(output)));
    }

    private static double Number(Match match) =>
        match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static double Milliseconds(Match match) => Number(match) * (match.Groups[2].Value switch { "us" => 0.001, "s" => 1000, _ => 1 });

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Total();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex BadStatus();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"50%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Percentile50();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Percentile99();

    [GeneratedRegex(@"(\d+) 2xx")]
    private static partial Regex H2Succeeded();

    [GeneratedRegex(@"(\d+) failed")]
    private static partial Regex H2Failed();

    [GeneratedRegex(@"(\d+) connections in \d+ real")]
    private static partial Regex Connections();

    [GeneratedRegex(@"finished in [^,]+, ([\d.]+) req/s")]
    private static partial Regex H2PerSecond();
}
