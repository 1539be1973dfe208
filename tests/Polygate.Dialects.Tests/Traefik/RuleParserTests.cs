using Polygate.Dialects.Traefik.Rules;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Traefik;

/// <summary>Traefik's rule language: what is a rule, what it becomes, and where an error is.</summary>
public sealed class RuleParserTests
{
    private static readonly RoutePrecedence First = new([0]);

    [Theory]
    [InlineData("Host(`a.example`)", "host a.example")]
    [InlineData("Host(\"A.Example.\")", "host a.example")]
    [InlineData("Host(`*.a.example`)", "host *.a.example")]
    [InlineData("Host(`*`)", "")]
    [InlineData("host(`a`) && PATH(`/x`)", "host a; path =/x")]
    [InlineData("Pathprefix(`/x`)", "path /x*")]
    [InlineData("PathPrefix(`/x`) && Path(`/xy`)", "path =/xy; PathCondition /x*")]
    [InlineData("PathPrefix(`/x`) && PathPrefix(`/xy`)", "path /xy*; PathCondition /x*")]
    [InlineData("HostRegexp(`.+`) && Host(`a`)", "host a; HostCondition ~.+")]
    [InlineData("!Path(`/x`)", "not PathCondition =/x")]
    [InlineData("!Host(`a`) && Host(`b`)", "host b; not HostCondition a")]
    [InlineData("Host(`a`) || Host(`b`)", "host a | host b")]
    [InlineData("Host(`a`) || Host(`a`)", "host a")]
    [InlineData("Host(`a`) || Host(`b`) && Path(`/x`)", "host a | host b; path =/x")]
    [InlineData("(Host(`a`) || Host(`b`)) && Path(`/x`)", "host a; path =/x | host b; path =/x")]
    [InlineData("!(Host(`a`) || Path(`/x`))", "not HostCondition a; not PathCondition =/x")]
    [InlineData("!(Host(`a`) && Path(`/x`))", "not HostCondition a | not PathCondition =/x")]
    [InlineData("!!Host(`a`)", "host a")]
    [InlineData("Host(`*`) || Path(`/x`)", " | path =/x")]
    [InlineData("Method(`get`)", "method GET")]
    [InlineData("Header(`X-A`, `b c`)", "header X-A =b c")]
    [InlineData("HeaderRegexp(`X-A`, `^b`)", "header X-A ~^b")]
    [InlineData("Query(`a`)", "query a =")]
    [InlineData("Query(`a`, `b`)", "query a =b")]
    [InlineData("QueryRegexp(`a`, `b+`)", "query a ~b+")]
    [InlineData("ClientIP(`10.0.0.0/8`)", "peer 10.0.0.0/8")]
    [InlineData("Host(\n`a`,\n)", "host a")]
    [InlineData("Host(`a`) &&\n  Path(`/x`)\n", "host a; path =/x")]
    [InlineData("Path(\"/\\u00e9\\x41\\t\\\\\")", "path =/%C3%A9A%09%5C")]
    [InlineData("PathRegexp(`\\.php$`)", "path ~\\.php$")]
    public void A_rule_becomes_matches(string rule, string expected) => Assert.Equal(expected, Describe(RuleParser.Parse(rule)));

    [Theory]
    [InlineData("Host(`a`, `b`)", "host a | host b")]
    [InlineData("HostHeader(`a`)", "host a")]
    [InlineData("Host(`*.a`)", "host *.a exactly")]
    [InlineData("HostRegexp(`{sub:[a-z]+}.a.example`)", "host ~(?i)^(?:[a-z]+)\\.a\\.example$")]
    [InlineData("HostRegexp(`{sub}.a`)", "host ~(?i)^(?:[^.]+)\\.a$")]
    [InlineData("Path(`/a/{id}/b`)", "path ~^/a/(?:[^/]+)/b$")]
    [InlineData("PathPrefix(`/a/{id:[0-9]{2,3}}`)", "path ~^/a/(?:[0-9]{2,3})")]
    [InlineData("PathPrefix(`/a`, `/b`)", "path /a* | path /b*")]
    [InlineData("Headers(`X-A`, `b`)", "header X-A =b")]
    [InlineData("HeadersRegexp(`X-A`, `b`)", "header X-A ~b")]
    [InlineData("Query(`a=b`, `c=d`)", "query a =b; query c =d")]
    [InlineData("!Method(`GET`, `HEAD`)", "not method GET; not method HEAD")]
    public void The_v2_syntax_has_lists_and_templates(string rule, string expected) =>
        Assert.Equal(expected.Replace(" exactly", "", StringComparison.Ordinal), Describe(RuleParser.Parse(rule, RuleSyntax.V2)));

