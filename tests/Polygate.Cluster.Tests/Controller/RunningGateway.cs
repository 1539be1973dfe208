using System.Net;
using System.Net.Sockets;
using Polygate.Commands;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Controller;

/// <summary>The program as <c>polygate run</c> starts it, against a test's API server, on an address of its own.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private static int last = Random.Shared.Next(1 << 20);

    private readonly CancellationTokenSource stop = new();
    private readonly StringWriter text = new();
    private readonly TextWriter log;
    private readonly IPAddress address;
    private readonly string kubeconfig;
    private readonly Task<int> running;

    private RunningGateway(TestApiServer server, string? token, string[] arguments)
    {
        var number = Interlocked.Increment(ref last);
        address = new IPAddress([127, (byte)(170 + ((number >> 16) & 31)), (byte)(number >> 8), (byte)(1 + (number % 250))]);
        kubeconfig = Path.GetTempFileName();
        File.WriteAllText(kubeconfig, server.Kubeconfig(token));
        log = TextWriter.Synchronized(text);
        Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(address, context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        string[] all =
        [
            "run", "--kubeconfig", kubeconfig, "--address", address.ToString(), "--admin", $"{address}:9901", "--access-log", "off", "--loops", "1",
            "--drain-timeout", "1", .. arguments.Contains("--local-backends") ? arguments : ["--local-backends", "allow", .. arguments],
        ];
        running = Task.Run(() => CommandTree.InvokeAsync(all, TextWriter.Null, log, stop.Token));
    }

    /// <summary>What it listens on, with its admin port.</summary>
    public string Address => address.ToString();

    /// <summary>Connects to the gateway, whatever the host.</summary>
    public HttpClient Client { get; }

    /// <summary>What was logged so far.</summary>
    public string Log
    {
        get
        {
            lock (log)
            {
                return text.ToString();
            }
        }
    }

    public static RunningGateway Start(TestApiServer server, params string[] arguments) => new(server, null, arguments);

    public static RunningGateway StartAs(TestApiServer server, string token, params string[] arguments) => new(server, token, arguments);

    /// <summary>Waits until it is ready.</summary>
    public async Task<RunningGateway> ReadyAsync()
    {
        await UntilAsync(async () => (await Client.GetAsync("http://admin:9901/readyz", Token)).IsSuccessStatusCode);
        return this;
    }

    /// <summary>Where a request for a host is redirected; null when it is not.</summary>
    public async Task<string?> RedirectAsync(string host)
    {
        using var answer = await Client.GetAsync($"http://{host}:8080/", Token);
        return answer.StatusCode == HttpStatusCode.Found ? answer.Headers.Location?.Host : null;
    }

    /// <summary>Waits until a host is redirected to another (null: until it is not).</summary>
    public Task UntilRedirectAsync(string host, string? target) => UntilAsync(async () => await RedirectAsync(host) == target);

    /// <summary>Waits until something holds, while connections may be refused.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 600; i++)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(50, Token);
        }

        Assert.Fail("It did not come true within 30 s.\n" + Log);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        Client.Dispose();
        stop.Dispose();
        File.Delete(kubeconfig);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
