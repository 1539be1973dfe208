using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Backends;

/// <summary>Finds the Service port a backend reference means.</summary>
internal static class BackendReferences
{
    /// <summary>The Service port, or why there is none (a reason of the condition ResolvedRefs).</summary>
    /// <param name="lookup">Where Services and ReferenceGrants are found.</param>
    /// <param name="route">The route that refers.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="field">Where it stands.</param>
    public static (ServicePort? Port, Problem? Problem) Resolve(
        IResourceLookup lookup, Resource route, BackendObjectReference reference, string field)
    {
        var group = reference.Group ?? "";
        var kind = reference.Kind ?? "Service";
        if (group.Length > 0 || kind != "Service")
        {
            return Fail("InvalidKind", $"Backends of kind {kind}{(group.Length > 0 ? $" in group {group}" : "")} are not supported, only Services.", field);
        }

        var ns = reference.Namespace ?? route.Namespace;
        if (!ReferenceGrants.Permit(lookup, route, group, kind, ns, reference.Name))
        {
            return Fail(
                "RefNotPermitted",
                $"No ReferenceGrant in namespace {ns} permits {route.Key.Kind}s of namespace {route.Namespace} to refer to Service {reference.Name}.",
                field);
        }

        if (reference.Port is not { } port)
        {
            return Fail("BackendNotFound", $"The reference to Service {ns}/{reference.Name} names no port.", field);
        }

        return ServiceBackends.ByNumber(lookup, ns, reference.Name, port) is { } found ? (found, null)
            : Fail("BackendNotFound", $"There is no Service {ns}/{reference.Name} with a port {port}.", field);
    }

    private static (ServicePort?, Problem?) Fail(string reason, string message, string field) => (null, new Problem(reason, message, field));
}
