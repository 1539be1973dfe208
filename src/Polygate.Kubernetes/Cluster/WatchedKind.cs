using k8s.Models;
using Polygate.Kubernetes.Cluster.Objects;
using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster;

/// <summary>A kind that is to be watched, and how much of it is needed.</summary>
/// <param name="Type">The kind.</param>
public sealed record WatchedKind(ResourceType Type)
{
    /// <summary>Which objects the server is to send, by fields; empty for all.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Which objects the server is to send, by labels; empty for all.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Whether only objects that translations look up are kept.</summary>
    public bool OnDemand { get; init; }

    /// <summary>Whether the status as it stands is kept, to be compared with what it should be.</summary>
    public bool KeepsStatus { get; init; }

    /// <summary>Whether the status is input: a change of it counts as a change of the object.</summary>
    public bool ReadsStatus { get; init; }

    /// <summary>Whether the server is to send what <c>metadata</c> holds and nothing else.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>The gateway's own object of this kind, which is read although its namespace may not be watched; null for none.</summary>
    public (string Namespace, string Name)? OwnObject { get; init; }

    /// <summary>
    /// A kind as the gateway wants it: Secrets and ConfigMaps on demand, Secrets without the large and frequent ones that are never
    /// certificates or credentials of ours.
    /// </summary>
    public static WatchedKind Of(ResourceType type) => new(type)
    {
        OnDemand = type == CoreTypes.Secret || type == CoreTypes.ConfigMap,
        FieldSelector = type == CoreTypes.Secret
            ? "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token,type!=bootstrap.kubernetes.io/token,type!=kubernetes.io/dockerconfigjson"
            : "",
        MetadataOnly = type.Kind == "CustomResourceDefinition",
        ReadsStatus = type == CoreTypes.Service || type == CoreTypes.Node,
    };

    /// <summary>Drops of an object what nobody reads.</summary>
    internal static void Trim(Resource resource)
    {
        resource.Metadata.ManagedFields = null;
        resource.Metadata.Finalizers = null;
        resource.Metadata.Annotations?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        switch (resource)
        {
            case Resource<V1EndpointSlice> slice when !OwnedObject.IsMarked(slice.Metadata):
                Trim(slice.Value);
                break;
            case Resource<V1Service> service:
                Trim(service.Value.Spec);
                break;
            case Resource<V1Ingress> ingress:
                ingress.Value.Status = null;
                break;
        }
    }

    private static void Trim(V1ServiceSpec? spec)
    {
        if (spec is not null)
        {
            (spec.ClusterIPs, spec.IpFamilies, spec.IpFamilyPolicy) = (null, null, null);
        }
    }

    private static void Trim(V1EndpointSlice slice)
    {
        // Nothing is told about slices, so that their identity is not needed.
        slice.Metadata.Uid = null;
        slice.Metadata.Annotations = null;
        slice.Metadata.OwnerReferences = null;
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            endpoint.TargetRef = null;
            endpoint.NodeName = null;
            endpoint.DeprecatedTopology = null;
        }
    }
}
