using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Pipeline;

/// <summary>
/// Endpoints of Service ports: from EndpointSlices, else (in a folder, where nothing makes slices) from Pods that the
/// Service selects, else for an ExternalName the name itself.
/// </summary>
public static class EndpointSets
{
    /// <summary>EndpointSlices by the Service they are for.</summary>
    public static ResourceIndex<V1EndpointSlice> SlicesByService { get; } = new(
        "endpoint-slices-by-service",
        slice => slice.Label("kubernetes.io/service-name") is { } service ? [slice.Namespace + "/" + service] : []);

    /// <summary>The name of a Service port's endpoint set.</summary>
    public static string NameOf(string ns, string service, int port) => $"{ns}/{service}:{port}";

    /// <summary>What a name that <see cref="NameOf"/> made was made of.</summary>
    public static (string Namespace, string Service, int Port) Parse(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var colon = name.LastIndexOf(':');
        return (name[..slash], name[(slash + 1)..colon], int.Parse(name.AsSpan(colon + 1)));
    }

    /// <summary>The endpoints that a set has now.</summary>
    /// <param name="lookup">Where objects are found.</param>
    /// <param name="name">As <see cref="NameOf"/> makes it.</param>
    public static EndpointSet Compute(IResourceLookup lookup, string name)
    {
        var (ns, serviceName, number) = Parse(name);
        if (lookup.Get<V1Service>(ns, serviceName) is not { Value.Spec: { } spec } service)
        {
            return new EndpointSet(name, []);
        }

        if (ServiceBackends.IsExternalName(service))
        {
            return new EndpointSet(name, string.IsNullOrEmpty(spec.ExternalName) ? [] : [new Endpoint(spec.ExternalName, number)]);
        }

        if (spec.Ports?.FirstOrDefault(port => port.Port == number) is not { } servicePort)
        {
            return new EndpointSet(name, []);
        }

        var slices = lookup.Find(SlicesByService, $"{ns}/{serviceName}");
        var endpoints = slices.Count > 0 ? FromSlices(slices, servicePort) : FromPods(lookup, ns, spec, servicePort);
        return new EndpointSet(name, endpoints.Distinct().OrderBy(endpoint => endpoint.Host, StringComparer.Ordinal).ThenBy(endpoint => endpoint.Port).ToValueList());
    }

    private static IEnumerable<Endpoint> FromSlices(IReadOnlyList<Resource<V1EndpointSlice>> slices, V1ServicePort servicePort)
    {
        foreach (var slice in slices)
        {
            // A slice's port carries the name of the Service's port; a Service with one unnamed port has slices with an empty name.
            var port = slice.Value.Ports?.FirstOrDefault(candidate => (candidate.Name ?? "") == (servicePort.Name ?? ""));
            if (port?.Port is not { } number)
            {
                continue;
            }

            foreach (var endpoint in slice.Value.Endpoints ?? [])
            {
                // Unset means ready (EndpointConditions: "a nil value should be interpreted as true").
                if (endpoint.Conditions?.Ready == false)
                {
                    continue;
                }

                foreach (var address in endpoint.Addresses ?? [])
                {
                    yield return new Endpoint(address, number);
                }
            }
        }
    }

    private static IEnumerable<Endpoint> FromPods(IResourceLookup lookup, string ns, V1ServiceSpec spec, V1ServicePort servicePort)
    {
        if (spec.Selector is not { Count: > 0 } selector)
        {
            yield break;
        }

        foreach (var pod in lookup.List<V1Pod>(ns))
        {
            if (pod.Value.Status?.PodIP is { Length: > 0 } address
                && selector.All(pair => pod.Label(pair.Key) == pair.Value)
                && IsReady(pod.Value)
                && TargetPort(pod.Value, servicePort) is { } number)
            {
                yield return new Endpoint(address, number);
            }
        }
    }

    private static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null
        && pod.Status.Conditions?.FirstOrDefault(condition => condition.Type == "Ready") is not { Status: not "True" };

    private static int? TargetPort(V1Pod pod, V1ServicePort servicePort)
    {
        var target = servicePort.TargetPort?.Value;
        if (string.IsNullOrEmpty(target))
        {
            return servicePort.Port;
        }

        return int.TryParse(target, out var number)
            ? number
            : pod.Spec?.Containers?.SelectMany(container => container.Ports ?? []).FirstOrDefault(port => port.Name == target)?.ContainerPort;
    }
}