    [Fact]
    public void A_wildcard_host_of_the_v2_syntax_is_a_plain_name()
    {
        var match = Assert.Single(DisjunctiveForm.Matches(RuleParser.Parse("Host(`*.a`)", RuleSyntax.V2), First));
        Assert.Equal(HostPatternKind.Exact, match.Host.Kind);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Host", 4)]
    [InlineData("Host()", 0)]
    [InlineData("Host(``)", 0)]
    [InlineData("Host('a')", 5)]
    [InlineData("Host(`a`", 8)]
    [InlineData("Host(`a)", 5)]
    [InlineData("Host(\"a\n\")", 5)]
    [InlineData("Host(\"\\q\")", 6)]
    [InlineData("Host(`a`, `b`)", 0)]
    [InlineData("Host(a)", 5)]
    [InlineData("Host(`a`) & Path(`/`)", 10)]
    [InlineData("Host(`a`) &&", 12)]
    [InlineData("Host(`a`) Path(`/`)", 10)]
    [InlineData("Host(`a`)\n&& Path(`/`)", 10)]
    [InlineData("&& Host(`a`)", 0)]
    [InlineData("(Host(`a`)", 10)]
    [InlineData("Host(`a`))", 9)]
    [InlineData("Cookie(`a`)", 0)]
    [InlineData("HOSt(`a`)", 0)]
    [InlineData("Path(`x`)", 0)]
    [InlineData("Host(`é`)", 0)]
    [InlineData("HostRegexp(`(`)", 0)]
    [InlineData("PathRegexp(`(?=x)`)", 0)]
    [InlineData("Header(`a`)", 0)]
    [InlineData("Query(`a`, `b`, `c`)", 0)]
    [InlineData("ClientIP(`a`)", 0)]
    [InlineData("Headers(`a`, `b`)", 0)]
    public void What_is_not_a_rule_is_refused_at_its_place(string rule, int position)
    {
        var exception = Assert.Throws<RuleSyntaxException>(() => RuleParser.Parse(rule));
        Assert.Equal(position, exception.Position);
    }

    [Fact]
    public void A_rule_with_too_many_alternatives_is_refused()
    {
        var pair = "(Host(`a`) || Path(`/x`))";
        var rule = string.Join(" && ", Enumerable.Range(0, 9).Select(i => $"(Query(`{i}`) || Path(`/{i}`))"));
        Assert.Throws<RuleSyntaxException>(() => DisjunctiveForm.Matches(RuleParser.Parse(rule), First));
        Assert.NotEmpty(DisjunctiveForm.Matches(RuleParser.Parse(pair), First));
    }

    [Fact]
    public void A_rule_nested_beyond_reason_is_refused() =>
        Assert.Throws<RuleSyntaxException>(() => RuleParser.Parse(new string('(', 100_000) + "Host(`a`)" + new string(')', 100_000)));

    [Fact]
    public void A_rule_that_never_holds_has_no_matches() =>
        Assert.Empty(DisjunctiveForm.Matches(RuleParser.Parse("!Host(`*`) && Path(`/`)"), First));

    private static string Describe(RuleExpression rule) =>
        string.Join(" | ", DisjunctiveForm.Matches(rule, First).Select(match =>
            string.Join("; ", new[]
            {
                match.Host == HostPattern.Any ? "" : "host " + match.Host,
                match.Path == PathPattern.Any ? "" : "path " + match.Path,
            }.Concat(match.Conditions.Select(Describe)).Where(part => part.Length > 0))));

    private static string Describe(MatchCondition condition) => (condition.Negated ? "not " : "") + condition switch
    {
        HostCondition host => "HostCondition " + host.Host,
        PathCondition path => "PathCondition " + path.Path,
        MethodCondition method => "method " + method.Methods[0],
        HeaderCondition header => $"header {header.Name} {header.Values[0]}",
        QueryCondition query => $"query {query.Name} {query.Values[0]}",
        ClientAddressCondition { PeerOnly: true } client => "peer " + client.Networks[0],
        _ => condition.ToString(),
    };
}
