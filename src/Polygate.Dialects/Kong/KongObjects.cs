using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Kong;

/// <summary>Finds the KongIngress of an object.</summary>
internal static class KongObjects
{
    /// <summary>
    /// The KongIngress of an Ingress: the one it names, else the one of its own name. Only the <c>route</c> section counts.
    /// </summary>
    public static Resource<KongIngress>? OfIngress(IResourceLookup lookup, Resource<V1Ingress> ingress, KongAnnotations annotations, Findings findings)
    {
        if (annotations.Text("override") is { } name)
        {
            if (lookup.Get<KongIngress>(ingress.Namespace, name) is { } named)
            {
                return named;
            }

            findings.Warning(
                "missing-kong-ingress", $"The KongIngress {ingress.Namespace}/{name} does not exist and has no effect.", KongAnnotations.Field("override"));
        }

        return lookup.Get<KongIngress>(ingress.Namespace, ingress.Name);
    }

    /// <summary>
    /// The KongIngress that a Service names; null for none. Only the <c>proxy</c> and <c>upstream</c> sections count. One that does not exist is an
    /// error: what it was to say decides which part of the backend is reachable.
    /// </summary>
    public static Resource<KongIngress>? OfService(IResourceLookup lookup, Resource<V1Service> service, KongAnnotations annotations, Findings findings, string field)
    {
        if (annotations.Text("override") is not { } name)
        {
            return null;
        }

        var found = lookup.Get<KongIngress>(service.Namespace, name);
        if (found is null)
        {
            findings.Error(
                "missing-kong-ingress",
                $"The KongIngress {service.Namespace}/{name}, which the Service {service.FullName} names, does not exist: its requests are answered 503.",
                field);
        }

        return found;
    }
}
