using k8s.Models;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>
/// Keeps backends off the gateway's own machine where it serves others' objects: an ExternalName or a written address could otherwise name its
/// loopback, and with it the admin port. What a name resolves to is refused by the engine.
/// </summary>
internal static class LocalBackends
{
    /// <summary>The code of the error.</summary>
    public const string Code = "local-backend";

    /// <summary>A backend without its local endpoints, which are reported on the object that names them.</summary>
    public static Backend Refuse(TranslationContext context, Backend backend)
    {
        switch (backend.Endpoints)
        {
            case StaticEndpoints { Endpoints: var endpoints } when endpoints.FirstOrDefault(IsLocal) is { } local:
                context.Error(Code, Message(local.Host));
                return backend with { Endpoints = new StaticEndpoints(Without(endpoints)) };
            case NamedEndpoints { Set: var set }:
                var (ns, name, _) = EndpointSets.Parse(set);
                if (context.Get<V1Service>(ns, name) is { } service
                    && ServiceBackends.IsExternalName(service)
                    && service.Value.Spec.ExternalName is { Length: > 0 } host
                    && LocalAddress.IsLocal(host))
                {
                    context.Error(Code, Message(host), "spec.externalName", service);
                }

                return backend;
            default:
                return backend;
        }
    }

    /// <summary>An endpoint set without its local endpoints.</summary>
    public static EndpointSet Without(EndpointSet set) => set.Endpoints.Any(IsLocal) ? set with { Endpoints = Without(set.Endpoints) } : set;

    /// <summary>What is said of such a host.</summary>
    public static string Message(string host) =>
        $"\"{host}\" is the gateway's own machine or its link, where no backend is; nothing is sent there (--local-backends allow permits it).";

    private static ValueList<Endpoint> Without(ValueList<Endpoint> endpoints) => endpoints.Where(endpoint => !IsLocal(endpoint)).ToValueList();

    private static bool IsLocal(Endpoint endpoint) => LocalAddress.IsLocal(endpoint.Host);
}
