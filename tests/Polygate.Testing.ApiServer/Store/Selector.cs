using Polygate.Testing.ApiServer.Serving;
using Polygate.Testing.ApiServer.Types;

namespace Polygate.Testing.ApiServer.Store;

/// <summary>Which objects a list or watch is about: a namespace, labels and fields.</summary>
internal sealed class Selector
{
    private readonly string @namespace;
    private readonly List<Func<IReadOnlyDictionary<string, string>, bool>> labels;
    private readonly List<Func<IReadOnlyDictionary<string, string>, bool>> fields;

    private Selector(
        string @namespace,
        List<Func<IReadOnlyDictionary<string, string>, bool>> labels,
        List<Func<IReadOnlyDictionary<string, string>, bool>> fields)
    {
        this.@namespace = @namespace;
        this.labels = labels;
        this.fields = fields;
    }

    /// <summary>Whether it is by labels or fields (a list by those does not tell how many items remain).</summary>
    public bool Narrows => labels.Count + fields.Count > 0;

    /// <exception cref="ApiException">A selector cannot be read, or the resource has no such field to select by.</exception>
    public static Selector Parse(ResourceType type, string @namespace, string labelSelector, string fieldSelector) => new(
        @namespace,
        [.. Split(labelSelector).Select(term => ParseLabelTerm(term.Trim()))],
        [.. Split(fieldSelector).Select(term => ParseFieldTerm(type, term.Trim()))]);

    public bool Matches(StoredObject candidate) =>
        (@namespace.Length == 0 || candidate.Namespace == @namespace)
        && labels.TrueForAll(term => term(candidate.Labels)) && fields.TrueForAll(term => term(candidate.Fields));

    private static Func<IReadOnlyDictionary<string, string>, bool> ParseLabelTerm(string term)
    {
        if (term.IndexOf(" notin ", StringComparison.Ordinal) is > 0 and var notIn)
        {
            var (key, values) = (term[..notIn].Trim(), SetOf(term[(notIn + 7)..]));
            return labels => !labels.TryGetValue(key, out var value) || !values.Contains(value);
        }

        if (term.IndexOf(" in ", StringComparison.Ordinal) is > 0 and var isIn)
        {
            var (key, values) = (term[..isIn].Trim(), SetOf(term[(isIn + 4)..]));
            return labels => labels.TryGetValue(key, out var value) && values.Contains(value);
        }

        if (ParseEquality(term) is { } equality)
        {
            return labels => (labels.TryGetValue(equality.Key, out var value) && value == equality.Value) == equality.IsEqual;
        }

        return term.StartsWith('!') ? labels => !labels.ContainsKey(term[1..].Trim()) : labels => labels.ContainsKey(term);
    }

    private static Func<IReadOnlyDictionary<string, string>, bool> ParseFieldTerm(ResourceType type, string term)
    {
        var (key, wanted, isEqual) = ParseEquality(term)
            ?? throw ApiException.BadRequest($"Unable to find \"{type.ApiVersion(type.Versions[0])}, Resource={type.Plural}\" that match field selector \"{term}\": " +
                $"invalid selector: '{term}'; can't understand '{term}'");
        if (!IsSelectable(type, key))
        {
            throw ApiException.BadRequest(type.IsCustom || HasFieldsOfItsOwn(type)
                ? $"field label not supported: {key}"
                : $"\"{key}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
        }

        return fields => (fields.GetValueOrDefault(key, "") == wanted) == isEqual;
    }

    private static bool HasFieldsOfItsOwn(ResourceType type) =>
        type.Group.Length == 0 && type.Plural is "secrets" or "events" or "pods" or "nodes" or "namespaces" or "services";

    private static bool IsSelectable(ResourceType type, string field) => field switch
    {
        "metadata.name" => true,
        "metadata.namespace" => true,
        "type" => type.Plural is "secrets" or "events",
        "spec.nodeName" or "status.phase" => type.Plural is "pods" || (field == "status.phase" && type.Plural == "namespaces"),
        "spec.type" => type.Plural == "services",
        _ => type.Plural == "events" && (field == "reason" || field.StartsWith("involvedObject.", StringComparison.Ordinal)),
    };

    private static (string Key, string Value, bool IsEqual)? ParseEquality(string term)
    {
        foreach (var (sign, isEqual) in new[] { ("!=", false), ("==", true), ("=", true) })
        {
            if (term.IndexOf(sign, StringComparison.Ordinal) is > 0 and var at)
            {
                return (term[..at].Trim(), term[(at + sign.Length)..].Trim(), isEqual);
            }
        }

        return null;
    }

    private static HashSet<string> SetOf(string list) => [.. list.Trim().TrimStart('(').TrimEnd(')').Split(',', StringSplitOptions.TrimEntries)];

    /// <summary>Splits at commas outside parentheses.</summary>
    private static IEnumerable<string> Split(string selector)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i <= selector.Length; i++)
        {
            if (i == selector.Length || (selector[i] == ',' && depth == 0))
            {
                if (i > start)
                {
                    yield return selector[start..i];
                }

                start = i + 1;
            }
            else
            {
                depth += selector[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }
}
