using k8s.Models;
using Polygate.Dialects.Ambassador.Hosts;
using Polygate.Dialects.Ambassador.Mappings;
using Polygate.Dialects.Ambassador.Resources;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Ambassador;

/// <summary>
/// Ambassador Edge Stack and Emissary-ingress (getambassador.io): Mappings served by Hosts on Listeners. All Mappings are
/// ordered among themselves, whatever object or namespace they stand in.
/// </summary>
public sealed class AmbassadorDialect : IDialect
{
    internal const string Scope = "ambassador";

    private const string Annotation = "getambassador.io/config";

    private readonly IngressClasses classes;

    /// <param name="classes">Which Ingresses are Ambassador's; null for every one of its class.</param>
    public AmbassadorDialect(IngressClasses? classes = null) => this.classes = classes ?? IngressClasses.All;

    public string Name => "ambassador";

    public IReadOnlyList<ResourceType> ResourceTypes { get; } =
    [
        .. AmbassadorKinds.All, CoreTypes.Service, CoreTypes.EndpointSlice, CoreTypes.Pod, CoreTypes.Secret, CoreTypes.Ingress,
        CoreTypes.IngressClass,
    ];

    public IReadOnlyList<ResourceIndex> Indexes { get; } = [MappingView.ByGroup];

    public bool IsRoot(ResourceType type) => type == CoreTypes.Service || type == CoreTypes.Ingress || AmbassadorKinds.All.Contains(type);

    public void Translate(Resource root, TranslationContext context)
    {
        switch (root)
        {
            case Resource<Mapping> mapping:
                MappingTranslation.Translate(mapping, context);
                break;
            case Resource<AmbassadorHost> host:
                HostTranslation.Translate(host, context);
                break;
            case Resource<AmbassadorListener> listener:
                HostTranslation.Translate(listener, context);
                break;
            case Resource<AmbassadorModule> module:
                ModuleCheck.Check(module, context);
                break;
            case Resource<TlsContext> tls:
                TlsContextSpec.Fields.Report(tls.Value.Spec, "spec", context);
                break;
            case Resource<AuthService>:
                context.Error("unsupported-kind", "External authentication is not supported yet: Mappings without bypass_auth answer 503.");
                break;
            case Resource<RateLimitService>:
                context.Error("unsupported-kind", "External rate limits are not supported yet: Mappings with labels of its domain answer 503.");
                break;
            case Resource<TcpMapping>:
                context.Error("unsupported-kind", "TCPMappings are not supported yet.");
                break;
            case Resource<LogService> or Resource<TracingService> or Resource<DevPortal>:
                context.Warning("unsupported-kind", "This kind is not supported yet and has no effect.");
                break;
            case Resource<ConsulResolver>:
                context.Warning("unsupported-kind", "Consul is not supported yet: Mappings that use this resolver answer 503.");
                break;
            case Resource<V1Service> service when service.Annotation(Annotation) is not null:
                context.Warning(
                    "unsupported-annotation", $"Configuration in the annotation {Annotation} is not read; write it as objects.", $"metadata.annotations.{Annotation}");
                break;
            case Resource<V1Ingress> ingress when classes.Resolve(context, ingress).Controller == IngressClasses.Ambassador:
                context.Error("unsupported-kind", "Ingresses of Ambassador's class are not supported yet; give it another class, or write Mappings.");
                break;
        }
    }
}
