using System.Runtime.CompilerServices;
using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.IngressNginx.Configuration;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.IngressNginx;

/// <summary>
/// Ingresses of the controller <c>k8s.io/ingress-nginx</c> with its annotations and its ConfigMaps, as version 1.15 of that
/// controller serves them. Annotations become typed values and never text of another language.
/// </summary>
public sealed class IngressNginxDialect : IDialect
{
    private readonly NginxController plain;

    // An object never changes once read.
    private readonly ConditionalWeakTable<Resource<V1ConfigMap>, NginxController> configured = [];
    private readonly (string Namespace, string Name) configMap;

    public IngressNginxDialect()
        : this(IngressNginxOptions.Default)
    {
    }

    public IngressNginxDialect(IngressNginxOptions options)
    {
        Options = options;
        plain = new NginxController(options);
        var slash = options.ConfigMap.IndexOf('/', StringComparison.Ordinal);
        configMap = (options.ConfigMap[..Math.Max(slash, 0)], options.ConfigMap[(slash + 1)..]);
    }

    public string Name => "ingress-nginx";

    /// <summary>What the installation says; the controller's ConfigMap adds to it.</summary>
    public IngressNginxOptions Options { get; }

    public IReadOnlyList<ResourceType> ResourceTypes { get; } =
    [
        CoreTypes.Ingress, CoreTypes.IngressClass, CoreTypes.Service, CoreTypes.EndpointSlice, CoreTypes.Pod, CoreTypes.Secret,
        CoreTypes.ConfigMap,
    ];

    public IReadOnlyList<ResourceIndex> Indexes { get; } = [IngressIndexes.ByHost, IngressIndexes.ByClaim];

    public bool IsRoot(ResourceType type) =>
        type == CoreTypes.Ingress || type == CoreTypes.ConfigMap || (type == CoreTypes.Service && Options.DefaultBackendService is not null);

    public void Translate(Resource root, TranslationContext context)
    {
        switch (root)
        {
            case Resource<V1Ingress> ingress when ControllerFor(context) is var controller && controller.IsOurs(context, ingress):
                context.PublishAddresses(ingress);
                new NginxTranslation(controller, controller.Parse(ingress), context).Run();
                break;
            case Resource<V1ConfigMap> map:
                Translate(map, context);
                break;
            case Resource<V1Service> service when service.FullName == Options.DefaultBackendService:
                DefaultServing.Run(service, context, Options);
                break;
            default:
                break;
        }
    }

    /// <summary>What the controller's ConfigMap makes of the installation's options.</summary>
    internal NginxController ControllerFor(IResourceLookup lookup) =>
        lookup.Get<V1ConfigMap>(configMap.Namespace, configMap.Name) is { } map
            ? configured.GetValue(map, found => new NginxController(ControllerConfigMap.Read(found, Options).Options))
            : plain;

    private void Translate(Resource<V1ConfigMap> map, TranslationContext context)
    {
        if (map.FullName == Options.ConfigMap)
        {
            ControllerConfigMap.Read(map, Options).Report(context);
        }
        else if (Options.TcpServices.Contains(map.FullName) || Options.UdpServices.Contains(map.FullName))
        {
            new StreamServices(map, Options.UdpServices.Contains(map.FullName), context).Run();
        }
    }
}
