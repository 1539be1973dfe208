using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Ambassador.Resources;

/// <summary>A prefix (and more) and the service that answers it.</summary>
public sealed class Mapping : CustomResource<MappingSpec>;

/// <summary>A host name, its TLS and its Mappings (kind <c>Host</c>).</summary>
public sealed class AmbassadorHost : CustomResource<HostSpec>;

/// <summary>A port (kind <c>Listener</c>).</summary>
public sealed class AmbassadorListener : CustomResource<ListenerSpec>;

/// <summary>TLS settings for Hosts and towards services (kind <c>TLSContext</c>).</summary>
public sealed class TlsContext : CustomResource<TlsContextSpec>;

/// <summary>Global settings (kind <c>Module</c>).</summary>
public sealed class AmbassadorModule : CustomResource<ModuleSpec>;

/// <summary>External authentication.</summary>
public sealed class AuthService : CustomResource<AuthServiceSpec>;

/// <summary>External rate limits.</summary>
public sealed class RateLimitService : CustomResource<RateLimitServiceSpec>;

/// <summary>A TCP port and its service (kind <c>TCPMapping</c>).</summary>
public sealed class TcpMapping : CustomResource<TcpMappingSpec>;

/// <summary>Where access logs are sent.</summary>
public sealed class LogService : CustomResource<UnservedSpec>;

/// <summary>Where traces are sent.</summary>
public sealed class TracingService : CustomResource<UnservedSpec>;

/// <summary>The vendor's developer portal.</summary>
public sealed class DevPortal : CustomResource<UnservedSpec>;

/// <summary>Finds services by their cluster address.</summary>
public sealed class KubernetesServiceResolver : CustomResource<ResolverSpec>;

/// <summary>Finds services by their endpoints.</summary>
public sealed class KubernetesEndpointResolver : CustomResource<ResolverSpec>;

/// <summary>Finds services in Consul.</summary>
public sealed class ConsulResolver : CustomResource<ResolverSpec>;

/// <summary>Ambassador's kinds as resource types.</summary>
public static class AmbassadorKinds
{
    public static ResourceType<Mapping> Mapping { get; } = Type("Mapping", "mappings", AmbassadorJson.Default.Mapping, Upgrades.Mapping);

    public static ResourceType<AmbassadorHost> Host { get; } =
        new("getambassador.io", "Host", "hosts", namespaced: true, ["v3alpha1", "v2"], AmbassadorJson.Default.AmbassadorHost, Upgrades.Host);

    public static ResourceType<AmbassadorListener> Listener { get; } =
        new("getambassador.io", "Listener", "listeners", namespaced: true, ["v3alpha1"], AmbassadorJson.Default.AmbassadorListener);

    public static ResourceType<TlsContext> TlsContext { get; } = Type("TLSContext", "tlscontexts", AmbassadorJson.Default.TlsContext, Upgrades.Plain);

    public static ResourceType<AmbassadorModule> Module { get; } = Type("Module", "modules", AmbassadorJson.Default.AmbassadorModule, Upgrades.Plain);

    public static ResourceType<AuthService> AuthService { get; } = Type("AuthService", "authservices", AmbassadorJson.Default.AuthService, Upgrades.Plain);

    public static ResourceType<RateLimitService> RateLimitService { get; } =
        Type("RateLimitService", "ratelimitservices", AmbassadorJson.Default.RateLimitService, Upgrades.Plain);

    public static ResourceType<TcpMapping> TcpMapping { get; } = Type("TCPMapping", "tcpmappings", AmbassadorJson.Default.TcpMapping, Upgrades.Plain);

    public static ResourceType<LogService> LogService { get; } = Type("LogService", "logservices", AmbassadorJson.Default.LogService, Upgrades.Plain);

    public static ResourceType<TracingService> TracingService { get; } =
        Type("TracingService", "tracingservices", AmbassadorJson.Default.TracingService, Upgrades.Plain);

    public static ResourceType<DevPortal> DevPortal { get; } = Type("DevPortal", "devportals", AmbassadorJson.Default.DevPortal, Upgrades.Plain);

    public static ResourceType<KubernetesServiceResolver> KubernetesServiceResolver { get; } = Type(
        "KubernetesServiceResolver", "kubernetesserviceresolvers", AmbassadorJson.Default.KubernetesServiceResolver, Upgrades.Plain);

    public static ResourceType<KubernetesEndpointResolver> KubernetesEndpointResolver { get; } = Type(
        "KubernetesEndpointResolver", "kubernetesendpointresolvers", AmbassadorJson.Default.KubernetesEndpointResolver, Upgrades.Plain);

    public static ResourceType<ConsulResolver> ConsulResolver { get; } =
        Type("ConsulResolver", "consulresolvers", AmbassadorJson.Default.ConsulResolver, Upgrades.Plain);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Mapping, Host, Listener, TlsContext, Module, AuthService, RateLimitService, TcpMapping, LogService, TracingService, DevPortal,
        KubernetesServiceResolver, KubernetesEndpointResolver, ConsulResolver,
    ];

    private static ResourceType<T> Type<T>(string kind, string plural, JsonTypeInfo<T> json, Action<JsonNode> upgrade)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new("getambassador.io", kind, plural, namespaced: true, ["v3alpha1", "v2", "v1"], json, upgrade);
}

/// <summary>How Ambassador's kinds are read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Mapping))]
[JsonSerializable(typeof(AmbassadorHost))]
[JsonSerializable(typeof(AmbassadorListener))]
[JsonSerializable(typeof(TlsContext))]
[JsonSerializable(typeof(AmbassadorModule))]
[JsonSerializable(typeof(AuthService))]
[JsonSerializable(typeof(RateLimitService))]
[JsonSerializable(typeof(TcpMapping))]
[JsonSerializable(typeof(LogService))]
[JsonSerializable(typeof(TracingService))]
[JsonSerializable(typeof(DevPortal))]
[JsonSerializable(typeof(KubernetesServiceResolver))]
[JsonSerializable(typeof(KubernetesEndpointResolver))]
[JsonSerializable(typeof(ConsulResolver))]
[JsonSerializable(typeof(CorsSpec))]
[JsonSerializable(typeof(RetryPolicySpec))]
public sealed partial class AmbassadorJson : JsonSerializerContext;
