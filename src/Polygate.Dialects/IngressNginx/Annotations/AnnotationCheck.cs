using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.IngressNginx.Annotations;

/// <summary>Looks at every annotation that carries the prefix: what is unknown, too risky or unsupported is reported or refused.</summary>
internal static class AnnotationCheck
{
    public static void Run(Resource resource, AnnotationReader reader, IngressNginxOptions options)
    {
        foreach (var name in Names(resource))
        {
            if (options.BlockedWords.FirstOrDefault(word => resource.Annotation(AnnotationReader.Prefix + name)?.Contains(word, StringComparison.Ordinal) == true) is { } blocked)
            {
                reader.IgnoreIngress(name, $"The value has \"{blocked}\", which the administrator blocks.", "blocked-word");
            }

            if (AnnotationTable.Find(name) is not { } info)
            {
                ReportUnknown(name, reader);
            }
            else if (info.Risk > options.RiskLevel)
            {
                reader.IgnoreIngress(name, $"Its risk is {info.Risk}, above the permitted {options.RiskLevel}.", "annotation-risk");
            }
            else if (reader.Text(name) is { } value && !IsDefault(value, info.Default))
            {
                ReportUnsupported(info, reader, options);
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

    private static void ReportUnsupported(AnnotationInfo info, AnnotationReader reader, IngressNginxOptions options)
    {
        switch (info.Support)
        {
            case AnnotationSupport.Partly when info.Theme == "Snippets" && !options.AllowsSnippets:
                reader.DenyLocation(info.Name, "Snippets are not allowed by the administrator.", "snippets-not-allowed");
                break;
            case AnnotationSupport.Supported when info.Name == "ssl-passthrough" && !options.AllowsPassthrough:
                reader.Warn("passthrough-not-allowed", info.Name, "Passing TLS through is not allowed by the administrator; TLS is terminated here.");
                break;
            case AnnotationSupport.NoEffect or AnnotationSupport.Unsupported when !IsWellFormed(info, reader):
                break;
            case AnnotationSupport.NoEffect:
                reader.Inform("annotation-without-effect", info.Name, $"This has no effect: {info.Note}.");
                break;
            case AnnotationSupport.Unsupported:
                reader.Warn("unsupported-annotation", info.Name, "This is not supported; it has no effect.");
                break;
            case AnnotationSupport.FailsClosed:
                reader.DenyLocation(info.Name, "This may restrict access and is not supported.", "unsupported-annotation");
                break;
            default:
                break;
        }
    }

    /// <summary>Whether the value of an annotation that nobody else reads is of its kind; what is not is reported.</summary>
    private static bool IsWellFormed(AnnotationInfo info, AnnotationReader reader)
    {
        var known = reader.Problems.Count;
        switch (info.Kind)
        {
            case AnnotationKind.Boolean when reader.Text(info.Name) is not ("on" or "off"):
                reader.Boolean(info.Name);
                break;
            case AnnotationKind.Integer or AnnotationKind.Seconds:
                reader.Number(info.Name);
                break;
            case AnnotationKind.Size:
                reader.Size(info.Name);
                break;
            default:
                break;
        }

        return reader.Problems.Count == known;
    }

    /// <summary>Saying what holds anyway needs no report.</summary>
    private static bool IsDefault(string value, string standard) =>
        value == standard || (value is "off" && standard is "false") || (value is "on" && standard is "true");
}
