using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>Reads the rules of HTTPRoutes.</summary>
internal static class HttpRules
{
    private static readonly HTTPRouteMatch Everything = new();

    private static readonly string[] FilterTypes =
    [
        "RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "RequestRedirect", "URLRewrite", "CORS", "ExtensionRef", "ExternalAuth",
    ];

    public static IReadOnlyList<RuleView> Read(HTTPRouteSpec spec) =>
        (spec.Rules ?? [new HTTPRouteRule()]).Select(Read).ToArray();

    /// <summary>The matches of a rule; one that fits everything when it names none.</summary>
    public static IReadOnlyList<HTTPRouteMatch> MatchesOf(HTTPRouteRule rule) => rule.Matches is { Count: > 0 } matches ? matches : [Everything];

    private static RuleView Read(HTTPRouteRule rule, int index)
    {
        var field = $"spec.rules[{index}]";
        var matches = MatchesOf(rule);
        var problem = MatchProblem(matches, field) ?? RuleChecks.Problem(rule, field, FilterTypes);
        return new HttpRuleView(index, rule, problem);
    }

    private sealed record HttpRuleView(int Index, HTTPRouteRule Rule, Problem? Problem) : RuleView(Index, Rule, Problem)
    {
        protected override IEnumerable<RuleMatch> ReadMatches() => MatchesOf(Rule).Select(Translate);
    }

    private static Problem? MatchProblem(IReadOnlyList<HTTPRouteMatch> matches, string field)
    {
        for (var i = 0; i < matches.Count; i++)
        {
            var match = matches[i];
            var at = $"{field}.matches[{i}]";
            var problem = PathProblem(match.Path, at + ".path")
                ?? RuleChecks.ValueProblem(match.Headers, at + ".headers", headers: true)
                ?? RuleChecks.ValueProblem(match.QueryParams, at + ".queryParams", headers: false);
            if (problem is null && match.Method is { } method && !RuleChecks.IsMethod(method))
            {
                problem = new Problem("UnsupportedValue", $"\"{method}\" is not an HTTP method of the Gateway API.", at + ".method");
            }

            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? PathProblem(HTTPPathMatch? path, string field)
    {
        var value = path?.Value ?? "/";
        return path?.Type switch
        {
            null or "PathPrefix" or "Exact" => value.StartsWith('/')
                ? null
                : new Problem("UnsupportedValue", $"The path \"{value}\" does not start with a slash.", field + ".value"),
            "RegularExpression" => Patterns.Problem(value) is { } problem ? new Problem("UnsupportedValue", problem, field + ".value") : null,
            _ => new Problem("UnsupportedValue", $"\"{path.Type}\" is not Exact, PathPrefix or RegularExpression.", field + ".type"),
        };
    }

    private static RuleMatch Translate(HTTPRouteMatch match)
    {
        var headers = DistinctNames(match.Headers, StringComparer.OrdinalIgnoreCase);
        var parameters = DistinctNames(match.QueryParams, StringComparer.Ordinal);
        var conditions = new List<MatchCondition>();
        if (match.Method is { } method)
        {
            conditions.Add(new MethodCondition([method]));
        }

        conditions.AddRange(headers.Select(Header));
        conditions.AddRange(parameters.Select(parameter => new QueryCondition(parameter.Name, [Pattern(parameter)]) { FirstValueOnly = true }));
        var path = Path(match.Path);
        return new RuleMatch(
            path, conditions.ToValueList(), Precedence.HttpOrder(path, match.Method is not null, headers.Count, parameters.Count));
    }

    /// <summary>A header condition. Repeated field lines are one value, joined with commas (RFC 9110 section 5.3).</summary>
    public static MatchCondition Header(HTTPValueMatch header) => new HeaderCondition(header.Name, [Pattern(header)]) { JoinValues = true };

    /// <summary>Of several conditions with one name only the first counts.</summary>
    public static IReadOnlyList<HTTPValueMatch> DistinctNames(IReadOnlyList<HTTPValueMatch>? values, StringComparer comparer) =>
        values is null ? [] : [.. values.DistinctBy(value => value.Name, comparer)];

    private static PathPattern Path(HTTPPathMatch? path)
    {
        var value = path?.Value ?? "/";
        return path?.Type switch
        {
            "Exact" => PathPattern.Exact(value),
            "RegularExpression" => PathPattern.Regex(Patterns.Anchored(value)),
            _ => PathPattern.ElementPrefix(Paths.Prefix(value)),
        };
    }

    private static TextPattern Pattern(HTTPValueMatch value) =>
        value.Type == "RegularExpression" ? TextPattern.Regex(Patterns.Anchored(value.Value)) : TextPattern.Exact(value.Value);
}

/// <summary>Path prefixes compare by elements: a trailing slash means nothing.</summary>
internal static class Paths
{
    public static string Prefix(string value) => value.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/";
}
