using System.Text.Json.Serialization;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>Domains, their routes and their TLS.</summary>
public sealed class VirtualService : CustomResource<VirtualServiceSpec>;

/// <summary>Routes that others delegate to.</summary>
public sealed class RouteTable : CustomResource<RouteTableSpec>;

/// <summary>One bind address and port (kind <c>Gateway</c>, group <c>gateway.solo.io</c>).</summary>
public sealed class GlooGateway : CustomResource<GlooGatewaySpec>;

/// <summary>A part of hybrid Gateways.</summary>
public sealed class MatchableHttpGateway : CustomResource<MatchableHttpGatewaySpec>;

/// <summary>A TCP part of hybrid Gateways.</summary>
public sealed class MatchableTcpGateway : CustomResource<MatchableTcpGatewaySpec>;

/// <summary>Route options by reference.</summary>
public sealed class RouteOption : CustomResource<RouteOptionSpec>;

/// <summary>Virtual host options by reference.</summary>
public sealed class VirtualHostOption : CustomResource<VirtualHostOptionSpec>;

/// <summary>Listener options of Gateway API mode.</summary>
public sealed class ListenerOption : CustomResource<ListenerOptionSpec>;

/// <summary>HTTP listener options of Gateway API mode.</summary>
public sealed class HttpListenerOption : CustomResource<HttpListenerOptionSpec>;

/// <summary>A destination.</summary>
public sealed class Upstream : CustomResource<UpstreamSpec>;

/// <summary>Destinations with shares.</summary>
public sealed class UpstreamGroup : CustomResource<UpstreamGroupSpec>;

/// <summary>Settings of the installation.</summary>
public sealed class Settings : CustomResource<SettingsSpec>;

/// <summary>Gloo's own computed result.</summary>
public sealed class Proxy : CustomResource<ProxySpec>;

/// <summary>A chain of authentication steps.</summary>
public sealed class AuthConfig : CustomResource<AuthConfigSpec>;

/// <summary>A rate-limit policy.</summary>
public sealed class RateLimitConfig : CustomResource<RateLimitConfigSpec>;

/// <summary>Gloo's kinds as resource types.</summary>
public static class GlooKinds
{
    private const string Gateways = "gateway.solo.io";
    private const string Core = "gloo.solo.io";

    public static ResourceType<VirtualService> VirtualService { get; } =
        new(Gateways, "VirtualService", "virtualservices", namespaced: true, ["v1"], GlooJson.Default.VirtualService);

    public static ResourceType<RouteTable> RouteTable { get; } =
        new(Gateways, "RouteTable", "routetables", namespaced: true, ["v1"], GlooJson.Default.RouteTable);

    public static ResourceType<GlooGateway> Gateway { get; } =
        new(Gateways, "Gateway", "gateways", namespaced: true, ["v1"], GlooJson.Default.GlooGateway);

    public static ResourceType<MatchableHttpGateway> MatchableHttpGateway { get; } =
        new(Gateways, "MatchableHttpGateway", "httpgateways", namespaced: true, ["v1"], GlooJson.Default.MatchableHttpGateway);

    public static ResourceType<MatchableTcpGateway> MatchableTcpGateway { get; } =
        new(Gateways, "MatchableTcpGateway", "tcpgateways", namespaced: true, ["v1"], GlooJson.Default.MatchableTcpGateway);

    public static ResourceType<RouteOption> RouteOption { get; } =
        new(Gateways, "RouteOption", "routeoptions", namespaced: true, ["v1"], GlooJson.Default.RouteOption);

    public static ResourceType<VirtualHostOption> VirtualHostOption { get; } =
        new(Gateways, "VirtualHostOption", "virtualhostoptions", namespaced: true, ["v1"], GlooJson.Default.VirtualHostOption);

    public static ResourceType<ListenerOption> ListenerOption { get; } =
        new(Gateways, "ListenerOption", "listeneroptions", namespaced: true, ["v1"], GlooJson.Default.ListenerOption);

    public static ResourceType<HttpListenerOption> HttpListenerOption { get; } =
        new(Gateways, "HttpListenerOption", "httplisteneroptions", namespaced: true, ["v1"], GlooJson.Default.HttpListenerOption);

    public static ResourceType<Upstream> Upstream { get; } =
        new(Core, "Upstream", "upstreams", namespaced: true, ["v1"], GlooJson.Default.Upstream);

    public static ResourceType<UpstreamGroup> UpstreamGroup { get; } =
        new(Core, "UpstreamGroup", "upstreamgroups", namespaced: true, ["v1"], GlooJson.Default.UpstreamGroup);

    public static ResourceType<Settings> Settings { get; } =
        new(Core, "Settings", "settings", namespaced: true, ["v1"], GlooJson.Default.Settings);

    public static ResourceType<Proxy> Proxy { get; } =
        new(Core, "Proxy", "proxies", namespaced: true, ["v1"], GlooJson.Default.Proxy);

    public static ResourceType<AuthConfig> AuthConfig { get; } =
        new("enterprise.gloo.solo.io", "AuthConfig", "authconfigs", namespaced: true, ["v1"], GlooJson.Default.AuthConfig);

    public static ResourceType<RateLimitConfig> RateLimitConfig { get; } =
        new("ratelimit.solo.io", "RateLimitConfig", "ratelimitconfigs", namespaced: true, ["v1alpha1"], GlooJson.Default.RateLimitConfig);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResourceType> All { get; } =
    [
        VirtualService, RouteTable, Gateway, MatchableHttpGateway, MatchableTcpGateway, RouteOption, VirtualHostOption, ListenerOption,
        HttpListenerOption, Upstream, UpstreamGroup, Settings, Proxy, AuthConfig, RateLimitConfig,
    ];

    /// <summary>Those whose status says what became of them; their definitions have no status subresource.</summary>
    public static IReadOnlyList<ResourceType> WithStatus { get; } =
        [VirtualService, RouteTable, Gateway, MatchableHttpGateway, RouteOption, VirtualHostOption, Upstream, UpstreamGroup, Settings];
}

/// <summary>How Gloo's kinds are read.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VirtualService))]
[JsonSerializable(typeof(RouteTable))]
[JsonSerializable(typeof(GlooGateway))]
[JsonSerializable(typeof(MatchableHttpGateway))]
[JsonSerializable(typeof(MatchableTcpGateway))]
[JsonSerializable(typeof(RouteOption))]
[JsonSerializable(typeof(VirtualHostOption))]
[JsonSerializable(typeof(ListenerOption))]
[JsonSerializable(typeof(HttpListenerOption))]
[JsonSerializable(typeof(Upstream))]
[JsonSerializable(typeof(UpstreamGroup))]
[JsonSerializable(typeof(Settings))]
[JsonSerializable(typeof(Proxy))]
[JsonSerializable(typeof(AuthConfig))]
[JsonSerializable(typeof(RateLimitConfig))]
public sealed partial class GlooJson : JsonSerializerContext;
