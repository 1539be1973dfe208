using Polygate.Dialects.Common;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Traefik.Ingresses;

/// <summary>
/// The annotations <c>traefik.ingress.kubernetes.io/…</c> of one object. Keys compare without case. What nobody read is reported, so that a
/// misspelt or unsupported one does not go unnoticed.
/// </summary>
internal sealed class IngressAnnotations
{
    public const string Prefix = "traefik.ingress.kubernetes.io/";

    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> read = new(StringComparer.OrdinalIgnoreCase);

    public IngressAnnotations(Resource resource)
    {
        foreach (var (name, value) in resource.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                values[name[Prefix.Length..]] = value;
            }
        }
    }

    /// <summary>The keys that nobody read, without the prefix.</summary>
    public IEnumerable<string> Unread => values.Keys.Where(key => !read.Contains(key)).Order(StringComparer.Ordinal);

    /// <summary>The field path of an annotation.</summary>
    public static string Field(string key) => $"metadata.annotations[{Prefix}{key}]";

    /// <summary>A value; null when it is absent or empty.</summary>
    public string? Text(string key)
    {
        read.Add(key);
        return values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
    }

    /// <summary>The items of a comma-separated list; empty when it is absent.</summary>
    public IReadOnlyList<string> List(string key) =>
        Text(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>A boolean as Go reads them; null when it is absent or (with an error) not one.</summary>
    public bool? Flag(string key, Findings findings)
    {
        switch (Text(key))
        {
            case null:
                return null;
            case "1" or "t" or "T" or "true" or "TRUE" or "True":
                return true;
            case "0" or "f" or "F" or "false" or "FALSE" or "False":
                return false;
            default:
                findings.Error("invalid-annotation", $"The annotation {key} is true or false.", Field(key));
                return null;
        }
    }

    /// <summary>A whole number; null when it is absent or (with an error) not one.</summary>
    public long? Number(string key, Findings findings)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, out var number))
        {
            return number;
        }

        findings.Error("invalid-annotation", $"The annotation {key} is a whole number.", Field(key));
        return null;
    }
}
