using System.Net;
using System.Net.Sockets;
using k8s.Models;
using Polygate.Dialects.Pipeline;
using Polygate.Echo;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Logging;

namespace Polygate.Running;

/// <summary>
/// Echo backends for Services that ask for them with the annotation <c>gateway.polygate.io/echo: "true"</c>, so that an example
/// needs no other program. They listen at the Service's endpoints, which must be loopback addresses.
/// </summary>
internal sealed class EchoBackends : IAsyncDisposable
{
    public const string Annotation = "gateway.polygate.io/echo";

    private readonly ProgramLog log;
    private readonly Dictionary<IPEndPoint, EchoServer> running = [];
    private readonly HashSet<(IPEndPoint EndPoint, string Reason)> failures = [];

    public EchoBackends(ProgramLog log) => this.log = log;

    /// <summary>Starts and stops backends as the objects now ask for.</summary>
    public async Task UpdateAsync(IResourceLookup resources)
    {
        var wanted = new Dictionary<IPEndPoint, (string Name, bool Http2)>();
        foreach (var service in resources.List<V1Service>().Where(service => service.Annotation(Annotation) == "true"))
        {
            foreach (var (endPoint, http2) in EndPointsOf(service, resources))
            {
                wanted.TryAdd(endPoint, (service.Name, http2));
            }
        }

        foreach (var (endPoint, server) in running.Where(pair => !wanted.TryGetValue(pair.Key, out var want) || want.Name != pair.Value.Name).ToList())
        {
            running.Remove(endPoint);
            await server.DisposeAsync();
        }

        foreach (var (endPoint, (name, http2)) in wanted.Where(pair => !running.ContainsKey(pair.Key)))
        {
            await StartAsync(endPoint, name, http2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in running.Values)
        {
            await server.DisposeAsync();
        }

        running.Clear();
    }

    private static IEnumerable<(IPEndPoint EndPoint, bool Http2)> EndPointsOf(Resource<V1Service> service, IResourceLookup resources)
    {
        foreach (var port in service.Value.Spec?.Ports ?? [])
        {
            var set = EndpointSets.Compute(resources, EndpointSets.NameOf(service.Namespace, service.Name, port.Port));
            foreach (var endpoint in set.Endpoints.AsEnumerable())
            {
                if (IPAddress.TryParse(endpoint.Host, out var address) && IPAddress.IsLoopback(address))
                {
                    yield return (new IPEndPoint(address, endpoint.Port), port.AppProtocol == "kubernetes.io/h2c");
                }
            }
        }
    }

    private async Task StartAsync(IPEndPoint endPoint, string name, bool http2)
    {
        try
        {
            running.Add(endPoint, await EchoServer.StartAsync(endPoint, name, http2));
            log.Write(LogLevel.Info, $"Echo backend {name} listens on {endPoint}.");
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Tried again with the next change; said once.
            if (failures.Add((endPoint, exception.Message)))
            {
                log.Write(LogLevel.Error, $"Echo backend {name} cannot listen: {exception.Message}");
            }
        }
    }
}
