using System.Globalization;
using System.Text.RegularExpressions;

namespace Polygate.Bench;

/// <summary>What a load generator saw.</summary>
/// <param name="Requests">Answers received.</param>
/// <param name="Failures">Socket errors, timeouts and statuses other than 2xx.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P50">Milliseconds; 0 where the generator does not say.</param>
/// <param name="P99">Milliseconds; 0 where the generator does not say.</param>
internal sealed record LoadResult(long Requests, long Failures, double PerSecond, double P50, double P99);

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
    public static LoadResult Wrk(string cpus, string url, int connections, int seconds, string? script = null, bool close = false)
    {
        List<string> arguments = ["-t", "1", "-c", Text(connections), "-d", Text(seconds) + "s", "--latency"];
        foreach (var header in BrowserHeaders)
        {
            arguments.AddRange(["-H", header]);
        }

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

    /// <summary>HTTP/2 over TLS, a fixed number of requests.</summary>
    public static LoadResult H2Load(string cpus, string url, int connections, int streams, int requests)
    {
        List<string> arguments = ["-n", Text(requests), "-c", Text(connections), "-m", Text(streams)];
        foreach (var header in BrowserHeaders)
        {
            arguments.AddRange(["-H", header]);
        }

        arguments.Add(url);
        var output = ChildProcess.Run(cpus, "h2load", [.. arguments]);
        var succeeded = Number(H2Succeeded().Match(output));
        return new LoadResult((long)succeeded, requests - (long)succeeded, Number(H2PerSecond().Match(output)), 0, 0);
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

    [GeneratedRegex(@"finished in [^,]+, ([\d.]+) req/s")]
    private static partial Regex H2PerSecond();
}
