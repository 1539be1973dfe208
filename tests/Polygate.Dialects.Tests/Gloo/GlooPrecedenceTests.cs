using System.Text;
using Polygate.Dialects.Gloo;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Gloo;

/// <summary>Which of several routes answers, asked of the engine's own routing table.</summary>
public sealed class GlooPrecedenceTests
{
    /// <param name="routes">The matchers of each route, in flow YAML; routes are parted by semicolons, a route's matchers by ampersands.</param>
    /// <param name="request">As <see cref="ServedRequests.RouteOf"/> takes it.</param>
    /// <param name="expected">The route's place and its matcher's; empty for no route.</param>
    [Theory]
    // A prefix is text, and the list decides: nothing is sorted by how specific it is.
    [InlineData("{prefix: /foo}", "x/foobar", "0.0")]
    [InlineData("{prefix: /foo}", "x/foo", "0.0")]
    [InlineData("{prefix: /foo}", "x/fo", "")]
    [InlineData("{prefix: /foo/}", "x/foo", "")]
    [InlineData("{prefix: /};{exact: /a}", "x/a", "0.0")]
    [InlineData("{exact: /a};{prefix: /}", "x/a", "0.0")]
    [InlineData("{exact: /a};{prefix: /}", "x/a/", "1.0")]
    [InlineData("{prefix: /a};{prefix: /a/b}", "x/a/b", "0.0")]
    [InlineData("{prefix: /a/b};{prefix: /a}", "x/a/c", "1.0")]
    [InlineData("{regex: '/.*'};{exact: /a}", "x/a", "0.0")]
    [InlineData("{prefix: /b}&{exact: /a};{prefix: /a}", "x/a", "0.1")]
    [InlineData("{prefix: /a, methods: [GET]};{prefix: /a}", "POST x/a", "1.0")]
    // A regular expression fits the whole path, without the query.
    [InlineData("{regex: /a}", "x/ab", "")]
    [InlineData("{regex: '/a[0-9]'}", "x/a1", "0.0")]
    [InlineData("{regex: '/a|/b'}", "x/b", "0.0")]
    [InlineData("{regex: '/a|/b'}", "x/ab", "")]
    [InlineData("{regex: '/a'}", "x/a?b=c", "0.0")]
    [InlineData("{regex: '/[[:digit:]]+'}", "x/42", "0.0")]
    // Letters count unless they are said not to.
    [InlineData("{prefix: /Foo}", "x/foo", "")]
    [InlineData("{prefix: /Foo, caseSensitive: false}", "x/foO", "0.0")]
    [InlineData("{exact: /Foo, caseSensitive: false}", "x/FOO", "0.0")]
    // Methods are words, any of them.
    [InlineData("{prefix: /, methods: [GET, PUT]}", "PUT x/", "0.0")]
    [InlineData("{prefix: /, methods: [GET, PUT]}", "POST x/", "")]
    [InlineData("{prefix: /, methods: [get]}", "GET x/", "")]
    // Headers: a value, presence, a whole-value expression; inversion takes absent ones too.
    [InlineData("{prefix: /, headers: [{name: x-a, value: b}]}", "x/ X-A=b", "0.0")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: b}]}", "x/ x-a=bb", "")]
    [InlineData("{prefix: /, headers: [{name: x-a}]}", "x/ x-a=anything", "0.0")]
    [InlineData("{prefix: /, headers: [{name: x-a}]}", "x/", "")]
    [InlineData("{prefix: /, headers: [{name: x-a, regex: true}]}", "x/ x-a=anything", "0.0")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: 'b+', regex: true}]}", "x/ x-a=bbb", "0.0")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: 'b+', regex: true}]}", "x/ x-a=abb", "")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: b, invertMatch: true}]}", "x/", "0.0")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: b, invertMatch: true}]}", "x/ x-a=b", "")]
    [InlineData("{prefix: /, headers: [{name: x-a, invertMatch: true}]}", "x/ x-a=b", "")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: 'b,c'}]}", "x/ x-a=b x-a=c", "0.0")]
    [InlineData("{prefix: /, headers: [{name: x-a, value: a}, {name: x-b, value: b}]}", "x/ x-a=a", "")]
    [InlineData("{prefix: /, headers: [{name: ':authority', value: x}]};{prefix: /}", "y/", "1.0")]
    [InlineData("{prefix: /, headers: [{name: ':method', value: PUT}]};{prefix: /}", "PUT x/", "0.0")]
    // Query parameters: the same, without inversion.
    [InlineData("{prefix: /, queryParameters: [{name: q, value: a}]}", "x/?q=a", "0.0")]
    [InlineData("{prefix: /, queryParameters: [{name: q, value: a}]}", "x/?q=b", "")]
    [InlineData("{prefix: /, queryParameters: [{name: q}]}", "x/?q=", "0.0")]
    [InlineData("{prefix: /, queryParameters: [{name: q}]}", "x/?r=1", "")]
    [InlineData("{prefix: /, queryParameters: [{name: q, value: '[0-9]+', regex: true}]}", "x/?q=12", "0.0")]
    [InlineData("{prefix: /, queryParameters: [{name: q, value: '[0-9]+', regex: true}]}", "x/?q=1a", "")]
    public void The_first_route_of_the_list_that_matches_answers(string routes, string request, string expected)
    {
        var yaml = new StringBuilder("apiVersion: gateway.solo.io/v1\nkind: VirtualService\nmetadata: {name: vs}\nspec:\n  virtualHost:\n    routes:\n");
        foreach (var route in routes.Split(';'))
        {
            yaml.Append($"    - {{matchers: [{route.Replace('&', ',')}], directResponseAction: {{status: 200}}}}\n");
        }

        var answer = new ServedRequests(yaml.ToString(), new GlooDialect()).RouteOf(request, 8080);

        Assert.Equal(expected, Place(answer));
    }

    /// <param name="domains">Each virtual service's domains, parted by semicolons.</param>
    /// <param name="host">The host asked for.</param>
    /// <param name="expected">The place of the virtual service; empty for none.</param>
    [Theory]
    [InlineData("a.example;*.example;*", "a.example", "0")]
    [InlineData("a.example;*.example;*", "b.example", "1")]
    [InlineData("a.example;*.example;*", "b.c.example", "1")]
    [InlineData("a.example;*.example;*", "example", "2")]
    [InlineData("*.example;*.a.example", "x.a.example", "1")]
    [InlineData("*.example;*.a.example", "a.example", "0")]
    [InlineData("a.*;*.example", "a.example", "1")]
    [InlineData("a.*;a.b.*", "a.b.c", "1")]
    [InlineData("a.*;*", "a.com", "0")]
    [InlineData("a.*;*", "b.com", "1")]
    [InlineData("a.example;b.example", "c.example", "")]
    [InlineData("A.Example", "a.example", "0")]
    [InlineData("a.example, b.example;c.example", "b.example", "0")]
    public void The_most_specific_domain_decides(string domains, string host, string expected)
    {
        var yaml = string.Join("---\n", domains.Split(';').Select((list, index) =>
            $"apiVersion: gateway.solo.io/v1\nkind: VirtualService\nmetadata: {{name: v{index}}}\nspec:\n  virtualHost:\n"
            + $"    domains: [{string.Join(", ", list.Split(", ").Select(domain => $"'{domain}'"))}]\n    routes: [{{directResponseAction: {{status: 200}}}}]\n"));

        var answer = new ServedRequests(yaml, new GlooDialect()).RouteOf(host + "/", 8080);

        Assert.Equal(expected, answer?.Split('/')[^2][1..] ?? "");
    }

    [Fact]
    public void A_domain_without_a_matching_route_is_not_answered_by_a_less_specific_one()
    {
        const string yaml = """
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: {name: one}
            spec: {virtualHost: {domains: [a.example], routes: [{matchers: [{prefix: /a}], directResponseAction: {status: 200}}]}}
            ---
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: {name: every}
            spec: {virtualHost: {routes: [{directResponseAction: {status: 200}}]}}
            """;
        var requests = new ServedRequests(yaml, new GlooDialect());

        Assert.Null(requests.RouteOf("a.example/b", 8080));
        Assert.NotNull(requests.RouteOf("b.example/b", 8080));
    }

    /// <param name="tables">Tables, parted by semicolons: a weight, a colon, matchers parted by bars.</param>
    /// <param name="request">As <see cref="ServedRequests.RouteOf"/> takes it.</param>
    /// <param name="expected">The table's place and its route's.</param>
    [Theory]
    // One table of its weight keeps its list.
    [InlineData("0:{prefix: /s}|{exact: /s/a}", "x/s/a", "t0/0")]
    [InlineData("0:{prefix: /s};1:{exact: /s/a}", "x/s/a", "t0/0")]
    [InlineData("1:{prefix: /s};0:{exact: /s/a}", "x/s/a", "t1/0")]
    [InlineData("0:{prefix: /s};-1:{prefix: /s/a}", "x/s/a", "t1/0")]
    // Several of one weight are sorted together: methods, kind, then text descending.
    [InlineData("0:{prefix: /s};0:{exact: /s/a}", "x/s/a", "t1/0")]
    [InlineData("0:{prefix: /s/a};0:{regex: '/s/.*'}", "x/s/a", "t1/0")]
    [InlineData("0:{regex: '/s/.*'};0:{exact: /s/a}", "x/s/a", "t1/0")]
    [InlineData("0:{prefix: /s/foo};0:{prefix: /s/foo/bar}", "x/s/foo/bar", "t1/0")]
    [InlineData("0:{prefix: /s/foo/c/1/long};0:{prefix: /s/foo/c}", "x/s/foo/c/1/long", "t0/0")]
    [InlineData("0:{prefix: /s/foo/c/1};0:{prefix: /s}|{prefix: /s/foo}", "x/s/foo/c/2", "t1/1")]
    [InlineData("0:{exact: /s/a};0:{prefix: /s, methods: [GET]}", "x/s/a", "t1/0")]
    [InlineData("0:{prefix: /s, methods: [GET]};0:{prefix: /s, methods: [GET, PUT]}", "x/s/a", "t1/0")]
    [InlineData("0:{prefix: /s, methods: [PUT, POST]};0:{prefix: /s, methods: [GET]}", "x/s/a", "t1/0")]
    [InlineData("0:{prefix: /s}|{prefix: /s/a};0:{prefix: /s/b}", "x/s/a", "t0/1")]
    // Equal ones stay in the order of the tables' names.
    [InlineData("0:{prefix: /s/a};0:{prefix: /s/a}", "x/s/a", "t0/0")]
    // What lies outside of the parent's prefix is not served.
    [InlineData("0:{prefix: /other}|{prefix: /s/a}", "x/other", "")]
    [InlineData("0:{prefix: /sibling}", "x/sibling", "t0/0")]
    public void Selected_tables_come_by_weight_and_are_sorted_within_one(string tables, string request, string expected)
    {
        var yaml = new StringBuilder("""
            apiVersion: gateway.solo.io/v1
            kind: VirtualService
            metadata: {name: vs}
            spec: {virtualHost: {routes: [{matchers: [{prefix: /s}], delegateAction: {selector: {labels: {t: "1"}}}}]}}

            """);
        foreach (var (table, index) in tables.Split(';').Select((table, index) => (table, index)))
        {
            var colon = table.IndexOf(':');
            yaml.Append($"---\napiVersion: gateway.solo.io/v1\nkind: RouteTable\nmetadata: {{name: t{index}, labels: {{t: \"1\"}}}}\nspec:\n  weight: {table[..colon]}\n  routes:\n");
            foreach (var matcher in table[(colon + 1)..].Split('|'))
            {
                yaml.Append($"  - {{matchers: [{matcher}], directResponseAction: {{status: 200}}}}\n");
            }
        }

        var answer = new ServedRequests(yaml.ToString(), new GlooDialect()).RouteOf(request, 8080);

        Assert.Equal(expected, answer is null ? "" : answer.Split('/')[^2] + "/" + answer.Split('/')[^1].Split('.')[0]);
    }

    private static string Place(string? answer) => answer?.Split('/')[^1] ?? "";
}
