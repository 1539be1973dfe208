using System.Net;
using System.Text.Json.Nodes;
using k8s.Models;
using Polygate.Dialects.GatewayApi;
using Polygate.Dialects.GatewayApi.Addresses;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Proxy;
using Polygate.Proxy.Listening;

namespace Polygate.Dialects.Tests.GatewayApi.Conformance;

/// <summary>
/// The gateway with the manifests of one conformance test: translated, served on real sockets, every Gateway on its own address, with a backend
/// for every Service.
/// </summary>
internal sealed class ConformanceRun : IAsyncDisposable
{
    /// <summary>Ports are bound higher by this, so that no privilege is needed.</summary>
    private const int PortOffset = 20000;

    private readonly GatewayApiDialect dialect;
    private readonly Translator translator;
    private readonly ManifestReader reader;
    private readonly ProxyServer proxy;
    private readonly string network = $"127.{Random.Shared.Next(20, 250)}.{Random.Shared.Next(0, 256)}";
    private readonly Dictionary<string, EchoService> backends = new(StringComparer.Ordinal);

    private ConformanceRun()
    {
        dialect = new GatewayApiDialect(new GatewayApiOptions { Addresses = GatewayAddressPool.Parse([network + ".0/24"]) });
        translator = new Translator([dialect]);
        reader = new ManifestReader(dialect.ResourceTypes);
        proxy = new ProxyServer(new ProxyOptions
        {
            Loops = 1,
            Listeners = new ListenerOptions { MapEndPoint = key => new IPEndPoint(IPAddress.Parse(key.Address), key.Port + PortOffset) },
            Report = (message, exception) => TestContext.Current.SendDiagnosticMessage($"{message} {exception}"),
        });
    }

    /// <summary>Starts the gateway on the suite's base manifests and those of a test.</summary>
    public static async Task<ConformanceRun> StartAsync(string baseManifests, IEnumerable<string> manifests)
    {
        var run = new ConformanceRun();
        await run.SetAsync([baseManifests, .. manifests, .. SuiteCertificates.Manifests]);
        return run;
    }

    /// <summary>Objects that are new or changed.</summary>
    public async Task SetAsync(IEnumerable<string> manifests)
    {
        var resources = manifests.SelectMany(manifest => reader.Read("in.yaml", Fill(manifest)).Resources).ToList();
        var slices = new List<Resource>();
        foreach (var service in resources.OfType<Resource<V1Service>>())
        {
            if (service.Value.Spec is { Selector.Count: > 0 } or { ClusterIP: "None" } || service.Name.Contains("manual-endpointslices", StringComparison.Ordinal))
            {
                slices.AddRange(await SlicesAsync(service));
            }
        }

        proxy.Apply(translator.Apply([.. resources, .. slices], []));
    }

    /// <summary>An object that is gone.</summary>
    public void Remove(string kind, string ns, string name)
    {
        var type = dialect.ResourceTypes.Single(type => type.Kind == kind);
        var gone = reader.Read("in.yaml", $"apiVersion: {type.Group}/{type.Versions[0]}\nkind: {kind}\nmetadata: {{ name: {name}, namespace: {ns} }}\n").Resources;
        proxy.Apply(translator.Apply([], gone));
    }

    /// <summary>The status of an object; null when it has none.</summary>
    public JsonObject? Status(string kind, string ns, string name) => translator.Statuses
        .SingleOrDefault(status => status.Resource.Kind == kind && status.Resource.Name == name && (status.Resource.Namespace == ns || status.Resource.Namespace.Length == 0))?.Status;

    /// <summary>Where a Gateway's port is reached.</summary>
    public IPEndPoint EndPoint(string ns, string gateway, int port)
    {
        var address = (string?)Status("Gateway", ns, gateway)?["addresses"]?[0]?["value"];
        Assert.NotNull(address);
        return new IPEndPoint(IPAddress.Parse(address), port + PortOffset);
    }

    public EchoService Backend(string service) => backends[service];

    public async ValueTask DisposeAsync() => await proxy.DisposeAsync();

    /// <summary>Names and addresses that the suite fills in.</summary>
    private string Fill(string manifest) => manifest.Replace("{GATEWAY_CLASS_NAME}", "gateway-conformance", StringComparison.Ordinal)
        .Replace("{GATEWAY_CONTROLLER_NAME}", "gateway.polygate.io/gateway-controller", StringComparison.Ordinal)
        .Replace("PLACEHOLDER_USABLE_ADDRS", network + ".200", StringComparison.Ordinal)
        .Replace("PLACEHOLDER_UNUSABLE_ADDRS", "10.255.255.254", StringComparison.Ordinal);

    private async Task<IEnumerable<Resource>> SlicesAsync(Resource<V1Service> service)
    {
        // What the suite's pods are: a Service without a selector of its own has the pods that another one names.
        var name = service.Value.Spec.Selector?.TryGetValue("app", out var app) == true ? app : service.Name.Contains("headless", StringComparison.Ordinal) || service.Name.Contains("manual", StringComparison.Ordinal) ? "infra-backend-v1" : service.Name;
        var backend = backends[name] = await EchoService.Of(name, SuiteCertificates.Backend);
        var ports = (service.Value.Spec.Ports ?? []).Select(port =>
            $"{{ name: \"{port.Name}\", port: {PortOf(backend, name, port)}, protocol: {port.Protocol ?? "TCP"} }}");
        return reader.Read("in.yaml", $$"""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: {{service.Name}}-1, namespace: {{service.Namespace}}, labels: { kubernetes.io/service-name: {{service.Name}} } }
            addressType: IPv4
            ports: [{{string.Join(", ", ports)}}]
            endpoints: [{ addresses: [127.0.0.1] }]
            """).Resources;
    }

    private static int PortOf(EchoService backend, string name, V1ServicePort port) =>
        port.TargetPort?.Value is "8443" ? backend.TlsPort
        : port.AppProtocol == "kubernetes.io/h2c" || name.StartsWith("grpc", StringComparison.Ordinal) ? backend.Http2Port
        : backend.Http1Port;
}
