using k8s.Models;
using Polygate.Dialects.GatewayApi.Infrastructure;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Cluster;
using Polygate.Kubernetes.Cluster.Objects;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;

namespace Polygate.Running;

/// <summary>
/// Removes what was made for a Gateway that became somebody else's while no replica ran. Only what certainly is this gateway's (its label, its
/// controller's name, its owner) goes, and only when its Gateway certainly is not: what cannot be read proves nothing.
/// </summary>
internal sealed class AbandonedObjects(ObjectWriter writer, ClusterSource source, string controllerName)
{
    /// <summary>Objects of this gateway's of which it is not known yet whether somebody wants them, with the Gateway that they were made for.</summary>
    private readonly Dictionary<(ResourceType Type, string Namespace, string Name), V1OwnerReference> found = [];

    /// <summary>Looks for such objects among those that came; at the start, and when everything is listed again, these are all that there are.</summary>
    public void Observe(ResourceBatch batch)
    {
        foreach (var resource in batch.Removed.Where(IsCandidate))
        {
            found.Remove((resource.Type, resource.Namespace, resource.Name));
        }

        foreach (var resource in batch.Set.Where(IsCandidate))
        {
            if (OwnerOf(resource.Metadata) is { } owner)
            {
                found[(resource.Type, resource.Namespace, resource.Name)] = owner;
            }
        }
    }

    /// <summary>Has those removed that nobody wants, and forgets those that somebody does.</summary>
    /// <param name="ours">The Gateways that are this gateway's.</param>
    public void Remove(IReadOnlySet<ResourceKey> ours)
    {
        if (found.Count == 0 || !source.IsListed(GatewayApiTypes.Gateway))
        {
            return;
        }

        foreach (var (key, owner) in found.ToList())
        {
            var item = new OwnedObject(key.Type, key.Namespace, key.Name, null);
            var gateway = new ResourceKey(GatewayApiTypes.Group, GatewayApiTypes.Gateway.Kind, key.Namespace, owner.Name);
            if (writer.Knows(gateway, item))
            {
                found.Remove(key);
            }
            else if (ours.Contains(gateway) || IsElsewhere(key.Namespace, owner))
            {
                found.Remove(key);
                writer.Remove(gateway, item);
            }
        }
    }

    private static bool IsCandidate(Resource resource) =>
        (resource.Type == CoreTypes.Service || resource.Type == CoreTypes.EndpointSlice) && OwnedObject.IsMarked(resource.Metadata);

    private V1OwnerReference? OwnerOf(V1ObjectMeta metadata) =>
        metadata.Annotations?.TryGetValue(GatewayService.ControllerAnnotation, out var maker) == true && maker == controllerName
            ? metadata.OwnerReferences?.FirstOrDefault(owner => owner.Kind == GatewayApiTypes.Gateway.Kind && owner.ApiVersion?.Split('/')[0] == GatewayApiTypes.Group)
            : null;

    /// <summary>
    /// Whether a Gateway is there and its class is another controller's, or is not. What is left of a Gateway that is gone is the garbage collector's.
    /// </summary>
    private bool IsElsewhere(string ns, V1OwnerReference owner)
    {
        if (!source.IsListed(GatewayApiTypes.GatewayClass)
            || source.Find(GatewayApiTypes.Gateway, ns, owner.Name)?.Resource is not Resource<Dialects.GatewayApi.Resources.Gateway> gateway
            || gateway.Metadata.Uid != owner.Uid)
        {
            return false;
        }

        return source.Find(GatewayApiTypes.GatewayClass, "", gateway.Value.Spec.GatewayClassName)?.Resource is not Resource<GatewayClass> found
            || found.Value.Spec.ControllerName != controllerName;
    }
}
