using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>A matcher in the model's terms.</summary>
internal sealed record TranslatedMatcher(PathPattern Path, ValueList<MatchCondition> Conditions);

/// <summary>Turns Gloo's matchers (Envoy's route matching) into conditions.</summary>
internal static class Matchers
{
    /// <summary>The path's text, of whichever kind it is.</summary>
    public static string PathText(MatcherSpec matcher) => matcher.Exact ?? matcher.Regex ?? matcher.Prefix ?? "";

    /// <summary>The matcher's conditions; null (and a finding) when it cannot be served.</summary>
    /// <param name="matcher">The matcher.</param>
    /// <param name="field">Where it stands.</param>
    /// <param name="owner">The object it stands in.</param>
    /// <param name="findings">Receives what is wrong.</param>
    public static TranslatedMatcher? Translate(MatcherSpec matcher, string field, Resource owner, Findings findings)
    {
        if (matcher.ConnectMatcher is not null)
        {
            findings.Warn("unsupported-field", "connectMatcher is not supported yet: CONNECT requests do not reach this route.", field + ".connectMatcher", owner);
            return null;
        }

        var conditions = new List<MatchCondition>();
        if (matcher.Methods is { Count: > 0 } methods)
        {
            conditions.Add(new MethodCondition(methods.ToValueList()));
        }

        var problem = Headers(matcher, conditions) ?? Queries(matcher, conditions);
        if (Path(matcher, out var path) is { } pathProblem)
        {
            problem = pathProblem;
        }

        if (problem is null)
        {
            return new TranslatedMatcher(path, conditions.ToValueList());
        }

        findings.Reject("invalid-field", $"This matcher cannot be used: {problem}.", field, owner);
        return null;
    }

    private static string? Path(MatcherSpec matcher, out PathPattern path)
    {
        var ignoreCase = matcher.CaseSensitive == false;
        path = PathPattern.Any;
        if (matcher.Regex is { } regex)
        {
            if (!Re2.TryConvertWhole(regex, out var pattern, out var problem))
            {
                return $"the regular expression {regex} is not valid ({problem})";
            }

            path = PathPattern.Regex(pattern);
            return null;
        }

        if ((matcher.Exact ?? matcher.Prefix) is not { Length: > 0 } text)
        {
            return "it has no path (prefix, exact or regex)";
        }

        path = matcher.Exact is null ? PathPattern.StringPrefix(text, ignoreCase) : PathPattern.Exact(text, ignoreCase);
        return PathRules.Problem(text) is { } reason ? $"the path {text} is not accepted: {reason}" : null;
    }

    private static string? Headers(MatcherSpec matcher, List<MatchCondition> conditions)
    {
        foreach (var header in matcher.Headers ?? [])
        {
            if (string.IsNullOrEmpty(header.Name))
            {
                return "a header condition has no name";
            }

            if (Pattern(header.Value, header.Regex, out var pattern) is { } problem)
            {
                return problem;
            }

            if (Condition(header.Name, pattern) is not { } condition)
            {
                return $"conditions on {header.Name} are not supported yet";
            }

            conditions.Add(condition with { Negated = header.InvertMatch == true });
        }

        return null;
    }

    private static MatchCondition? Condition(string name, TextPattern pattern) => name switch
    {
        ":authority" when pattern.Kind == TextPatternKind.Exact => new HostCondition(HostPattern.Exact(pattern.Value)),
        ":authority" when pattern.Kind == TextPatternKind.Regex => new HostCondition(HostPattern.Regex(pattern.Value)),
        ":method" when pattern.Kind == TextPatternKind.Exact => new MethodCondition([pattern.Value]),
        [':', ..] => null,
        _ => new HeaderCondition(name, [pattern]) { JoinValues = true },
    };

    private static string? Queries(MatcherSpec matcher, List<MatchCondition> conditions)
    {
        foreach (var query in matcher.QueryParameters ?? [])
        {
            if (string.IsNullOrEmpty(query.Name))
            {
                return "a query condition has no name";
            }

            if (Pattern(query.Value, query.Regex, out var pattern) is { } problem)
            {
                return problem;
            }

            // Envoy compares the first of repeated parameters.
            conditions.Add(new QueryCondition(query.Name, [pattern]) { FirstValueOnly = true });
        }

        return null;
    }

    /// <summary>An empty value means presence, also where a regular expression is announced.</summary>
    private static string? Pattern(string? value, bool? regex, out TextPattern pattern)
    {
        pattern = TextPattern.Present;
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (regex != true)
        {
            pattern = TextPattern.Exact(value);
            return null;
        }

        if (!Re2.TryConvertWhole(value, out var converted, out var problem))
        {
            return $"the regular expression {value} is not valid ({problem})";
        }

        pattern = TextPattern.Regex(converted);
        return null;
    }
}
