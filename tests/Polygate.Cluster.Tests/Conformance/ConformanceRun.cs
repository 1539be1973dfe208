using System.Net;
using System.Text.Json.Nodes;
using Polygate.Commands;
using Polygate.Testing.ApiServer;

namespace Polygate.Cluster.Tests.Conformance;

/// <summary>
/// The gateway as <c>polygate run</c> starts it, on an API server with the manifests of one conformance test: it watches, serves on real sockets
/// with an address of its own for every Gateway, and writes the statuses that are compared. Every Service has a backend.
/// </summary>
internal sealed class ConformanceRun : IAsyncDisposable
{
    private const string Controller = "gateway.polygate.io/gateway-controller";

    /// <summary>Ports below 1024 are bound higher by this, so that no privilege is needed.</summary>
    private const int PortOffset = 20000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly int[] PrivilegedPorts = [80, 443];
    private static int lastNetwork = Random.Shared.Next(1 << 20);

    private readonly ConformanceCluster cluster;
    private readonly string network;
    private readonly string kubeconfig = Path.GetTempFileName();
    private readonly CancellationTokenSource stop = new();
    private readonly StringWriter log = new();
    private readonly Dictionary<string, EchoService> backends = new(StringComparer.Ordinal);
    private Task<int> running = Task.FromResult(0);
    private bool hasChanged;

    private ConformanceRun(ConformanceCluster cluster)
    {
        this.cluster = cluster;
        var number = Interlocked.Increment(ref lastNetwork);
        network = $"127.{210 + (number / 250 % 40)}.{number % 250}";
    }

    /// <summary>Starts the gateway on the suite's base manifests and those of a test.</summary>
    public static async Task<ConformanceRun> StartAsync(string baseManifests, IEnumerable<string> manifests)
    {
        var run = new ConformanceRun(await ConformanceCluster.StartAsync());
        const string Class = $$"""{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: gateway-conformance}, spec: { controllerName: {{Controller}} } }""";
        await run.WriteAsync([Class, baseManifests, .. manifests, .. SuiteCertificates.Manifests]);
        await run.StartGatewayAsync();
        return run;
    }

    /// <summary>Objects that are new or changed, a minute later than all before.</summary>
    public async Task SetAsync(string manifest)
    {
        hasChanged = true;
        cluster.Clock.Ahead += TimeSpan.FromMinutes(1);
        await WriteAsync([manifest]);
    }

    /// <summary>An object that is to go.</summary>
    public void Remove(string kind, string ns, string name)
    {
        hasChanged = true;
        cluster.Delete(kind, ns, name);
    }

    /// <summary>An object with its status.</summary>
    public Task<JsonObject> ObjectAsync(string kind, string ns, string name) => cluster.GetAsync(kind, ns, name);

    /// <summary>The objects of a kind and namespace that a label selector selects.</summary>
    public Task<IReadOnlyList<JsonObject>> LabelledAsync(string kind, string ns, string selector) => cluster.LabelledAsync(kind, ns, selector);

