using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx;

/// <summary>Which requests of a primary path a canary gets: by header, then by cookie, then by weight.</summary>
internal sealed record Canary
{
    public string? Header { get; init; }

    /// <summary>The value that chooses the canary; the words always and never then mean nothing.</summary>
    public string? HeaderValue { get; init; }

    /// <summary>A regular expression, unanchored and case-sensitive; <see cref="HeaderValue"/> goes before it.</summary>
    public string? HeaderPattern { get; init; }

    /// <summary>Whether the pattern cannot be evaluated: where the header is present, the request is the primary's.</summary>
    public bool HeaderPatternFails { get; init; }

    public string? Cookie { get; init; }

    /// <summary>How many of <see cref="Total"/> requests it gets of those that no header or cookie decides.</summary>
    public int Weight { get; init; }

    public int Total { get; init; } = 100;

    /// <summary>The share of the requests that no header or cookie decides, 0 to 1.</summary>
    public double Share => Weight / (double)Total;

    /// <summary>The rules, or null when the Ingress is no canary.</summary>
    public static Canary? Parse(AnnotationReader reader)
    {
        if (!reader.Boolean("canary"))
        {
            return null;
        }

        var weight = reader.Number("canary-weight") ?? 0;
        var total = Math.Max(100, reader.Number("canary-weight-total") ?? 100);
        var pattern = reader.Text("canary-by-header-pattern");
        return new Canary
        {
            Header = Name(reader, "canary-by-header"),
            HeaderValue = reader.Text("canary-by-header-value"),
            HeaderPattern = pattern,
            HeaderPatternFails = pattern is not null && Fails(reader, pattern),
            Cookie = Name(reader, "canary-by-cookie"),
            Weight = Math.Min(weight, total),
            Total = total,
        };
    }

    /// <summary>
    /// The conditions under which a request is the canary's, as alternatives. A header or cookie that says neither
    /// always nor never leaves the decision to the next rule.
    /// </summary>
    /// <param name="group">Names the draw that the weight is compared with.</param>
    /// <param name="drawsByWeight">Whether the weight counts here; otherwise the primary's route draws by it.</param>
    public IEnumerable<ValueList<MatchCondition>> Alternatives(string group, bool drawsByWeight)
    {
        var undecided = new List<MatchCondition>();
        if (Header is { } header)
        {
            if (HeaderValue is null && HeaderPatternFails)
            {
                undecided.Add(HeaderIs(header, TextPattern.Present) with { Negated = true });
            }
            else
            {
                yield return [HeaderIs(header, HeaderWanted)];
            }

            if (HeaderValue is null && HeaderPattern is null)
            {
                undecided.Add(HeaderIs(header, TextPattern.Exact("never")) with { Negated = true });
            }
        }

        if (Cookie is { } cookie)
        {
            yield return [.. undecided, new CookieCondition(cookie, TextPattern.Exact("always"))];
            undecided.Add(new CookieCondition(cookie, TextPattern.Exact("never")) { Negated = true });
        }

        if (!drawsByWeight)
        {
            yield break;
        }

        if (Share >= 1)
        {
            yield return undecided.ToValueList();
        }
        else if (Share > 0)
        {
            yield return [.. undecided, new ShareCondition(group, Share)];
        }
    }

    private TextPattern HeaderWanted =>
        HeaderValue is { } value ? TextPattern.Exact(value)
        : HeaderPattern is { } pattern ? TextPattern.Regex(pattern)
        : TextPattern.Exact("always");

    private static HeaderCondition HeaderIs(string name, TextPattern pattern) => new(name, [pattern]) { JoinValues = true };

    private static bool Fails(AnnotationReader reader, string pattern)
    {
        var problem = LocationRegex.Check(pattern).Problem;
        if (problem is not null)
        {
            reader.Warn("invalid-annotation", "canary-by-header-pattern", $"This is not a regular expression ({problem}); a request with the header goes to the primary.");
        }

        return problem is not null;
    }

    private static string? Name(AnnotationReader reader, string annotation)
    {
        var name = reader.Text(annotation);
        if (name is null || name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
        {
            return name;
        }

        reader.UseDefault(annotation, $"\"{name}\" is not a name of letters, digits, dashes and underscores.");
        return null;
    }
}
