using System.Runtime.CompilerServices;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// Ingresses as one state of the controller's configuration makes them. What is derived from an Ingress is kept with the
/// object, so that Ingresses that share a host can read each other without parsing again.
/// </summary>
internal sealed class NginxController
{
    private readonly ConditionalWeakTable<Resource<V1Ingress>, NginxIngress> parsed = [];

    public NginxController(IngressNginxOptions options)
    {
        Options = options;
        Hosts = new HostMemberCache(this);
    }

    public IngressNginxOptions Options { get; }

    public HostMemberCache Hosts { get; }

    public bool IsOurs(IResourceLookup lookup, Resource<V1Ingress> ingress) =>
        Options.Classes.Resolve(lookup, ingress).Controller == IngressClasses.IngressNginx;

    public NginxIngress Parse(Resource<V1Ingress> ingress) => parsed.GetValue(ingress, resource => NginxIngress.Parse(resource, Options));
}
