using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.IngressNginx.Annotations;

/// <summary>
/// Reports about an annotation of an Ingress while that Ingress itself is translated: a canary is translated with its
/// primary's annotations, and what is wrong with those is said once.
/// </summary>
internal static class OwnDiagnostics
{
    public static void OwnError(this TranslationContext context, Resource owner, string code, string annotation, string message)
    {
        if (owner.Key == context.Root.Key)
        {
            context.Error(code, message, Field(annotation));
        }
    }

    public static void OwnWarning(this TranslationContext context, Resource owner, string code, string annotation, string message)
    {
        if (owner.Key == context.Root.Key)
        {
            context.Warning(code, message, Field(annotation));
        }
    }

    /// <summary>The field path of an annotation.</summary>
    /// <param name="annotation">Without the prefix.</param>
    public static string Field(string annotation) => $"metadata.annotations[{AnnotationReader.Prefix}{annotation}]";
}
