using k8s.Models;

namespace Polygate.Dialects.Traefik.Ingresses;

/// <summary>
/// The rule that Traefik writes for an Ingress path; its length is the router's priority, so it is written here to the letter.
/// </summary>
internal static class IngressPathRules
{
    /// <param name="host">The rule's host; empty for every host.</param>
    /// <param name="path">The path.</param>
    /// <param name="pathMatcher">The matcher of <c>ImplementationSpecific</c> paths.</param>
    /// <param name="isStrict">Whether <c>Prefix</c> paths end at a slash.</param>
    public static string Of(string? host, V1HTTPIngressPath path, string pathMatcher, bool isStrict)
    {
        var parts = new List<string>();
        if (!string.IsNullOrEmpty(host))
        {
            parts.Add($"Host({Quote(host)})");
        }

        if (!string.IsNullOrEmpty(path.Path))
        {
            parts.Add(path.PathType switch
            {
                "Exact" => $"Path({Quote(path.Path)})",
                "Prefix" => Prefix(path.Path, isStrict),
                _ => $"{pathMatcher}({Quote(path.Path)})",
            });
        }

        return parts.Count == 0 ? "PathPrefix(\"/\")" : string.Join(" && ", parts);
    }

    private static string Prefix(string path, bool isStrict)
    {
        var trimmed = path.TrimEnd('/');
        return !isStrict || trimmed.Length == 0
            ? $"PathPrefix({Quote(path)})"
            : $"(Path({Quote(trimmed)}) || PathPrefix({Quote(trimmed + "/")}))";
    }

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
