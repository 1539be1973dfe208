using System.Net.Sockets;

namespace Polygate.Bench;

/// <summary>What one run of one proxy cost.</summary>
internal sealed record Measurement(LoadResult Load, CpuTime Cpu, long ResidentKiB)
{
    public double MicrosecondsPerRequest => Load.Requests == 0 ? double.NaN : Cpu.Total * 1e6 / Load.Requests;
}

/// <summary>A kind of load. The proxy has a CPU (or two) and the load generator shares the other with the backend.</summary>
internal sealed record Scenario(string Name, string Description, Func<Proxy, int, LoadResult> Run)
{
    public const string ProxyCpu = "0";
    public const string OtherCpu = "1";

    private const string Path = "/service-500";

    public int Workers { get; init; } = 1;

    public int Routes { get; init; } = 1000;

    /// <summary>Whether YARP takes part: it is slow enough to wait for in few scenarios only, and has no TLS here.</summary>
    public bool WithYarp { get; init; }

    public bool Includes(Proxy proxy) => WithYarp || proxy.Name != "yarp";

    public static IEnumerable<Scenario> All(string folder)
    {
        var post = System.IO.Path.Combine(folder, "post.lua");
        File.WriteAllText(post, "wrk.method = 'POST'\nwrk.body = string.rep('x', 65536)\n");
        yield return new("small", "small answer, 64 connections, keep-alive", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds)) { WithYarp = true };
        yield return new("small-16", "small answer, 16 connections, keep-alive", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 16, seconds));
        yield return new("two-workers", "small answer, 64 connections, two workers on two cores", (proxy, seconds) => Load.Wrk("0,1", Http(proxy, "/small"), 64, seconds)) { Workers = 2 };
        yield return new("16k", "16 KiB answer, 64 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/16k"), 64, seconds));
        yield return new("1m", "1 MiB answer, 16 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/1m"), 16, seconds));
        yield return new("post-64k", "POST of 64 KiB, 64 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/upload"), 64, seconds, post));
        yield return new("new-connection", "a connection for each request", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds, close: true));
        yield return new("tls", "TLS keep-alive, small answer, 64 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Https(proxy, "/small"), 64, seconds));
        yield return new("tls-handshake", "TLS, a handshake for each request", (proxy, seconds) => Load.Wrk(OtherCpu, Https(proxy, "/small"), 64, seconds, close: true));
        yield return new("http2", "HTTP/2 over TLS in front, 16 connections of 16 streams", (proxy, seconds) => Load.H2Load(OtherCpu, Https(proxy, "/small"), 16, 16, seconds * 5000));
        yield return new("routes-10", "small answer, 10 routes", (proxy, seconds) => Load.Wrk(OtherCpu, $"http://127.0.0.1:{proxy.Port}/service-5/small", 64, seconds)) { Routes = 10 };
        yield return new("routes-10000", "small answer, 10,000 routes", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds)) { Routes = 10_000 };
    }

    /// <summary>Starts the proxy, warms it up for a second, and measures.</summary>
    public async Task<Measurement> MeasureAsync(Proxy proxy, string folder, int seconds)
    {
        using var running = proxy.Start(new Setup(folder, Routes, Workers), Workers == 1 ? ProxyCpu : "0,1");
        await WaitForPortAsync(proxy, running);
        Run(proxy, 1);
        var before = running.Cpu();
        var load = Run(proxy, seconds);
        var cpu = running.Cpu() - before;
        return new Measurement(load, cpu, running.ResidentKiB());
    }

    private static string Http(Proxy proxy, string file) => $"http://127.0.0.1:{proxy.Port}{Path}{file}";

    private static string Https(Proxy proxy, string file) => $"https://127.0.0.1:{proxy.Port + 1}{Path}{file}";

    private static async Task WaitForPortAsync(Proxy proxy, ChildProcess running)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (running.HasExited)
            {
                break;
            }

            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", proxy.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100);
            }
        }

        throw new InvalidOperationException($"{proxy.Name} does not listen on port {proxy.Port}.");
    }
}
