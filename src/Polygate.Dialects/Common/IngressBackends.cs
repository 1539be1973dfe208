using k8s.Models;
using Polygate.Dialects.Pipeline;

namespace Polygate.Dialects.Common;

/// <summary>Finds the Service port that an Ingress backend names.</summary>
public static class IngressBackends
{
    /// <summary>The Service port, or null with an error saying why requests are answered 503 instead.</summary>
    /// <param name="context">Where Services are found and errors go.</param>
    /// <param name="backend">The backend as written.</param>
    /// <param name="field">Its field path.</param>
    public static ServicePort? Find(TranslationContext context, V1IngressBackend? backend, string field)
    {
        var ns = context.Root.Namespace;
        if (backend?.Service is not { Name.Length: > 0 } service)
        {
            context.Error(
                "unsupported-field",
                backend?.Resource is { } resource
                    ? $"A {resource.Kind} as backend is not supported, only a Service; requests are answered 503."
                    : "A backend must name a Service; requests are answered 503.",
                field + (backend?.Resource is null ? "" : ".resource"));
            return null;
        }

        var port = service.Port?.Name is { Length: > 0 } name
            ? ServiceBackends.ByName(context, ns, service.Name, name)
            : ServiceBackends.ByNumber(context, ns, service.Name, service.Port?.Number ?? 0);
        if (port is null)
        {
            var exists = context.Get<V1Service>(ns, service.Name) is not null;
            context.Error(
                exists ? "missing-port" : "missing-service",
                exists
                    ? $"The Service {ns}/{service.Name} has no port {service.Port?.Name ?? service.Port?.Number?.ToString() ?? "(none given)"}; requests are answered 503."
                    : $"The Service {ns}/{service.Name} does not exist; requests are answered 503.",
                field + (exists ? ".service.port" : ".service.name"));
        }

        return port;
    }
}
