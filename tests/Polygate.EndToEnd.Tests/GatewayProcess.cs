using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Polygate.EndToEnd.Tests;

/// <summary>The executable as a user runs it, on an address of its own: HTTP on 8080, HTTPS on 8443, admin on 9901.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> errorLines = new();
    private readonly ConcurrentQueue<string> outputLines = new();

    private GatewayProcess(Process process, string address)
    {
        this.process = process;
        Address = address;
        process.ErrorDataReceived += (_, line) => Keep(errorLines, line.Data);
        process.OutputDataReceived += (_, line) => Keep(outputLines, line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Client = new HttpClient(MakeHandler()) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public string Address { get; }

    /// <summary>Sends every request to this gateway whatever host the URL names, accepts any certificate, follows no redirect.</summary>
    public HttpClient Client { get; }

    public int ProcessId => process.Id;

    /// <summary>What the gateway has printed so far.</summary>
    public string Log => string.Join('\n', outputLines.Concat(errorLines));

    /// <summary>Starts one on a folder of manifests.</summary>
    public static Task<GatewayProcess> StartAsync(string folder, params string[] options) => StartOnAsync(["--config", folder], options);

    /// <summary>Starts one on a folder of manifests, with variables in its environment.</summary>
    public static Task<GatewayProcess> StartAsync(string folder, IReadOnlyDictionary<string, string> variables, params string[] options) =>
        StartAsync(["--config", folder], variables, options);

    /// <summary>Starts one on a source, such as <c>--kubeconfig FILE</c>.</summary>
    public static Task<GatewayProcess> StartOnAsync(IReadOnlyList<string> source, params string[] options) => StartAsync(source, new Dictionary<string, string>(), options);

    private static async Task<GatewayProcess> StartAsync(IReadOnlyList<string> source, IReadOnlyDictionary<string, string> variables, string[] options)
    {
        var address = Loopback.NextAddress();
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "polygate"),
            ["run", .. source, "--address", address, "--admin", $"{address}:9901", "--access-log", "off", "--local-backends", "allow", .. options])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var gateway = new GatewayProcess(Process.Start(start)!, address);
        await gateway.UntilAsync("http://admin:9901/readyz", answer => answer.StatusCode == HttpStatusCode.OK);
        return gateway;
    }

    /// <summary>Asks for a URL such as <c>http://gloo.localhost:8080/pre</c> of this gateway.</summary>
    public Task<HttpResponseMessage> GetAsync(string url, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Client.SendAsync(request);
    }

    /// <summary>What the echo backend behind a URL saw.</summary>
    public async Task<JsonNode> EchoAsync(string url, params (string Name, string Value)[] headers)
    {
        using var answer = await GetAsync(url, headers);
        Assert.True(answer.IsSuccessStatusCode, $"{url} was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}\n{Log}");
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>Asks again until the answer is as wanted; fails after a minute.</summary>
    public async Task UntilAsync(string url, Func<HttpResponseMessage, bool> wanted)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        var last = "no answer";
        while (DateTime.UtcNow < deadline && !process.HasExited)
        {
            try
            {
                using var answer = await Client.GetAsync(url);
                if (wanted(answer))
                {
                    return;
                }

                last = $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}";
            }
            catch (HttpRequestException exception)
            {
                last = exception.Message;
            }

            await Task.Delay(20);
        }

        Assert.Fail($"{url} was never answered as wanted, last {last}\n{Log}");
    }

    /// <summary>Asks the process to end, as Kubernetes does.</summary>
    public void Terminate() => Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])!.WaitForExit();

    /// <summary>Ends the process at once, as a node that fails does.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task<int> ExitCodeAsync()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return process.ExitCode;
    }

    /// <summary>A handler that connects to this gateway whatever the URL's host.</summary>
    public SocketsHttpHandler MakeHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Parse(Address), context.DnsEndPoint.Port, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
