using CsCheck;
using Polygate.Dialects.Traefik.Rules;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Traefik;

/// <summary>The disjunctive form says the same as the rule, whatever the request.</summary>
public sealed class DisjunctiveFormTests
{
    private static readonly string[] Hosts = ["a", "b", "x.a", "y.x.a"];
    private static readonly string[] HostNames = ["*", "*.a", "a", "b"];
    private static readonly string[] Paths = ["/", "/x", "/xy", "/x/y"];
    private static readonly string[] Methods = ["GET", "PUT"];

    private static readonly Gen<MatchCondition> Conditions = Gen.OneOf<MatchCondition>(
        Gen.Int[0, HostNames.Length - 1].Select(i => HostNames[i]).Select(host => new HostCondition(HostPattern.Parse(host, singleLabel: true))),
        Gen.Int[0, Paths.Length - 1].Select(i => Paths[i]).Select(path => new PathCondition(PathPattern.StringPrefix(path))),
        Gen.Int[0, Paths.Length - 1].Select(i => Paths[i]).Select(path => new PathCondition(PathPattern.Exact(path))),
        Gen.Int[0, Methods.Length - 1].Select(i => Methods[i]).Select(method => new MethodCondition([method])));

    private static readonly Gen<RuleExpression> Rules = Gen.Recursive<RuleExpression>((depth, smaller) =>
    {
        var atom = Conditions.Select(condition => (RuleExpression)new RuleAtom(condition));
        return depth >= 5
            ? atom
            : Gen.OneOf(
                atom,
                smaller.Select(operand => (RuleExpression)new RuleNot(operand)),
                Gen.Select(smaller, smaller).Select(pair => (RuleExpression)new RuleAnd(pair.Item1, pair.Item2)),
                Gen.Select(smaller, smaller).Select(pair => (RuleExpression)new RuleOr(pair.Item1, pair.Item2)));
    });

    [Fact]
    public void It_holds_exactly_when_the_rule_does() => Rules.Sample(rule =>
    {
        ValueList<RouteMatch> matches;
        try
        {
            matches = DisjunctiveForm.Matches(rule, new RoutePrecedence([0]));
        }
        catch (RuleSyntaxException)
        {
            return;
        }

        foreach (var host in Hosts)
        {
            foreach (var path in Paths)
            {
                foreach (var method in Methods)
                {
                    var request = new Request(host, path, method);
                    Assert.Equal(Holds(rule, request), matches.Any(match => Holds(match, request)));
                }
            }
        }
    });

    private static bool Holds(RuleExpression rule, Request request) => rule switch
    {
        RuleNot not => !Holds(not.Operand, request),
        RuleAnd and => Holds(and.Left, request) && Holds(and.Right, request),
        RuleOr or => Holds(or.Left, request) || Holds(or.Right, request),
        RuleAtom atom => Holds(atom.Condition, request),
        _ => throw new InvalidOperationException(),
    };

    private static bool Holds(RouteMatch match, Request request) =>
        Fits(match.Host, request.Host) && Fits(match.Path, request.Path) && match.Conditions.All(condition => Holds(condition, request));

    private static bool Holds(MatchCondition condition, Request request) => condition.Negated != condition switch
    {
        HostCondition host => Fits(host.Host, request.Host),
        PathCondition path => Fits(path.Path, request.Path),
        MethodCondition method => method.Methods.Contains(request.Method),
        _ => throw new InvalidOperationException(),
    };

    private static bool Fits(HostPattern pattern, string host) => pattern.Kind switch
    {
        HostPatternKind.Any => true,
        HostPatternKind.Exact => host == pattern.Value,
        _ => host.EndsWith(pattern.Value, StringComparison.Ordinal) && !host[..^pattern.Value.Length].Contains('.'),
    };

    private static bool Fits(PathPattern pattern, string path) => pattern.Kind switch
    {
        PathPatternKind.Any => true,
        PathPatternKind.Exact => path == pattern.Value,
        _ => path.StartsWith(pattern.Value, StringComparison.Ordinal),
    };

    private sealed record Request(string Host, string Path, string Method);
}
