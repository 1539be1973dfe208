using k8s.Models;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Ingress;

/// <summary>
/// The Ingress API (networking.k8s.io/v1) as it is specified, without a vendor's annotations: what an Ingress without
/// a class, or of the class <c>polygate</c>, means. It also reports Ingresses that no dialect serves.
/// </summary>
public sealed class IngressDialect : IDialect
{
    private readonly IngressClasses classes;

    /// <param name="classes">Which Ingresses are this gateway's; null for every one that some dialect understands.</param>
    public IngressDialect(IngressClasses? classes = null) => this.classes = classes ?? IngressClasses.All;

    public string Name => "ingress";

    public IReadOnlyList<ResourceType> ResourceTypes { get; } =
        [CoreTypes.Ingress, CoreTypes.IngressClass, CoreTypes.Service, CoreTypes.EndpointSlice, CoreTypes.Pod, CoreTypes.Secret];

    public IReadOnlyList<ResourceIndex> Indexes { get; } = [IngressIndexes.ByClaim, IngressIndexes.ByTlsHost];

    public bool IsRoot(ResourceType type) => type == CoreTypes.Ingress || type == CoreTypes.IngressClass;

    public void Translate(Resource root, TranslationContext context)
    {
        if (root is Resource<V1Ingress> any)
        {
            WarnOfTwoClasses(any, context);
        }

        switch (root)
        {
            case Resource<V1IngressClass> ingressClass:
                Check(ingressClass, context);
                break;
            case Resource<V1Ingress> ingress when IsOurs(context, ingress):
                context.PublishAddresses(ingress);
                new IngressTranslation(this, ingress, context).Run();
                break;
            case Resource<V1Ingress> ingress:
                ReportUnserved(ingress, context);
                break;
            default:
                break;
        }
    }

    internal bool IsOurs(IResourceLookup lookup, Resource<V1Ingress> ingress) =>
        classes.Resolve(lookup, ingress).Controller == IngressClasses.Plain;

    private void ReportUnserved(Resource<V1Ingress> ingress, TranslationContext context)
    {
        var resolved = classes.Resolve(context, ingress);
        if (resolved.Controller is not null)
        {
            return;
        }

        if (resolved.Name is null)
        {
            context.Info("no-ingress-class", "The Ingress names no class and there is no default class; it is not served.", "spec.ingressClassName");
        }
        else if (resolved.Class is null)
        {
            context.Info("unknown-ingress-class", $"There is no IngressClass {resolved.Name}; this Ingress is not served.", ClassField(ingress));
        }
        else
        {
            context.Info(
                "foreign-ingress-class",
                $"The class {resolved.Name} belongs to the controller {resolved.Class.Value.Spec?.Controller}; this Ingress is not served here.",
                ClassField(ingress));
        }
    }

    /// <summary>The API server refuses an Ingress that names two classes; in files the field counts.</summary>
    private static void WarnOfTwoClasses(Resource<V1Ingress> ingress, TranslationContext context)
    {
        if (ingress.Value.Spec?.IngressClassName is { Length: > 0 } field
            && ingress.Annotation(IngressClasses.LegacyAnnotation) is { Length: > 0 } annotation
            && field != annotation)
        {
            context.Warning(
                "conflicting-ingress-class",
                $"The annotation {IngressClasses.LegacyAnnotation} names the class {annotation}, spec.ingressClassName {field}; the field counts.",
                $"metadata.annotations[{IngressClasses.LegacyAnnotation}]");
        }
    }

    private static void Check(Resource<V1IngressClass> ingressClass, TranslationContext context)
    {
        if (ingressClass.Value.Spec is { Controller: IngressClasses.Plain, Parameters: not null })
        {
            context.Warning("unsupported-field", "Parameters of an IngressClass are not supported; they have no effect.", "spec.parameters");
        }
    }

    private static string ClassField(Resource<V1Ingress> ingress) =>
        string.IsNullOrEmpty(ingress.Value.Spec?.IngressClassName)
            ? $"metadata.annotations[{IngressClasses.LegacyAnnotation}]"
            : "spec.ingressClassName";
}
