using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Gloo;

/// <summary>The installation's settings: those of <c>gloo-system/default</c>, or Gloo's defaults.</summary>
internal sealed class GlooSettings
{
    /// <summary>Where Gloo itself is installed: the namespace of its Gateways, its Settings and its entry in statuses.</summary>
    public const string ControllerNamespace = "gloo-system";

    private readonly SettingsSpec spec;

    private GlooSettings(SettingsSpec spec) => this.spec = spec;

    /// <summary>Where upstreams for Services are found that nobody wrote.</summary>
    public string DiscoveryNamespace => string.IsNullOrEmpty(spec.DiscoveryNamespace) ? ControllerNamespace : spec.DiscoveryNamespace;

    public bool ReadsGatewaysFromAllNamespaces => spec.Gateway?.ReadGatewaysFromAllNamespaces == true;

    public bool AlwaysSortsRouteTables => spec.Gateway?.AlwaysSortRouteTableRoutes == true;

    public bool OneWayTls => spec.Gateway?.VirtualServiceOptions?.OneWayTls == true;

    public bool AllowsServiceDestinations => spec.Gloo?.DisableKubernetesDestinations != true;

    public bool DiscoversUpstreams => spec.Discovery?.UdsOptions?.Enabled != false;

    public bool RequiresRbac => spec.Rbac?.RequireRbac == true;

    /// <summary>Labels that a Service needs in order to be discovered.</summary>
    public IReadOnlyDictionary<string, string> DiscoveryLabels => spec.Discovery?.UdsOptions?.WatchLabels ?? new Dictionary<string, string>();

    /// <summary>What answers in place of a missing destination: 503, or what the invalid-config policy says.</summary>
    public (int Status, string Body) MissingDestinationAnswer => spec.Gloo?.InvalidConfigPolicy is { ReplaceInvalidRoutes: true } policy
        ? (policy.InvalidRouteResponseCode is > 0 and var code ? code : 404, policy.InvalidRouteResponseBody ?? "")
        : (503, "");

    public static GlooSettings Read(IResourceLookup lookup) =>
        new(lookup.Get<Settings>(ControllerNamespace, "default")?.Value.Spec ?? new SettingsSpec());

    /// <summary>Whether objects of a namespace are read at all.</summary>
    public bool Watches(string ns) => spec.WatchNamespaces is not { Count: > 0 } watched || watched.Contains(ns) || ns == ControllerNamespace;
}
