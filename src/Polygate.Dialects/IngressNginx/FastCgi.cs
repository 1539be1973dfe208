using System.Text.RegularExpressions;
using k8s.Models;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>What FastCGI applications are told: the index, and parameters from a ConfigMap of the Ingress's namespace.</summary>
/// <param name="Index">The file that stands for a folder; empty for none.</param>
/// <param name="ConfigMap">The ConfigMap's name; null for none.</param>
internal sealed partial record FastCgi(string Index, string? ConfigMap)
{
    private const string ParametersAnnotation = "fastcgi-params-configmap";

    public static FastCgi Parse(AnnotationReader reader)
    {
        var index = reader.Text("fastcgi-index") ?? "";
        if (index.Length > 0 && !Name().IsMatch(index))
        {
            reader.DenyLocation("fastcgi-index", $"\"{index}\" is not the name of a file.");
            index = "";
        }

        return new FastCgi(index, reader.Text(ParametersAnnotation) is null ? null : reader.LocalName(ParametersAnnotation));
    }

    /// <summary>The settings; null, with an error, when the ConfigMap is missing or has something that cannot be told: the paths then answer 503.</summary>
    /// <param name="context">Where the ConfigMap is found.</param>
    /// <param name="owner">The Ingress that names it.</param>
    public FastCgiSettings? Settings(TranslationContext context, Resource owner)
    {
        if (ConfigMap is null)
        {
            return new FastCgiSettings { Index = Index };
        }

        if (context.Get<V1ConfigMap>(owner.Namespace, ConfigMap) is not { } map)
        {
            return Deny("missing-configmap", $"The ConfigMap {owner.Namespace}/{ConfigMap} does not exist.");
        }

        var parameters = new List<HeaderTemplate>();
        foreach (var (name, value) in (map.Value.Data ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!Name().IsMatch(name) || !Value().IsMatch(value ?? ""))
            {
                return Deny("invalid-parameter", $"{name} in the ConfigMap {map.FullName} has a character that ingress-nginx does not allow.");
            }

            if (NginxTemplate.Parse(value ?? "", out var problem, scriptIndex: Index) is not { } template)
            {
                return Deny("unsupported-variable", $"{name} in the ConfigMap {map.FullName}: {problem}");
            }

            parameters.Add(new HeaderTemplate(name, template));
        }

        return new FastCgiSettings { Index = Index, Parameters = parameters.ToValueList() };

        FastCgiSettings? Deny(string code, string message)
        {
            context.OwnError(owner, code, ParametersAnnotation, message + " The paths of this Ingress answer 503.");
            return null;
        }
    }

    // As ingress-nginx has them (internal/ingress/annotations/fastcgi).
    [GeneratedRegex("^[A-Za-z0-9._-]+\\z")]
    private static partial Regex Name();

    [GeneratedRegex("^[A-Za-z0-9_${}/.-]*\\z")]
    private static partial Regex Value();
}
