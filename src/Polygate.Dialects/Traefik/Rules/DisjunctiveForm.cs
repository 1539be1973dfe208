using System.Collections.Immutable;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Rules;

/// <summary>
/// Brings a rule to the model's form: alternatives, each a conjunction of possibly negated conditions, with the most
/// selective host and path in front, where the routing table finds them.
/// </summary>
public static class DisjunctiveForm
{
    /// <summary>Distributing <c>&amp;&amp;</c> over <c>||</c> can grow exponentially; a rule beyond this many alternatives is refused.</summary>
    public const int MaximumAlternatives = 256;

    /// <summary>The matches of a rule; empty when it can never hold (<c>!Host(`*`)</c>).</summary>
    /// <exception cref="RuleSyntaxException">There are more than <see cref="MaximumAlternatives"/>.</exception>
    public static ValueList<RouteMatch> Matches(RuleExpression rule, RoutePrecedence precedence) =>
        Conjunctions(rule)
            .Where(CanHold)
            .Select(conjunction => Match(conjunction, precedence))
            .Distinct()
            .ToValueList();

    /// <summary>The rule as alternatives, each a conjunction of possibly negated conditions.</summary>
    /// <exception cref="RuleSyntaxException">There are more than <see cref="MaximumAlternatives"/>.</exception>
    internal static IEnumerable<IReadOnlyList<MatchCondition>> Conjunctions(RuleExpression rule) => Alternatives(rule, negated: false);

    private static List<ImmutableList<MatchCondition>> Alternatives(RuleExpression rule, bool negated) => rule switch
    {
        RuleNot not => Alternatives(not.Operand, !negated),
        RuleAnd and => negated ? Either(and.Left, and.Right, negated) : Both(and.Left, and.Right, negated),
        RuleOr or => negated ? Both(or.Left, or.Right, negated) : Either(or.Left, or.Right, negated),
        RuleAtom atom => [[negated ? atom.Condition with { Negated = true } : atom.Condition]],
        _ => throw new ArgumentException("An unknown kind of rule expression.", nameof(rule)),
    };

    private static List<ImmutableList<MatchCondition>> Either(RuleExpression left, RuleExpression right, bool negated)
    {
        var all = Alternatives(left, negated);
        all.AddRange(Alternatives(right, negated));
        return Bounded(all.Count, () => all);
    }

    private static List<ImmutableList<MatchCondition>> Both(RuleExpression left, RuleExpression right, bool negated)
    {
        var first = Alternatives(left, negated);
        var second = Alternatives(right, negated);
        return Bounded((long)first.Count * second.Count, () => [.. first.SelectMany(a => second.Select(b => a.AddRange(b)))]);
    }

    private static List<ImmutableList<MatchCondition>> Bounded(long count, Func<List<ImmutableList<MatchCondition>>> make) =>
        count <= MaximumAlternatives
            ? make()
            : throw new RuleSyntaxException($"The rule has more than {MaximumAlternatives} alternatives when written out; split it into several routes", 0);

    private static bool CanHold(IReadOnlyList<MatchCondition> conjunction) =>
        !conjunction.Any(condition => condition is HostCondition { Negated: true, Host.Kind: HostPatternKind.Any });

    private static RouteMatch Match(IReadOnlyList<MatchCondition> conjunction, RoutePrecedence precedence)
    {
        var conditions = conjunction
            .Where(condition => condition is not HostCondition { Host.Kind: HostPatternKind.Any })
            .Distinct()
            .ToList();
        var host = conditions.OfType<HostCondition>().Where(condition => !condition.Negated).MinBy(condition => Rank(condition.Host));
        var path = conditions.OfType<PathCondition>().Where(condition => !condition.Negated).MinBy(condition => Rank(condition.Path));
        return new RouteMatch(
            host?.Host ?? HostPattern.Any,
            path?.Path ?? PathPattern.Any,
            conditions.Where(condition => condition != host && condition != path).ToValueList(),
            precedence);
    }

    /// <summary>The smaller, the more selective.</summary>
    private static (int Kind, int Length) Rank(HostPattern host) => host.Kind switch
    {
        HostPatternKind.Exact => (0, 0),
        HostPatternKind.SingleLabelSuffix => (1, -host.Value.Length),
        _ => (2, 0),
    };

    private static (int Kind, int Length) Rank(PathPattern path) => path.Kind switch
    {
        PathPatternKind.Exact => (0, 0),
        PathPatternKind.StringPrefix => (1, -path.Value.Length),
        _ => (2, 0),
    };
}
