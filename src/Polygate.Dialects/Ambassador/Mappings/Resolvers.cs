using k8s;
using k8s.Models;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Ambassador.Mappings;

/// <summary>How a resolver finds services.</summary>
internal enum ResolverKind
{
    /// <summary>By their cluster address (the default).</summary>
    Service,

    /// <summary>By their endpoints.</summary>
    Endpoint,

    Consul,

    /// <summary>There is no resolver of this name.</summary>
    Unknown,
}

/// <summary>Finds resolvers by name, in any namespace.</summary>
internal static class Resolvers
{
    /// <summary>What a name means; none is the default resolver.</summary>
    public static ResolverKind KindOf(IResourceLookup lookup, string? name)
    {
        if (string.IsNullOrEmpty(name) || name == "kubernetes-service" || Has<KubernetesServiceResolver>(lookup, name))
        {
            return ResolverKind.Service;
        }

        if (name is "endpoint" or "kubernetes-endpoint" || Has<KubernetesEndpointResolver>(lookup, name))
        {
            return ResolverKind.Endpoint;
        }

        return Has<ConsulResolver>(lookup, name) ? ResolverKind.Consul : ResolverKind.Unknown;
    }

    private static bool Has<T>(IResourceLookup lookup, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => lookup.List<T>().Any(resolver => resolver.Name == name);
}
