using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Kong.Plugins;
using Polygate.Dialects.Kong.Resources;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Kong;

/// <summary>
/// Ingresses of Kong's class with their annotations, and Kong's CRDs. Objects that others refer to are roots as well: they
/// report what is wrong with them once, where it is written.
/// </summary>
public sealed class KongDialect : IDialect
{
    private static readonly HashSet<ResourceType> Roots = [.. KongTypes.All, CoreTypes.Ingress];

    private readonly KongOptions options;

    public KongDialect(KongOptions? options = null) => this.options = options ?? new KongOptions();

    public string Name => "kong";

    public IReadOnlyList<ResourceType> ResourceTypes { get; } = [.. KongTypes.All, .. CoreTypes.All];

    public IReadOnlyList<ResourceIndex> Indexes { get; } =
        [KongIngressTls.ByTlsHost, KongIngressTranslation.WithDefaultBackend, PluginBindings.ConsumersByPlugin, PluginBindings.Globals];

    public bool IsRoot(ResourceType type) => Roots.Contains(type);

    public void Translate(Resource root, TranslationContext context)
    {
        Read(root, context);
        if (KongTypes.WithStatus.Contains(root.Type) && options.Classes.Claims(IngressClasses.Kong))
        {
            context.SetStatus(root, ProgrammedStatus.Of(root, context));
        }
    }

    private void Read(Resource root, TranslationContext context)
    {
        switch (root)
        {
            case Resource<V1Ingress> ingress:
                if (options.Classes.Resolve(context, ingress) is { Controller: IngressClasses.Kong } ingressClass)
                {
                    context.PublishAddresses(ingress);
                    new KongIngressTranslation(context, options, ingress, ingressClass).Translate();
                }

                break;
            case Resource<KongIngress> { Value.Upstream: { } upstream }:
                UpstreamSettings.Read(upstream, new Findings(context, root));
                break;
            case Resource<KongUpstreamPolicy> policy:
                UpstreamSettings.Read(policy.Value.Spec, new Findings(context, root));
                break;
            case Resource<KongPlugin> plugin:
                PluginBindings.Check(context, root, plugin.Value);
                break;
            case Resource<KongClusterPlugin> plugin:
                PluginBindings.Check(context, root, plugin.Value);
                break;
            case Resource<TcpIngress> or Resource<UdpIngress>:
                context.Error("unsupported-kind", $"{root.Type.Kind} is not supported yet: its streams are not served.");
                break;
            case Resource<KongConsumer> or Resource<KongConsumerGroup>:
                context.Warning("unsupported-kind", $"{root.Type.Kind} is not supported yet: routes that ask for authentication answer 503.");
                break;
            case Resource<KongVault> or Resource<KongCustomEntity> or Resource<KongServiceFacade>:
                context.Warning("unsupported-kind", $"{root.Type.Kind} is not supported yet and has no effect.");
                break;
            case Resource<KongLicense>:
                context.Info("no-effect", "There is no Enterprise edition here: a licence has no effect.");
                break;
        }
    }
}
