using Polygate.Model;

namespace Polygate.Dialects.Traefik.Rules;

/// <summary>A rule as a tree: what a request must be.</summary>
public abstract record RuleExpression
{
    private protected RuleExpression()
    {
    }
}

/// <summary>Both hold.</summary>
public sealed record RuleAnd(RuleExpression Left, RuleExpression Right) : RuleExpression;

/// <summary>At least one holds.</summary>
public sealed record RuleOr(RuleExpression Left, RuleExpression Right) : RuleExpression;

/// <summary>It does not hold.</summary>
public sealed record RuleNot(RuleExpression Operand) : RuleExpression;

/// <summary>A matcher: one condition on the request, never negated here.</summary>
public sealed record RuleAtom(MatchCondition Condition) : RuleExpression;
