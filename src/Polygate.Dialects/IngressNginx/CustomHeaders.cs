using k8s.Models;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Response headers from a ConfigMap of the Ingress's namespace; each must be one that the administrator allows.</summary>
/// <param name="ConfigMap">Its name; null when it is not a usable one, in which case the location is denied already.</param>
internal sealed record CustomHeaders(string? ConfigMap)
{
    public static CustomHeaders Parse(AnnotationReader reader) => new(reader.LocalName("custom-headers"));

    /// <summary>The filter; one that refuses when a header is not allowed or the ConfigMap is missing.</summary>
    /// <param name="context">Where the ConfigMap is found.</param>
    /// <param name="owner">The Ingress that names it.</param>
    /// <param name="allowed">The headers that may be set.</param>
    public Filter Filter(TranslationContext context, Resource owner, ValueList<string> allowed)
    {
        if (ConfigMap is null || context.Get<V1ConfigMap>(owner.Namespace, ConfigMap) is not { } map)
        {
            return Refuse("missing-configmap", $"The ConfigMap {owner.Namespace}/{ConfigMap} does not exist.");
        }

        var headers = (map.Value.Data ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        foreach (var (name, value) in headers)
        {
            if (!allowed.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return Refuse("header-not-allowed", $"The header {name} in the ConfigMap {map.FullName} is not among the allowed response headers.");
            }

            if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                return Refuse("invalid-header", $"The value of {name} in the ConfigMap {map.FullName} has a line break.");
            }
        }

        return new ResponseHeaderFilter(new HeaderChanges { Set = headers.Select(pair => new HeaderValue(pair.Key, pair.Value ?? "")).ToValueList() });

        RefuseFilter Refuse(string code, string message)
        {
            context.OwnError(owner, code, "custom-headers", message + " The paths of this Ingress answer 503.");
            return new RefuseFilter(503);
        }
    }
}
