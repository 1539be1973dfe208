using k8s;
using k8s.Models;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Traefik;

/// <summary>An object with its spec, whichever group it is of.</summary>
internal sealed record Found<TSpec>(Resource Resource, TSpec Spec)
{
    /// <summary>Whether it is of the group up to Traefik 2.11.</summary>
    public bool IsLegacy => Resource.Type.Group == TraefikTypes.LegacyGroup;
}

/// <summary>Finds Traefik's objects; one of the newer group shadows its namesake of the older.</summary>
internal static class TraefikObjects
{
    public static Found<MiddlewareSpec>? Middleware(IResourceLookup lookup, string ns, string name) =>
        Get<MiddlewareSpec, Middleware, LegacyMiddleware>(lookup, ns, name);

    public static Found<TraefikServiceSpec>? Service(IResourceLookup lookup, string ns, string name) =>
        Get<TraefikServiceSpec, TraefikService, LegacyTraefikService>(lookup, ns, name);

    public static Found<ServersTransportSpec>? Transport(IResourceLookup lookup, string ns, string name) =>
        Get<ServersTransportSpec, ServersTransport, LegacyServersTransport>(lookup, ns, name);

    public static Found<TlsOptionSpec>? TlsOption(IResourceLookup lookup, string ns, string name) =>
        Get<TlsOptionSpec, TlsOption, LegacyTlsOption>(lookup, ns, name);

    public static Found<MiddlewareTcpSpec>? MiddlewareTcp(IResourceLookup lookup, string ns, string name) =>
        Get<MiddlewareTcpSpec, MiddlewareTcp, LegacyMiddlewareTcp>(lookup, ns, name);

    public static Found<ServersTransportTcpSpec>? TransportTcp(IResourceLookup lookup, string ns, string name) =>
        lookup.Get<ServersTransportTcp>(ns, name) is { } found ? new Found<ServersTransportTcpSpec>(found, found.Value.Spec) : null;

    /// <summary>The TLSOptions named <c>default</c>, which are cluster-wide.</summary>
    public static IReadOnlyList<Found<TlsOptionSpec>> DefaultTlsOptions(IResourceLookup lookup) =>
        Defaults<TlsOptionSpec, TlsOption, LegacyTlsOption>(lookup);

    /// <summary>The TLSStores named <c>default</c>; others have no meaning.</summary>
    public static IReadOnlyList<Found<TlsStoreSpec>> DefaultTlsStores(IResourceLookup lookup) =>
        Defaults<TlsStoreSpec, TlsStore, LegacyTlsStore>(lookup);

    /// <summary>The namespace of the object that Traefik's joined name <c>namespace-name</c> means, the referrer's own first; null for none.</summary>
    /// <remarks>Both parts may contain dashes, so every place to cut is tried.</remarks>
    public static (string Namespace, string Name)? SplitJoinedName(string joined, string ownNamespace, Func<string, string, bool> exists)
    {
        if (joined.StartsWith(ownNamespace + "-", StringComparison.Ordinal) && exists(ownNamespace, joined[(ownNamespace.Length + 1)..]))
        {
            return (ownNamespace, joined[(ownNamespace.Length + 1)..]);
        }

        for (var dash = joined.IndexOf('-', StringComparison.Ordinal); dash >= 0; dash = joined.IndexOf('-', dash + 1))
        {
            if (exists(joined[..dash], joined[(dash + 1)..]))
            {
                return (joined[..dash], joined[(dash + 1)..]);
            }
        }

        return null;
    }

    private static Found<TSpec>? Get<TSpec, TCurrent, TLegacy>(IResourceLookup lookup, string ns, string name)
        where TSpec : class, new()
        where TCurrent : CustomResource<TSpec>
        where TLegacy : CustomResource<TSpec>
    {
        if (lookup.Get<TCurrent>(ns, name) is { } current)
        {
            return new Found<TSpec>(current, current.Value.Spec);
        }

        return lookup.Get<TLegacy>(ns, name) is { } legacy ? new Found<TSpec>(legacy, legacy.Value.Spec) : null;
    }

    private static List<Found<TSpec>> Defaults<TSpec, TCurrent, TLegacy>(IResourceLookup lookup)
        where TSpec : class, new()
        where TCurrent : CustomResource<TSpec>
        where TLegacy : CustomResource<TSpec>
    {
        var current = lookup.List<TCurrent>().Where(IsDefault).ToList();
        var legacy = lookup.List<TLegacy>().Where(IsDefault)
            .Where(candidate => current.TrueForAll(other => other.Namespace != candidate.Namespace));
        return
        [
            .. current.Select(found => new Found<TSpec>(found, found.Value.Spec)),
            .. legacy.Select(found => new Found<TSpec>(found, found.Value.Spec)),
        ];
    }

    private static bool IsDefault<T>(Resource<T> resource)
        where T : class, IKubernetesObject<V1ObjectMeta> => resource.Name == "default";
}
