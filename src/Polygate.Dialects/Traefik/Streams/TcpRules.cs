using Polygate.Dialects.Traefik.Rules;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Streams;

/// <summary>Brings the rule of a TCP router to the model's form: alternatives, each with the most selective server name in front.</summary>
internal static class TcpRules
{
    /// <summary>The matches of a rule; empty when it can never hold.</summary>
    /// <exception cref="RuleSyntaxException">It has too many alternatives.</exception>
    public static ValueList<StreamMatch> Matches(RuleExpression rule, RoutePrecedence precedence) =>
        DisjunctiveForm.Conjunctions(rule)
            .Where(conjunction => !conjunction.Any(condition => IsAnyName(condition) && condition.Negated))
            .Select(conjunction => Match(conjunction.Where(condition => !IsAnyName(condition)).Distinct().ToList(), precedence))
            .Distinct()
            .ToValueList();

    /// <summary>Whether every match is for any server name: all that a router without TLS can ask for.</summary>
    public static bool IsForAnyName(ValueList<StreamMatch> matches) =>
        matches.All(match => match.ServerName.Kind == HostPatternKind.Any && !match.Conditions.Any(condition => condition is ServerNameCondition));

    private static bool IsAnyName(MatchCondition condition) => condition is ServerNameCondition { Host.Kind: HostPatternKind.Any };

    private static StreamMatch Match(List<MatchCondition> conditions, RoutePrecedence precedence)
    {
        var name = conditions.OfType<ServerNameCondition>().Where(condition => !condition.Negated).MinBy(condition => condition.Host.Kind switch
        {
            HostPatternKind.Exact => 0,
            HostPatternKind.SingleLabelSuffix => 1,
            _ => 2,
        });
        return new StreamMatch(name?.Host ?? HostPattern.Any, conditions.Where(condition => condition != name).ToValueList(), precedence);
    }
}
