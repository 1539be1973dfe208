using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>A Service's port as a backend reference names it.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Port">The port of the Service.</param>
/// <param name="Endpoints">Its endpoints, kept beside the routes.</param>
public sealed record ServicePort(Resource<V1Service> Service, V1ServicePort Port, NamedEndpoints Endpoints)
{
    /// <summary><c>namespace/service:port</c>, how people name it and what backends made from it alone are called.</summary>
    public string Name => Endpoints.Set;
}

/// <summary>Finds the Service port that a reference means, by number or by name.</summary>
public static class ServiceBackends
{
    /// <summary>The Service's port with this number, or null when there is no such Service or port.</summary>
    /// <remarks>A Service of type ExternalName may be addressed on ports that it does not declare.</remarks>
    public static ServicePort? ByNumber(IResourceLookup lookup, string ns, string service, int port)
    {
        if (lookup.Get<V1Service>(ns, service) is not { } found)
        {
            return null;
        }

        var declared = found.Value.Spec?.Ports?.FirstOrDefault(candidate => candidate.Port == port);
        if (declared is null && IsExternalName(found))
        {
            declared = new V1ServicePort { Port = port, Protocol = "TCP" };
        }

        return declared is null ? null : Make(found, declared);
    }

    /// <summary>The Service's port with this name, or null when there is no such Service or port.</summary>
    public static ServicePort? ByName(IResourceLookup lookup, string ns, string service, string port) =>
        lookup.Get<V1Service>(ns, service) is { } found
        && found.Value.Spec?.Ports?.FirstOrDefault(candidate => candidate.Name == port) is { } declared
            ? Make(found, declared)
            : null;

    public static bool IsExternalName(Resource<V1Service> service) => service.Value.Spec?.Type == "ExternalName";

    /// <summary>A plain HTTP/1.1 (or, by <c>appProtocol</c>, h2c) backend for a Service port, balanced round robin.</summary>
    public static Backend Plain(ServicePort port) => new(port.Name, port.Endpoints)
    {
        Protocol = port.Port.AppProtocol is "kubernetes.io/h2c" ? BackendProtocol.Http2 : BackendProtocol.Http1,
    };

    private static ServicePort Make(Resource<V1Service> service, V1ServicePort port) =>
        new(service, port, new NamedEndpoints(EndpointSets.NameOf(service.Namespace, service.Name, port.Port)));
}
