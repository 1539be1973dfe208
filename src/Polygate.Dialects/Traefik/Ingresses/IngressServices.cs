using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Dialects.Traefik.Resources;

namespace Polygate.Dialects.Traefik.Ingresses;

/// <summary>Turns an Ingress backend, with the annotations of its Service, into the reference an IngressRoute would have.</summary>
internal static class IngressServices
{
    /// <summary>The reference; null after a report for a backend that is not a Service.</summary>
    public static ServiceReference? Reference(TranslationContext context, V1IngressBackend? backend, string ns, Findings findings, string field)
    {
        if (backend?.Service is not { } service)
        {
            findings.Error("unsupported-backend", "Only Services are supported as backends: its requests are answered 503.", field);
            return null;
        }

        var port = service.Port?.Number is > 0 and var number ? number.ToString() : service.Port?.Name;
        var reference = new ServiceReference { Name = service.Name, Port = string.IsNullOrEmpty(port) ? null : (IntOrString)port };
        return context.Get<V1Service>(ns, service.Name) is { } found
            ? Annotate(reference, new IngressAnnotations(found), findings, field)
            : reference;
    }

    private static ServiceReference Annotate(ServiceReference reference, IngressAnnotations annotations, Findings findings, string field)
    {
        var result = reference with
        {
            Scheme = annotations.Text("service.serversscheme"),
            ServersTransport = annotations.Text("service.serverstransport"),
            PassHostHeader = annotations.Flag("service.passhostheader", findings),
            NativeLB = annotations.Flag("service.nativelb", findings),
            NodePortLB = annotations.Flag("service.nodeportlb", findings),
            Middlewares = [.. annotations.List("service.middlewares").Select(name => new ObjectReference { Name = name })],
            Sticky = annotations.Flag("service.sticky.cookie", findings) == true ? new Sticky { Cookie = Cookie(annotations, findings) } : null,
        };
        foreach (var key in annotations.Unread.Where(key => !key.StartsWith("service.sticky.cookie.", StringComparison.OrdinalIgnoreCase)))
        {
            findings.Warning("unsupported-annotation", $"The annotation {IngressAnnotations.Prefix}{key} of the Service has no effect.", field);
        }

        return result;
    }

    private static StickyCookieSpec Cookie(IngressAnnotations annotations, Findings findings) => new()
    {
        Name = annotations.Text("service.sticky.cookie.name"),
        Secure = annotations.Flag("service.sticky.cookie.secure", findings),
        HttpOnly = annotations.Flag("service.sticky.cookie.httponly", findings),
        SameSite = annotations.Text("service.sticky.cookie.samesite"),
        MaxAge = (int?)annotations.Number("service.sticky.cookie.maxage", findings),
        Path = annotations.Text("service.sticky.cookie.path"),
        Domain = annotations.Text("service.sticky.cookie.domain"),
    };
}
