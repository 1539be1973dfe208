using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Gateways;

/// <summary>The Gateways in force: those that are written, or, when none is, the two of every installation.</summary>
internal static class GatewayCatalog
{
    private const string DefaultProxy = "gateway-proxy";

    /// <summary>Every place where virtual services are served.</summary>
    public static IReadOnlyList<ServedGateway> All(IResourceLookup lookup, GlooSettings settings)
    {
        var written = Read(lookup, settings);
        return written.Count == 0
            ? [Standard("gateway-proxy", 8080, ssl: false), Standard("gateway-proxy-ssl", 8443, ssl: true)]
            : [.. written.Where(gateway => !ConflictsOf(lookup, settings, gateway).Any()).SelectMany(gateway => PartsOf(lookup, gateway))];
    }

    /// <summary>The Gateways that the controller reads: those of its own namespace, unless the settings say otherwise.</summary>
    public static IReadOnlyList<Resource<GlooGateway>> Read(IResourceLookup lookup, GlooSettings settings) =>
        settings.ReadsGatewaysFromAllNamespaces
            ? lookup.List<GlooGateway>()
            : lookup.List<GlooGateway>(GlooSettings.ControllerNamespace);

    /// <summary>Other Gateways of a common proxy on the same address and port: neither they nor this one are served.</summary>
    public static IEnumerable<Resource<GlooGateway>> ConflictsOf(
        IResourceLookup lookup, GlooSettings settings, Resource<GlooGateway> gateway) =>
        Read(lookup, settings).Where(other =>
            other.Key != gateway.Key
            && ListenerOf(other.Value.Spec) == ListenerOf(gateway.Value.Spec)
            && ProxiesOf(other.Value.Spec).Intersect(ProxiesOf(gateway.Value.Spec)).Any());

    /// <summary>The HTTP parts of a Gateway that can be served.</summary>
    public static IEnumerable<ServedGateway> PartsOf(IResourceLookup lookup, Resource<GlooGateway> gateway)
    {
        var spec = gateway.Value.Spec;
        if (spec.TcpGateway is not null || ListenerOf(spec).Port is < 1 or > 65535)
        {
            return [];
        }

        if (spec.HybridGateway is null)
        {
            return [Part(gateway, spec.Ssl == true, spec.HttpGateway ?? new HttpGateway())];
        }

        var parts = HybridParts.Of(lookup, gateway);

        // One port speaks either HTTP or HTTPS; a hybrid gateway with both is told apart by nothing that is served yet.
        return parts.DistinctBy(part => part.Ssl).Count() > 1 ? [] : parts.Where(part => part.IsSimple).Select(part => Part(gateway, part.Ssl, part.Http));
    }

    /// <summary>The listener of a Gateway; <c>::</c> and <c>0.0.0.0</c> mean every address.</summary>
    public static ListenerKey ListenerOf(GlooGatewaySpec? spec) =>
        new(spec?.BindPort ?? 0, spec?.BindAddress is "::" or "0.0.0.0" or null ? "" : spec.BindAddress);

    private static ServedGateway Part(Resource<GlooGateway> gateway, bool ssl, HttpGateway http) =>
        new(gateway.Namespace, gateway.Name, ListenerOf(gateway.Value.Spec), ssl, http) { Source = gateway };

    private static ServedGateway Standard(string name, int port, bool ssl) =>
        new(GlooSettings.ControllerNamespace, name, new ListenerKey(port), ssl, new HttpGateway());

    private static IEnumerable<string> ProxiesOf(GlooGatewaySpec? spec) => spec?.ProxyNames is { Count: > 0 } names ? names : [DefaultProxy];
}
