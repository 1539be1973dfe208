using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.GatewayApi.Attachment;

/// <summary>Asks the target's namespace whether a reference from another namespace is permitted.</summary>
internal static class ReferenceGrants
{
    /// <summary>Whether an object may refer to another.</summary>
    /// <param name="lookup">Where ReferenceGrants are found.</param>
    /// <param name="from">The object that refers.</param>
    /// <param name="group">The target's group.</param>
    /// <param name="kind">The target's kind.</param>
    /// <param name="ns">The target's namespace; one's own needs no permission.</param>
    /// <param name="name">The target's name.</param>
    public static bool Permit(IResourceLookup lookup, Resource from, string group, string kind, string ns, string name) =>
        ns == from.Namespace || lookup.List<ReferenceGrant>(ns).Any(grant =>
            (grant.Value.Spec.From ?? []).Any(source => source.Group == from.Key.Group && source.Kind == from.Key.Kind && source.Namespace == from.Namespace)
            && (grant.Value.Spec.To ?? []).Any(target =>
                target.Group == group && target.Kind == kind && (string.IsNullOrEmpty(target.Name) || target.Name == name)));
}