    /// <summary>Statuses are written some time after the change they tell of: tries until it holds.</summary>
    /// <param name="assert">Throws while it does not hold.</param>
    public static async Task EventuallyAsync(Func<Task> assert)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                await assert();
                return;
            }
            catch (Exception) when (DateTime.UtcNow < until)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Traffic is as the objects say from the start, and some time after each change.</summary>
    /// <param name="assert">Throws while it does not hold.</param>
    public Task SoonAsync(Func<Task> assert) => hasChanged ? EventuallyAsync(assert) : assert();

    /// <summary>Where a Gateway's port is reached, as its status tells.</summary>
    public async Task<IPEndPoint> EndPointAsync(string ns, string gateway, int port)
    {
        string? address = null;
        await EventuallyAsync(async () =>
        {
            address = (string?)(await ObjectAsync("Gateway", ns, gateway))["status"]?["addresses"]?[0]?["value"];
            Assert.NotNull(address);
        });
        return new IPEndPoint(IPAddress.Parse(address!), port < 1024 ? port + PortOffset : port);
    }

    public EchoService Backend(string service) => backends[service];

    /// <summary>Every condition that the gateway wrote is about the object as it is now (the suite holds every one of its tests to this).</summary>
    public Task NoConditionIsStaleAsync() => EventuallyAsync(async () =>
    {
        foreach (var item in await cluster.AllAsync())
        {
            StatusCase.Observed(item);
        }
    });

    /// <summary>Names and addresses that the suite fills in.</summary>
    public string Fill(string manifest) => manifest.Replace("{GATEWAY_CLASS_NAME}", "gateway-conformance", StringComparison.Ordinal)
        .Replace("{GATEWAY_CONTROLLER_NAME}", Controller, StringComparison.Ordinal)
        .Replace("PLACEHOLDER_USABLE_ADDRS", network + ".200", StringComparison.Ordinal)
        .Replace("PLACEHOLDER_UNUSABLE_ADDRS", "10.255.255.254", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        await cluster.DisposeAsync();
        stop.Dispose();
        await log.DisposeAsync();
        File.Delete(kubeconfig);
    }

    private async Task StartGatewayAsync()
    {
        await File.WriteAllTextAsync(kubeconfig, cluster.Server.Kubeconfig());
        var admin = $"{network}.254:9901";
        string[] arguments =
        [
            "run", "--kubeconfig", kubeconfig, "--gateway-addresses", network + ".0/24", "--admin", admin, "--access-log", "off", "--loops", "1", "--local-backends", "allow", "--gateway-services",
            "--drain-timeout", "0", "--dialects", "gateway-api", "--leader-election-namespace", "default",
            .. PrivilegedPorts.SelectMany(port => new[] { "--map-port", $"{port}={port + PortOffset}" }),
        ];
        running = Task.Run(() => CommandTree.InvokeAsync(arguments, TextWriter.Null, TextWriter.Synchronized(log), stop.Token));
        using var client = new HttpClient();
        await EventuallyAsync(async () =>
        {
            if (!running.IsCompleted)
            {
                (await client.GetAsync(new Uri($"http://{admin}/readyz"))).EnsureSuccessStatusCode();
            }
        });
        if (running.IsCompleted)
        {
            Assert.Fail($"The gateway ended: {log}");
        }
    }

    private async Task WriteAsync(IEnumerable<string> manifests)
    {
        foreach (var manifest in manifests.SelectMany(text => Manifests.Parse(Fill(text))))
        {
            // What the suite deploys are this test's own backends.
            if ((string?)manifest["kind"] == "Deployment")
            {
                continue;
            }

            cluster.Write(manifest);
            if ((string?)manifest["kind"] == "Service" && await SliceAsync(manifest) is { } slice)
            {
                cluster.Write(slice);
            }
        }
    }

    /// <summary>What a cluster's own controller makes of a Service and its pods; null for a Service without any.</summary>
    private async Task<JsonObject?> SliceAsync(JsonObject service)
    {
        var name = (string)service["metadata"]!["name"]!;
        var spec = service["spec"]!;
        var isHeadless = (string?)spec["clusterIP"] == "None";
        var isManual = name.Contains("manual-endpointslices", StringComparison.Ordinal);
        if (spec["selector"] is null && !isHeadless && !isManual)
        {
            return null;
        }

        // A Service without a selector has the pods that the suite gives it by hand.
        var app = (string?)spec["selector"]?["app"] ?? (isHeadless || isManual ? "infra-backend-v1" : name);
        var backend = backends[app] = await EchoService.Of(app, SuiteCertificates.Backend);
        var ports = spec["ports"]!.AsArray().Select(port =>
            $"{{ name: \"{(string?)port!["name"]}\", port: {PortOf(backend, app, port)}, protocol: {(string?)port["protocol"] ?? "TCP"} }}");
        return Manifests.Parse($$"""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: {{name}}-1, namespace: {{(string?)service["metadata"]!["namespace"]}}, labels: { kubernetes.io/service-name: {{name}} } }
            addressType: IPv4
            ports: [{{string.Join(", ", ports)}}]
            endpoints: [{ addresses: ["127.0.0.1"] }]
            """).Single();
    }

    private static int PortOf(EchoService backend, string app, JsonNode port) =>
        (string?)port["protocol"] == "UDP" ? backend.UdpPort
        : port["targetPort"]?.ToString() == "8443" ? backend.TlsPort
        : (string?)port["appProtocol"] == "kubernetes.io/h2c" || app.StartsWith("grpc", StringComparison.Ordinal) ? backend.Http2Port
        : backend.Http1Port;
}
