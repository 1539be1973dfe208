using System.Runtime.CompilerServices;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// Ingresses of the controller <c>k8s.io/ingress-nginx</c> with its annotations, as version 1.15 of that controller serves
/// them. Annotations become typed values and never text of another language.
/// </summary>
public sealed class IngressNginxDialect : IDialect
{
    // Ingresses that share a host read each other's annotations; an object never changes once read.
    private readonly ConditionalWeakTable<Resource<V1Ingress>, NginxIngress> parsed = [];

    public IngressNginxDialect()
        : this(IngressNginxOptions.Default)
    {
    }

    public IngressNginxDialect(IngressNginxOptions options)
    {
        Options = options;
        Hosts = new HostMemberCache(this);
    }

    internal HostMemberCache Hosts { get; }

    public string Name => "ingress-nginx";

    public IngressNginxOptions Options { get; }

    public IReadOnlyList<ResourceType> ResourceTypes { get; } =
    [
        CoreTypes.Ingress, CoreTypes.IngressClass, CoreTypes.Service, CoreTypes.EndpointSlice, CoreTypes.Pod, CoreTypes.Secret,
        CoreTypes.ConfigMap,
    ];

    public IReadOnlyList<ResourceIndex> Indexes { get; } = [IngressIndexes.ByHost, IngressIndexes.ByClaim];

    public bool IsRoot(ResourceType type) => type == CoreTypes.Ingress;

    public void Translate(Resource root, TranslationContext context)
    {
        var ingress = (Resource<V1Ingress>)root;
        if (IsOurs(context, ingress))
        {
            context.PublishAddresses(ingress);
            new NginxTranslation(this, Parse(ingress), context).Run();
        }
    }

    internal bool IsOurs(IResourceLookup lookup, Resource<V1Ingress> ingress) =>
        Options.Classes.Resolve(lookup, ingress).Controller == IngressClasses.IngressNginx;

    internal NginxIngress Parse(Resource<V1Ingress> ingress) =>
        parsed.GetValue(ingress, resource => NginxIngress.Parse(resource, Options));
}
