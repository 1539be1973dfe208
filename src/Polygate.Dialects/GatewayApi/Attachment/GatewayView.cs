using System.Net;
using System.Runtime.CompilerServices;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>A Gateway as routes see it: what its own object says, read once for all of its routes.</summary>
internal sealed class GatewayView
{
    private static readonly ConditionalWeakTable<Resource<Gateway>, GatewayView> Known = [];

    private GatewayView(Resource<Gateway> gateway)
    {
        Gateway = gateway;
        Scope = $"gateway-api/{gateway.FullName}";
        Listeners = Attachment.Listeners.Read(gateway, gateway.Value.Spec.Listeners, gateway, static _ => ListenerConflict.None);
        Rejection = RejectionOf(gateway.Value.Spec);
    }

    public Resource<Gateway> Gateway { get; }

    /// <summary>The Gateway's own listeners; those of ListenerSets come after them.</summary>
    public IReadOnlyList<ListenerView> Listeners { get; }

    /// <summary>Why the Gateway as a whole is not accepted; null when it is.</summary>
    public Problem? Rejection { get; }

    /// <summary>The routes of one Gateway are ordered among themselves.</summary>
    public string Scope { get; }

    public static GatewayView Of(Resource<Gateway> gateway) => Known.GetValue(gateway, static found => new GatewayView(found));

    /// <summary>The Gateway's ListenerSets, with their listeners.</summary>
    public IEnumerable<ListenerSetView> ListenerSets(IResourceLookup lookup) =>
        lookup.Find(GatewayApiIndexes.ListenerSetsByGateway, Gateway.FullName).Select(set => ListenerSetView.Of(lookup, this, set));

    private static Problem? RejectionOf(GatewaySpec spec)
    {
        if (spec.Infrastructure?.ParametersRef is { } parameters)
        {
            return new Problem(
                "InvalidParameters",
                $"There are no parameters of kind {parameters.Kind} in group \"{parameters.Group}\".",
                "spec.infrastructure.parametersRef");
        }

        for (var i = 0; i < (spec.Addresses?.Count ?? 0); i++)
        {
            var address = spec.Addresses![i];
            if (address.Type is not (null or "IPAddress"))
            {
                return new Problem(
                    "UnsupportedAddress", $"Addresses of type {address.Type} are not supported, only IPAddress.", $"spec.addresses[{i}].type");
            }

            if (!string.IsNullOrEmpty(address.Value) && !IPAddress.TryParse(address.Value, out _))
            {
                return new Problem("UnsupportedAddress", $"\"{address.Value}\" is not an IP address.", $"spec.addresses[{i}].value");
            }
        }

        return null;
    }
}
