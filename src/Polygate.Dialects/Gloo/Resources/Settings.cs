using System.Text.Json;
using Polygate.Dialects.Common;

namespace Polygate.Dialects.Gloo.Resources;

/// <summary>The <c>spec</c> of <c>Settings</c>; the one named <c>default</c> counts.</summary>
public sealed record SettingsSpec : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored:
        [
            "consoleOptions", "devMode", "kubernetes", "kubernetesArtifactSource", "kubernetesConfigSource", "kubernetesSecretSource", "knative",
            "linkerd", "namespacedStatuses", "observabilityOptions", "refreshRate", "extauth", "namedExtauth", "ratelimit", "ratelimitServer",
            "cachingServer",
        ],
        unsupported:
        [
            "consul", "consulDiscovery", "consulKvArtifactSource", "consulKvSource", "directoryArtifactSource", "directoryConfigSource",
            "directorySecretSource", "extensions", "extProc", "extProcEarly", "extProcLate", "ipV4Only", "secretOptions", "upstreamOptions",
            "vaultSecretSource", "watchNamespaceSelectors",
        ]);

    public DiscoverySettings? Discovery { get; init; }

    public string? DiscoveryNamespace { get; init; }

    public GatewaySettings? Gateway { get; init; }

    public ControlPlaneSettings? Gloo { get; init; }

    public RbacSettings? Rbac { get; init; }

    public IReadOnlyList<string>? WatchNamespaces { get; init; }
}

/// <summary>What is discovered.</summary>
public sealed record DiscoverySettings
{
    public JsonElement? FdsMode { get; init; }

    public JsonElement? FdsOptions { get; init; }

    public UdsOptions? UdsOptions { get; init; }
}

/// <summary>Which Services become upstreams.</summary>
public sealed record UdsOptions
{
    public bool? Enabled { get; init; }

    public IReadOnlyDictionary<string, string>? WatchLabels { get; init; }
}

/// <summary>Settings of gateways.</summary>
public sealed record GatewaySettings : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored: ["compressedProxySpec", "enableGatewayController", "persistProxySpec", "translateEmptyGateways", "validation", "validationServerAddr"],
        unsupported: ["isolateVirtualHostsBySslConfig"]);

    public bool? AlwaysSortRouteTableRoutes { get; init; }

    public bool? ReadGatewaysFromAllNamespaces { get; init; }

    public VirtualServiceSettings? VirtualServiceOptions { get; init; }
}

/// <summary>Defaults of virtual services.</summary>
public sealed record VirtualServiceSettings
{
    public bool? OneWayTls { get; init; }
}

/// <summary>Settings of the control plane.</summary>
public sealed record ControlPlaneSettings : OpenFields
{
    public static readonly FieldTable Fields = new(
        ignored:
        [
            "disableProxyGarbageCollection", "enableRestEds", "endpointsWarmingTimeout", "logTransformationRequestResponseInfo",
            "proxyDebugBindAddr", "regexMaxProgramSize", "removeUnusedFilters", "restXdsBindAddr", "transformationEscapeCharacters",
            "validationBindAddr", "xdsBindAddr", "disableGrpcWeb",
        ],
        unsupported: ["awsOptions", "circuitBreakers", "enableAutoWebsocketTransformationPassthrough", "failoverUpstreamDnsPollingInterval", "istioOptions"]);

    public bool? DisableKubernetesDestinations { get; init; }

    public InvalidConfigPolicy? InvalidConfigPolicy { get; init; }
}

/// <summary>What answers in place of routes whose destination is missing.</summary>
public sealed record InvalidConfigPolicy
{
    public string? InvalidRouteResponseBody { get; init; }

    public int? InvalidRouteResponseCode { get; init; }

    public bool? ReplaceInvalidRoutes { get; init; }
}

/// <summary>Whether every route must have an RBAC policy.</summary>
public sealed record RbacSettings
{
    public bool? RequireRbac { get; init; }
}

/// <summary>The <c>spec</c> of an <c>AuthConfig</c>.</summary>
public sealed record AuthConfigSpec
{
    public string? BooleanExpr { get; init; }

    public JsonElement? Configs { get; init; }

    public bool? FailOnRedirect { get; init; }

    public JsonElement? NamespacedStatuses { get; init; }
}

/// <summary>The <c>spec</c> of a <c>RateLimitConfig</c>.</summary>
public sealed record RateLimitConfigSpec : OpenFields
{
    public JsonElement? Raw { get; init; }
}

/// <summary>The <c>spec</c> of a <c>Proxy</c>: computed by Gloo from the other kinds, so never read.</summary>
public sealed record ProxySpec
{
    public string? CompressedSpec { get; init; }

    public JsonElement? Listeners { get; init; }

    public JsonElement? NamespacedStatuses { get; init; }
}
