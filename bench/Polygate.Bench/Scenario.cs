using System.Net.Sockets;

namespace Polygate.Bench;

/// <summary>What one run of one proxy cost.</summary>
internal sealed record Measurement(LoadResult Load, CpuTime Cpu, long ResidentKiB)
{
    public double MicrosecondsPerRequest => Load.Requests == 0 ? double.NaN : Cpu.Total * 1e6 / Load.Requests;
}

/// <summary>A kind of load. The proxy has a CPU (or two) and the load generator shares the other with the backend.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Description">For the table.</param>
/// <param name="Run">Loads a proxy for some seconds.</param>
internal sealed record Scenario(string Name, string Description, Func<Proxy, int, LoadResult> Run)
{
    public const string ProxyCpu = "0";
    public const string OtherCpu = "1";

    /// <summary>Requests a second of the scenario with a fixed rate: about a third of what the slowest machine at hand does.</summary>
    private const int Rate = 6400;

    public int Workers { get; init; } = 1;

    public int Routes { get; init; } = 1000;

    /// <summary>Left out of the quick run.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Whether YARP takes part: it has no TLS here.</summary>
    public bool WithYarp { get; init; }

    /// <summary>Whether it is about what ingress-nginx does: the others are left out.</summary>
    public bool OnlyNginx { get; init; }

    public bool Includes(Proxy proxy) => OnlyNginx ? proxy.Name is "nginx" or "polygate" : WithYarp || proxy.Name != "yarp";

    public static IEnumerable<Scenario> All(string folder)
    {
        var post = Path.Combine(folder, "post.lua");
        File.WriteAllText(post, "wrk.method = 'POST'\nwrk.body = string.rep('x', 65536)\n");
        var message = Path.Combine(folder, "message");
        File.WriteAllBytes(message, [0, 0, 0, 0, 3, 10, 1, 65]);
        var log = Path.Combine(folder, "times");
        yield return new("small", "small answer, 64 connections, keep-alive", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds)) { WithYarp = true };
        yield return new("small-16", "small answer, 16 connections, keep-alive", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 16, seconds)) { IsSlow = true };
        yield return new("rate", $"small answer, {Rate} requests a second", (proxy, seconds) => Load.FixedRate(OtherCpu, Http(proxy, "/small"), Rate, seconds, log)) { WithYarp = true };
        yield return new("16k", "16 KiB answer, 64 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/16k"), 64, seconds));
        yield return new("1m", "1 MiB answer, 16 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/1m"), 16, seconds));
        yield return new("post-64k", "POST of 64 KiB, 64 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/upload"), 64, seconds, post));
        yield return new("new-connection", "a connection for each request", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds, close: true));
        yield return new("tls", "TLS keep-alive, small answer, 64 connections", (proxy, seconds) => Load.Wrk(OtherCpu, Https(proxy, "/small"), 64, seconds));
        yield return new("tls-handshake", "a full TLS handshake for each request", (proxy, seconds) => Load.Handshakes(OtherCpu, $"127.0.0.1:{proxy.Port + 1}", PathOf(500) + "/small", seconds));
        yield return new("http2", "HTTP/2 over TLS in front, 16 connections of 16 streams", (proxy, seconds) => Load.H2Load(OtherCpu, Https(proxy, "/small"), 16, 16, seconds));
        yield return new("grpc", "gRPC unary calls over TLS, 16 connections of 16 streams", (proxy, seconds) => Load.Grpc(OtherCpu, $"https://127.0.0.1:{proxy.Port + 1}/bench.Echo/Call", seconds, message));
        yield return new("websocket", "WebSocket echo of 128 bytes, 64 connections", (proxy, seconds) => EchoLoad.Run(proxy.Port, 64, seconds));
        yield return new("two-workers", "small answer, 64 connections, two workers on two cores", (proxy, seconds) => Load.Wrk("0,1", Http(proxy, "/small"), 64, seconds)) { Workers = 2 };
        foreach (var annotated in AnnotatedHosts.Scenarios())
        {
            yield return annotated;
        }

        yield return new("routes-10", "small answer, 10 routes", (proxy, seconds) => Load.Wrk(OtherCpu, $"http://127.0.0.1:{proxy.Port}{PathOf(5)}/small", 64, seconds)) { Routes = 10, IsSlow = true };
        yield return new("routes-10000", "small answer, 10,000 routes", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds)) { Routes = 10_000 };
        yield return new("routes-100000", "small answer, 100,000 routes", (proxy, seconds) => Load.Wrk(OtherCpu, Http(proxy, "/small"), 64, seconds)) { Routes = 100_000, IsSlow = true };
    }

    /// <summary>The path under which a route leads.</summary>
    public static string PathOf(int route) => $"/service-{route}";

    public static string Http(Proxy proxy, string file) => $"http://127.0.0.1:{proxy.Port}{PathOf(500)}{file}";

    /// <summary>Measures a proxy that runs and is warm.</summary>
    public Measurement Measure(Proxy proxy, ChildProcess running, int seconds)
    {
        var before = running.Cpu();
        var load = Run(proxy, seconds);
        return new Measurement(load, running.Cpu() - before, running.ResidentKiB());
    }

    public static async Task WaitForPortAsync(Proxy proxy, ChildProcess running)
    {
        for (var attempt = 0; attempt < 1200 && !running.HasExited; attempt++)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", proxy.Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException($"{proxy.Name} does not listen on port {proxy.Port}.");
    }

    private static string Https(Proxy proxy, string file) => $"https://127.0.0.1:{proxy.Port + 1}{PathOf(500)}{file}";
}
