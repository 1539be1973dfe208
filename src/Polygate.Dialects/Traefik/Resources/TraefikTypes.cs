using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Traefik.Resources;

/// <summary>Traefik's kinds, of both groups.</summary>
public static class TraefikTypes
{
    /// <summary>The group since Traefik 2.10.</summary>
    public const string Group = "traefik.io";

    /// <summary>The group up to Traefik 2.11.</summary>
    public const string LegacyGroup = "traefik.containo.us";

    private static readonly TraefikJson Json = TraefikJson.Default;

    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Type(Group, "IngressRoute", Json.IngressRoute),
        Type(Group, "IngressRouteTCP", Json.IngressRouteTcp),
        Type(Group, "IngressRouteUDP", Json.IngressRouteUdp),
        Type(Group, "Middleware", Json.Middleware),
        Type(Group, "MiddlewareTCP", Json.MiddlewareTcp),
        Type(Group, "TraefikService", Json.TraefikService),
        Type(Group, "TLSOption", Json.TlsOption),
        Type(Group, "TLSStore", Json.TlsStore),
        Type(Group, "ServersTransport", Json.ServersTransport),
        Type(Group, "ServersTransportTCP", Json.ServersTransportTcp),
        Type(LegacyGroup, "IngressRoute", Json.LegacyIngressRoute),
        Type(LegacyGroup, "IngressRouteTCP", Json.LegacyIngressRouteTcp),
        Type(LegacyGroup, "IngressRouteUDP", Json.LegacyIngressRouteUdp),
        Type(LegacyGroup, "Middleware", Json.LegacyMiddleware),
        Type(LegacyGroup, "MiddlewareTCP", Json.LegacyMiddlewareTcp),
        Type(LegacyGroup, "TraefikService", Json.LegacyTraefikService),
        Type(LegacyGroup, "TLSOption", Json.LegacyTlsOption),
        Type(LegacyGroup, "TLSStore", Json.LegacyTlsStore),
        Type(LegacyGroup, "ServersTransport", Json.LegacyServersTransport),
    ];

    private static ResourceType<T> Type<T>(string group, string kind, JsonTypeInfo<T> json)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(group, kind, kind.ToLowerInvariant() + "s", namespaced: true, ["v1alpha1"], json);
}
