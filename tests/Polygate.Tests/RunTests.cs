using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Polygate.Commands;

namespace Polygate.Tests;

/// <summary>The gateway from the command line, in this process.</summary>
public sealed class RunTests : IAsyncLifetime
{
    private readonly IPAddress address = Loopback.Next();
    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource stop = new();
    private readonly StringWriter error = new();
    private readonly TextWriter log;
    private readonly HttpClient client;
    private Task<int> running = Task.FromResult(0);

    public RunTests()
    {
        log = TextWriter.Synchronized(error);
        client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(address, context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    public ValueTask InitializeAsync()
    {
        folder.Write("ingress.yaml", Samples.Ingress());
        folder.Write("service.yaml", Samples.Service(address.ToString()));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        client.Dispose();
        folder.Dispose();
        stop.Dispose();
    }

    [Fact]
    public async Task It_serves_the_folder_follows_its_changes_and_ends_when_asked_to()
    {
        await StartAsync();
        var seen = JsonNode.Parse(await client.GetStringAsync("http://shop.example.com:8080/shop/x?q=1", Token))!;
        Assert.Equal(("shop", "GET", "/shop/x", "q=1", "shop.example.com:8080"),
            ((string?)seen["backend"], (string?)seen["method"], (string?)seen["path"], (string?)seen["query"], (string?)seen["host"]));
        Assert.NotNull(seen["headers"]!["X-Forwarded-For"]);

        folder.Write("ingress.yaml", Samples.Ingress("/moved"));
        await UntilAsync("http://shop.example.com:8080/moved", answer => answer.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("http://shop.example.com:8080/shop", Token)).StatusCode);

        // Longer than before: a shorter file would first have to stand still.
        folder.Write("ingress.yaml", Samples.Ingress("/never") + "  broken: [\n");
        folder.Write("more.yaml", Samples.Ingress("/more").Replace("name: shop\nspec", "name: more\nspec", StringComparison.Ordinal));
        await UntilAsync("http://shop.example.com:8080/more", answer => answer.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("http://shop.example.com:8080/moved", Token)).StatusCode);

        await stop.CancelAsync();
        Assert.Equal(0, await running);
        var text = error.ToString();
        Assert.Contains($"Listening on http://{address}:8080 for :80", text, StringComparison.Ordinal);
        Assert.Contains("shop.example.com", text, StringComparison.Ordinal);
        Assert.Matches(@"ingress\.yaml:\d+: syntax: ", text);
        Assert.Contains("previous-version: Ingress default/shop is still served as it was read at", text, StringComparison.Ordinal);
        Assert.Contains("Stopped.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_admin_port_tells_life_readiness_and_metrics()
    {
        await StartAsync("--map-port", "80=8123");
        await client.GetStringAsync("http://shop.example.com:8123/shop", Token);

        Assert.Equal("ok\n", await client.GetStringAsync("http://admin:9901/livez", Token));
        await UntilAsync("http://admin:9901/metrics", answer => Text(answer).Contains("polygate_requests_total{route=\"ingress", StringComparison.Ordinal));
        var metrics = await client.GetStringAsync("http://admin:9901/metrics", Token);
        Assert.Contains("\npolygate_ready 1\n", metrics, StringComparison.Ordinal);
        Assert.All(
            metrics.TrimEnd('\n').Split('\n'),
            line => Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+0-9.eE]+)$""", line));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("http://admin:9901/other", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("http://admin:9901/livez", null, Token)).StatusCode);
    }

    [Fact]
    public async Task The_log_is_JSON_when_asked_for()
    {
        folder.Write("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: 5\n");
        await StartAsync("--log-format", "json");
        await stop.CancelAsync();
        await running;

        var lines = error.ToString().TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        var broken = Assert.Single(lines, line => (string?)line["code"] == "wrong-type");
        Assert.Equal(("error", "broken.yaml", 4, "spec"), ((string?)broken["level"], (string?)broken["file"], (int)broken["line"]!, (string?)broken["field"]));
    }

    [Fact]
    public async Task Of_very_many_routes_and_diagnostics_a_hundred_are_shown_errors_first()
    {
        folder.Write("early.yaml", string.Join("---\n", Enumerable.Range(0, 150).Select(number => $"apiVersion: example.com/v1\nkind: Other\nmetadata: {{ name: o{number} }}\n")));
        folder.Write("many.yaml", string.Join("---\n", Enumerable.Range(0, 150).Select(number =>
            Samples.Ingress($"/p{number}").Replace("name: shop\n", $"name: many{number}\n", StringComparison.Ordinal)
                .Replace("name: shop,", "name: nobody,", StringComparison.Ordinal))));
        await StartAsync();
        await stop.CancelAsync();
        await running;

        var text = error.ToString();
        Assert.Contains("more; polygate routes lists them all.", text, StringComparison.Ordinal);
        Assert.Contains("… and 200 more diagnostics; polygate check lists them all.", text, StringComparison.Ordinal);
        Assert.Equal(100, text.Split('\n').Count(line => line.Contains("missing-service", StringComparison.Ordinal)));
        Assert.Equal(100, text.Split('\n').Count(line => line.StartsWith("  ingress ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_taken_admin_port_is_said_plainly()
    {
        using var taken = new TcpListener(address, 9901);
        taken.Start();

        running = InvokeAsync();

        Assert.Equal(CommandTree.Failed, await running);
        Assert.Contains("Cannot start", error.ToString(), StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task StartAsync(params string[] options)
    {
        running = InvokeAsync(options);
        await UntilAsync("http://admin:9901/readyz", answer => answer.IsSuccessStatusCode);
    }

    private Task<int> InvokeAsync(params string[] options) => CommandTree.InvokeAsync(
        ["run", "--config", folder.Path, "--address", address.ToString(), "--admin", $"{address}:9901", "--access-log", "off", "--loops", "1", .. options],
        TextWriter.Null,
        log,
        stop.Token);

    private static string Text(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(answer.Content.ReadAsStream(Token));
        return reader.ReadToEnd();
    }

    /// <summary>Asks again until the answer is as wanted, for a minute at most.</summary>
    private async Task UntilAsync(string url, Func<HttpResponseMessage, bool> wanted)
    {
        for (var attempt = 0; attempt < 1200 && !running.IsCompleted; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(url, Token);
                if (wanted(answer))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(50, Token);
        }

        Assert.Fail($"{url} was never answered as wanted:\n{error}");
    }
}
