using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.IngressNginx.Annotations;

/// <summary>Looks at every annotation that carries the prefix: what is unknown, too risky or unsupported is reported or refused.</summary>
internal static class AnnotationCheck
{
    public static void Run(Resource resource, AnnotationReader reader, AnnotationRisk riskLevel)
    {
        foreach (var name in Names(resource))
        {
            if (AnnotationTable.Find(name) is not { } info)
            {
                ReportUnknown(name, reader);
            }
            else if (info.Risk > riskLevel)
            {
                reader.IgnoreIngress(name, $"Its risk is {info.Risk}, above the permitted {riskLevel}.", "annotation-risk");
            }
            else if (reader.Text(name) is { } value && !IsDefault(value, info.Default))
            {
                ReportUnsupported(info, reader);
            }
        }
    }

    private static IEnumerable<string> Names(Resource resource) =>
        (resource.Metadata.Annotations ?? new Dictionary<string, string>()).Keys
            .Where(name => name.StartsWith(AnnotationReader.Prefix, StringComparison.Ordinal))
            .Select(name => name[AnnotationReader.Prefix.Length..])
            .Order(StringComparer.Ordinal);

    private static void ReportUnknown(string name, AnnotationReader reader)
    {
        if (AnnotationTable.Dead.Contains(name))
        {
            reader.Warn("obsolete-annotation", name, "ingress-nginx no longer reads this annotation; it has no effect.");
        }
        else
        {
            reader.Warn("unknown-annotation", name, "There is no such annotation; it has no effect.");
        }
    }

    private static void ReportUnsupported(AnnotationInfo info, AnnotationReader reader)
    {
        switch (info.Support)
        {
            case AnnotationSupport.NoEffect:
                reader.Inform("annotation-without-effect", info.Name, $"This has no effect: {info.Note}.");
                break;
            case AnnotationSupport.Unsupported:
                reader.Warn("unsupported-annotation", info.Name, "This is not supported; it has no effect.");
                break;
            case AnnotationSupport.FailsClosed when info.Name == "auth-tls-secret":
                reader.DenyServer(info.Name, "Client certificates are not supported.", "unsupported-annotation");
                break;
            case AnnotationSupport.FailsClosed:
                reader.DenyLocation(info.Name, "This may restrict access and is not supported.", "unsupported-annotation");
                break;
            default:
                break;
        }
    }

    /// <summary>Saying what holds anyway needs no report.</summary>
    private static bool IsDefault(string value, string standard) =>
        value == standard || (value is "off" && standard is "false") || (value is "on" && standard is "true");
}
