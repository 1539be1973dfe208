using System.Net;
using System.Runtime.CompilerServices;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>A Gateway as routes see it: what its own object says, read once for all of its routes.</summary>
internal sealed class GatewayView
{
    private static readonly ConditionalWeakTable<Resource<Gateway>, GatewayView> Known = [];

    private GatewayView(Resource<Gateway> gateway)
    {
        Gateway = gateway;
        Listeners = Attachment.Listeners.Read(gateway, gateway.Value.Spec.Listeners, gateway.Value.Spec.Tls?.Frontend, []);
        Rejection = RejectionOf(gateway.Value.Spec);
    }

    public Resource<Gateway> Gateway { get; }

    /// <summary>The Gateway's own listeners; those of ListenerSets come after them.</summary>
    public IReadOnlyList<ListenerView> Listeners { get; }

    /// <summary>Why the Gateway as a whole is not accepted; null when it is.</summary>
    public Problem? Rejection { get; }

    /// <summary>The routes of one Gateway are ordered among themselves.</summary>
    public string Scope => $"gateway-api/{Gateway.FullName}";

    public static GatewayView Of(Resource<Gateway> gateway) => Known.GetValue(gateway, static found => new GatewayView(found));

    /// <summary>Where a listener is bound: on each address asked for, or on every address.</summary>
    public IEnumerable<ListenerKey> Keys(ListenerView listener)
    {
        var any = false;
        foreach (var address in Gateway.Value.Spec.Addresses ?? [])
        {
            if (!string.IsNullOrEmpty(address.Value))
            {
                any = true;
                yield return new ListenerKey(listener.Port, address.Value);
            }
        }

        if (!any)
        {
            yield return new ListenerKey(listener.Port);
        }
    }

    /// <summary>The Gateway's ListenerSets in their precedence (older first, then by name), with their listeners.</summary>
    public IReadOnlyList<ListenerSetView> ListenerSets(IResourceLookup lookup)
    {
        var sets = lookup.Find(GatewayApiIndexes.ListenerSetsByGateway, Gateway.FullName);
        if (sets.Count == 0)
        {
            return [];
        }

        var taken = Listeners.ToList();
        var views = new List<ListenerSetView>(sets.Count);
        foreach (var set in sets.OrderBy(set => set.Created).ThenBy(set => set.FullName, StringComparer.Ordinal))
        {
            var admitted = NamespaceAdmission.Admits(
                lookup, Gateway.Value.Spec.AllowedListeners?.Namespaces, "None", Gateway.Namespace, set.Namespace);
            var listeners = Attachment.Listeners.Read(set, set.Value.Spec.Listeners, Gateway.Value.Spec.Tls?.Frontend, admitted ? taken : []);
            views.Add(new ListenerSetView(set, admitted, listeners));
            if (admitted)
            {
                taken.AddRange(listeners.Where(listener => listener.Conflict == ListenerConflict.None));
            }
        }

        return views;
    }

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

/// <summary>A ListenerSet of a Gateway.</summary>
/// <param name="Set">The object.</param>
/// <param name="Admitted">Whether the Gateway admits ListenerSets of its namespace.</param>
/// <param name="Listeners">Its listeners, conflicts with preceding ones decided.</param>
internal sealed record ListenerSetView(Resource<ListenerSet> Set, bool Admitted, IReadOnlyList<ListenerView> Listeners);
