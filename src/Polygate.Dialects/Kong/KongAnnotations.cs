using Polygate.Dialects.Common;
using Polygate.Kubernetes.Resources;

namespace Polygate.Dialects.Kong;

/// <summary>
/// The annotations <c>konghq.com/…</c> of one object, with the older spellings. What nobody read is reported, so that a misspelt or
/// unsupported one does not go unnoticed.
/// </summary>
internal sealed class KongAnnotations
{
    public const string Prefix = "konghq.com/";

    private const string OlderPrefix = "configuration.konghq.com/";

    private readonly Resource resource;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    public KongAnnotations(Resource resource) => this.resource = resource;

    /// <summary>The field path of an annotation.</summary>
    public static string Field(string key) => $"metadata.annotations[{Prefix}{key}]";

    /// <summary>The value as written, possibly empty; null when it is absent.</summary>
    public string? Raw(string key)
    {
        read.Add(key);

        // Up to version 0.10 two annotations had names of their own: configuration.konghq.com was the override, plugins.konghq.com the list.
        return resource.Annotation(Prefix + key) ?? resource.Annotation(OlderPrefix + key) ?? key switch
        {
            "override" => resource.Annotation("configuration.konghq.com"),
            "plugins" => resource.Annotation("plugins.konghq.com"),
            _ => null,
        };
    }

    /// <summary>The value; null when it is absent or empty.</summary>
    public string? Text(string key) => Raw(key) is { Length: > 0 } value ? value : null;

    /// <summary>The items of a list, trimmed, without empty ones; null when it is absent or has none.</summary>
    public IReadOnlyList<string>? List(string key, char separator = ',') =>
        Text(key)?.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } items ? items : null;

    /// <summary>A boolean; null when it is absent or (with a warning) not one.</summary>
    public bool? Flag(string key, Findings findings)
    {
        var text = Text(key);
        if (bool.TryParse(text, out var value))
        {
            return value;
        }

        Malformed(text, key, "true or false", findings);
        return null;
    }

    /// <summary>A whole number in a range; null when it is absent or (with a warning) not one.</summary>
    public long? Number(string key, long minimum, Findings findings)
    {
        var text = Text(key);
        if (long.TryParse(text, out var number) && number >= minimum)
        {
            return number;
        }

        Malformed(text, key, $"a whole number from {minimum}", findings);
        return null;
    }

    /// <summary>The headers that requests must have, by name: <c>headers.NAME</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Headers()
    {
        var separator = Text("headers-separator") is [var character] ? character : ',';
        var headers = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in Keys().Where(key => key.StartsWith("headers.", StringComparison.Ordinal)))
        {
            if (List(key, separator) is { } values)
            {
                headers[key["headers.".Length..]] = values;
            }
        }

        return headers;
    }

    /// <summary>Reports the annotations that nobody read.</summary>
    public void ReportUnread(Findings findings)
    {
        foreach (var key in Keys().Where(key => !read.Contains(key)))
        {
            findings.Warning("unsupported-annotation", $"The annotation {Prefix}{key} is not supported and has no effect.", Field(key));
        }
    }

    private static void Malformed(string? text, string key, string expected, Findings findings)
    {
        if (text is not null)
        {
            findings.Warning("invalid-annotation", $"The annotation {Prefix}{key} is {expected}; it has no effect.", Field(key));
        }
    }

    private List<string> Keys() =>
        [.. (resource.Metadata.Annotations ?? new Dictionary<string, string>()).Keys
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) || name.StartsWith(OlderPrefix, StringComparison.Ordinal))
            .Select(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..])
            .Distinct()
            .Order(StringComparer.Ordinal)];
}
