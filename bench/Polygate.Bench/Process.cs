using System.Diagnostics;
using System.Globalization;

namespace Polygate.Bench;

/// <summary>CPU time in seconds: the total as the scheduler counts it, and how the kernel's ticks of 10 ms divide it.</summary>
internal readonly record struct CpuTime(double Total, double User, double System)
{
    public static CpuTime operator -(CpuTime left, CpuTime right) =>
        new(left.Total - right.Total, left.User - right.User, left.System - right.System);
}

/// <summary>A program that a measurement starts, with all of its children.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    /// <summary>Starts a program on the given CPUs; its output goes to a file.</summary>
    public static ChildProcess Start(string cpus, string log, string program, params string[] arguments)
    {
        // The shell sends output to the file, so that reading it costs this process nothing.
        var command = $"exec taskset -c {cpus} {Quote(program)} {string.Join(' ', arguments.Select(Quote))} >{Quote(log)} 2>&1";
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!;
        Reaper.Watch(process.Id);
        return new ChildProcess(process);
    }

    /// <summary>Runs a program to its end and gives its output.</summary>
    public static string Run(string cpus, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("taskset", ["-c", cpus, program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return output + errors.GetAwaiter().GetResult();
    }

    public bool HasExited => process.HasExited;

    /// <summary>CPU time of the program and its children so far.</summary>
    public CpuTime Cpu()
    {
        double total = 0;
        double user = 0;
        double system = 0;
        foreach (var id in Tree(process.Id))
        {
            total += Threads(id).Sum(thread => RunNanoseconds(id, thread)) / 1e9;
            var fields = Stat(id);
            if (fields.Length > 14)
            {
                user += double.Parse(fields[11], CultureInfo.InvariantCulture) / TicksPerSecond;
                system += double.Parse(fields[12], CultureInfo.InvariantCulture) / TicksPerSecond;
            }
        }

        return new CpuTime(total, user, system);
    }

    /// <summary>Resident memory of the program and its children, in KiB.</summary>
    public long ResidentKiB() => Tree(process.Id).Sum(id =>
        Read($"/proc/{id}/status").Split('\n').FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            // The parent first: it would replace a worker that dies before it.
            foreach (var id in Tree(process.Id).ToList())
            {
                Process.Start("kill", ["-9", id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
            }

            process.WaitForExit();
        }

        process.Dispose();
    }

    private static IEnumerable<string> Threads(int id) =>
        Directory.Exists($"/proc/{id}/task") ? Directory.EnumerateDirectories($"/proc/{id}/task").Select(path => Path.GetFileName(path)) : [];

    private static double RunNanoseconds(int id, string thread) =>
        double.TryParse(Read($"/proc/{id}/task/{thread}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture, out var spent) ? spent : 0;

    private static IEnumerable<int> Tree(int root)
    {
        yield return root;
        foreach (var child in Read($"/proc/{root}/task/{root}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var id in Tree(int.Parse(child, CultureInfo.InvariantCulture)))
            {
                yield return id;
            }
        }
    }

    // The fields after the parenthesised name, which may itself contain spaces: index 11 is utime, 12 stime.
    private static string[] Stat(int id)
    {
        var stat = Read($"/proc/{id}/stat");
        var end = stat.LastIndexOf(')');
        return end < 0 ? [] : stat[(end + 2)..].Split(' ');
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
