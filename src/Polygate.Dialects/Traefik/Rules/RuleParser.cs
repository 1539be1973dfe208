namespace Polygate.Dialects.Traefik.Rules;

/// <summary>Which set of matchers a rule is written in (<c>syntax</c> of a route).</summary>
public enum RuleSyntax
{
    V3,
    V2,

    /// <summary>The matchers of TCP routers.</summary>
    TcpV3,

    /// <summary>The same as Traefik 2 has them.</summary>
    TcpV2,
}

/// <summary>
/// Reads Traefik's rule language: matchers with string arguments, joined by <c>&amp;&amp;</c> (binding tighter) and <c>||</c>, negated by
/// <c>!</c>, grouped by parentheses.
/// </summary>
public sealed class RuleParser
{
    // Far beyond what people write; keeps the recursion shallow whatever the input is.
    private const int MaximumDepth = 200;

    private readonly IReadOnlyList<RuleToken> tokens;
    private readonly RuleSyntax syntax;
    private int at;
    private int depth;

    private RuleParser(IReadOnlyList<RuleToken> tokens, RuleSyntax syntax)
    {
        this.tokens = tokens;
        this.syntax = syntax;
    }

    /// <summary>The tree of a rule.</summary>
    /// <exception cref="RuleSyntaxException">The rule is not valid.</exception>
    public static RuleExpression Parse(string rule, RuleSyntax syntax = RuleSyntax.V3)
    {
        var parser = new RuleParser(RuleLexer.Read(rule), syntax);
        var expression = parser.Or();
        parser.Take(RuleTokenKind.LineEnd);
        return parser.Current.Kind == RuleTokenKind.End
            ? expression
            : throw new RuleSyntaxException(
                parser.tokens[Math.Max(0, parser.at - 1)].Kind == RuleTokenKind.LineEnd
                    ? "The rule ends with its line: put the operator before the line break, not after it"
                    : $"Expected an operator or the end, found {Describe(parser.Current)}",
                parser.Current.Position);
    }

    private RuleToken Current => tokens[at];

    private RuleExpression Or()
    {
        var left = And();
        while (Take(RuleTokenKind.Or))
        {
            left = new RuleOr(left, And());
        }

        return left;
    }

    private RuleExpression And()
    {
        var left = Unary();
        while (Take(RuleTokenKind.And))
        {
            left = new RuleAnd(left, Unary());
        }

        return left;
    }

    private RuleExpression Unary()
    {
        if (++depth > MaximumDepth)
        {
            throw new RuleSyntaxException("The rule is nested too deeply", Current.Position);
        }

        var token = Current;
        RuleExpression expression;
        if (Take(RuleTokenKind.Not))
        {
            expression = new RuleNot(Unary());
        }
        else if (Take(RuleTokenKind.Open))
        {
            expression = Or();
            Expect(RuleTokenKind.Close, "a closing parenthesis");
        }
        else
        {
            Expect(RuleTokenKind.Name, "a matcher");
            expression = RuleMatchers.Make(token.Value, Arguments(), token.Position, syntax);
        }

        depth--;
        return expression;
    }

    private List<string> Arguments()
    {
        Expect(RuleTokenKind.Open, "an opening parenthesis");
        var arguments = new List<string>();
        while (Current.Kind != RuleTokenKind.Close)
        {
            arguments.Add(Current.Value);
            Expect(RuleTokenKind.Text, "a string in backticks or double quotes");
            if (!Take(RuleTokenKind.Comma))
            {
                break;
            }
        }

        Expect(RuleTokenKind.Close, "a comma or a closing parenthesis");
        return arguments;
    }

    private bool Take(RuleTokenKind kind)
    {
        if (Current.Kind != kind)
        {
            return false;
        }

        at++;
        return true;
    }

    private void Expect(RuleTokenKind kind, string what)
    {
        if (!Take(kind))
        {
            throw new RuleSyntaxException($"Expected {what}, found {Describe(Current)}", Current.Position);
        }
    }

    private static string Describe(RuleToken token) => token.Kind switch
    {
        RuleTokenKind.End => "the end",
        RuleTokenKind.LineEnd => "a line break",
        RuleTokenKind.Text => "a string",
        _ => $"'{token.Value}'",
    };
}
