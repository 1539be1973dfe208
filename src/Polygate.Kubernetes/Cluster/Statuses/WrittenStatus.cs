using Polygate.Kubernetes.Resources;

namespace Polygate.Kubernetes.Cluster.Statuses;

/// <summary>How a kind's status is built: what of it is this gateway's, and what is others'.</summary>
public enum StatusShape
{
    /// <summary><c>loadBalancer.ingress</c>: the addresses, belonging to whoever serves the object (Ingress).</summary>
    LoadBalancer,

    /// <summary>
    /// Conditions (Gateway API, Kong), perhaps of each parent or ancestor by <c>controllerName</c>, perhaps of each listener by name: an entry of another
    /// controller and a condition of a type that this gateway does not know are left alone.
    /// </summary>
    Conditions,

    /// <summary>An entry for each controller under <c>statuses</c> (Gloo Edge).</summary>
    ByController,

    /// <summary>Plain fields, of which those that are written are this gateway's (Ambassador).</summary>
    Fields,
}

/// <summary>A kind whose status is written.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Shape">How its status is built.</param>
/// <param name="HasSubresource">Whether its definition has the status as a resource of its own; a server may have another definition.</param>
public sealed record WrittenStatus(ResourceType Type, StatusShape Shape, bool HasSubresource);
