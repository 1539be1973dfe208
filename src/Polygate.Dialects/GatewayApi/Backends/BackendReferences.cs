using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>What a backend reference means: one of both.</summary>
/// <param name="Port">A Service's port.</param>
/// <param name="External">A host outside of the cluster.</param>
/// <param name="Key">Its <see cref="GatewayApiIndexes.BackendKey"/>.</param>
internal sealed record BackendTarget(ServicePort? Port, Resource<XBackend>? External, string Key);

/// <summary>Finds what a backend reference means.</summary>
internal static class BackendReferences
{
    /// <summary>The target, or why there is none (a reason of the condition ResolvedRefs).</summary>
    /// <param name="lookup">Where Services, XBackends and ReferenceGrants are found.</param>
    /// <param name="route">The object that refers.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="field">Where it stands.</param>
    public static (BackendTarget? Target, Problem? Problem) Resolve(
        IResourceLookup lookup, Resource route, BackendObjectReference reference, string field)
    {
        var group = reference.Group ?? "";
        var kind = reference.Kind ?? "Service";
        var ns = reference.Namespace ?? route.Namespace;
        if (GatewayApiIndexes.BackendKey(group, kind, ns, reference.Name) is not { } key)
        {
            return Fail("InvalidKind", $"Backends of kind {kind}{(group.Length > 0 ? $" in group {group}" : "")} are not supported, only Services and XBackends.", field);
        }

        if (!ReferenceGrants.Permit(lookup, route, group, kind, ns, reference.Name))
        {
            return Fail(
                "RefNotPermitted",
                $"No ReferenceGrant in namespace {ns} permits {route.Key.Kind}s of namespace {route.Namespace} to refer to {kind} {reference.Name}.",
                field);
        }

        if (kind == "XBackend")
        {
            return lookup.Get<XBackend>(ns, reference.Name) is { } external ? (new BackendTarget(null, external, key), null)
                : Fail("BackendNotFound", $"There is no XBackend {ns}/{reference.Name}.", field);
        }

        if (reference.Port is not { } port)
        {
            return Fail("BackendNotFound", $"The reference to Service {ns}/{reference.Name} names no port.", field);
        }

        return ServiceBackends.ByNumber(lookup, ns, reference.Name, port) is { } found ? (new BackendTarget(found, null, key), null)
            : Fail("BackendNotFound", $"There is no Service {ns}/{reference.Name} with a port {port}.", field);
    }

    private static (BackendTarget?, Problem?) Fail(string reason, string message, string field) => (null, new Problem(reason, message, field));
}
