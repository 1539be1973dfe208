using System.Text;
using Polygate.Dialects.Ambassador;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Ambassador;

/// <summary>Which of several Mappings answers, asked of the engine's own routing table.</summary>
public sealed class AmbassadorPrecedenceTests
{
    private const string Listener = """
        apiVersion: getambassador.io/v3alpha1
        kind: Listener
        metadata: {name: http}
        spec: {port: 80, protocol: HTTP, securityModel: XFP, hostBinding: {namespace: {from: ALL}}}

        """;

    /// <param name="mappings">Mappings in flow YAML (without braces), parted by semicolons, named a, b, c in this order; all are for every host unless they say otherwise.</param>
    /// <param name="request">As <see cref="ServedRequests.RouteOf"/> takes it.</param>
    /// <param name="expected">The Mapping's name; empty for none.</param>
    [Theory]
    // A prefix is text.
    [InlineData("prefix: /foo", "x/foobar", "a")]
    [InlineData("prefix: /foo/", "x/foo", "")]
    [InlineData("prefix: /foo, prefix_exact: true", "x/foo/", "")]
    [InlineData("prefix: /foo, prefix_exact: true", "x/foo", "a")]
    [InlineData("prefix: '/f.*r', prefix_regex: true", "x/foobar", "a")]
    [InlineData("prefix: '/f.*r', prefix_regex: true", "x/foobars", "")]
    [InlineData("prefix: /Foo/, case_sensitive: false", "x/fOO/", "a")]
    [InlineData("prefix: /Foo/", "x/foo/", "")]
    // Precedence before everything, then the length of the prefix's text, whatever kind it is.
    [InlineData("prefix: /;prefix: /foo/", "x/foo/", "b")]
    [InlineData("prefix: /, precedence: 1;prefix: /foo/", "x/foo/", "a")]
    [InlineData("prefix: /, precedence: 1;prefix: /foo/, precedence: 2", "x/foo/", "b")]
    [InlineData("prefix: /, precedence: -1;prefix: /, method: GET, precedence: -2", "x/", "a")]
    [InlineData("prefix: /foo, prefix_exact: true;prefix: '/foo|/other', prefix_regex: true", "x/foo", "b")]
    [InlineData("prefix: '/[a-z]+/', prefix_regex: true;prefix: /foo/", "x/foo/", "a")]
    [InlineData("prefix: '/.*', prefix_regex: true;prefix: /foo/", "x/foo/", "b")]
    // A longer prefix beats a shorter one with many conditions.
    [InlineData("prefix: /foo/bar;prefix: /foo/, headers: {x-a: long-value, x-b: long-value}", "x/foo/bar x-a=long-value x-b=long-value", "a")]
    // Equal prefixes: the longer header conditions, host and method among them.
    [InlineData("prefix: /foo/;prefix: /foo/, headers: {x-a: b}", "x/foo/ x-a=b", "b")]
    [InlineData("prefix: /foo/;prefix: /foo/, headers: {x-a: b}", "x/foo/", "a")]
    [InlineData("prefix: /foo/, headers: {x-a: b};prefix: /foo/, headers: {x-a: b, x-c: d}", "x/foo/ x-a=b x-c=d", "b")]
    [InlineData("prefix: /foo/, headers: {x-a: b};prefix: /foo/, headers: {x-longer: b}", "x/foo/ x-a=b x-longer=b", "b")]
    [InlineData("prefix: /foo/, headers: {x-a: bbb};prefix: /foo/, regex_headers: {x-a: 'b..'}", "x/foo/ x-a=bbb", "b")]
    [InlineData("prefix: /foo/, headers: {x-a: bbbb};prefix: /foo/, regex_headers: {x-a: 'b+'}", "x/foo/ x-a=bbbb", "a")]
    [InlineData("prefix: /foo/, hostname: www.example.com;prefix: /foo/", "www.example.com/foo/", "a")]
    [InlineData("prefix: /foo/, hostname: '*.example.com';prefix: /foo/, hostname: www.example.com", "www.example.com/foo/", "b")]
    [InlineData("prefix: /foo/, hostname: a.io;prefix: /foo/, headers: {x-header-name: value}", "a.io/foo/ x-header-name=value", "b")]
    [InlineData("prefix: /foo/, method: GET;prefix: /foo/", "x/foo/", "a")]
    [InlineData("prefix: /foo/, method: GET;prefix: /foo/", "POST x/foo/", "b")]
    [InlineData("prefix: /foo/, method: PUT;prefix: /foo/, method: 'P.*', method_regex: true", "PUT x/foo/", "b")]
    // Then query conditions, only where the headers are level.
    [InlineData("prefix: /foo/;prefix: /foo/, query_parameters: {q: r}", "x/foo/?q=r", "b")]
    [InlineData("prefix: /foo/, query_parameters: {q: r};prefix: /foo/, query_parameters: {q: r, s: t}", "x/foo/?q=r&s=t", "b")]
    [InlineData("prefix: /foo/, headers: {x: z};prefix: /foo/, query_parameters: {quite-long: value}", "x/foo/?quite-long=value x=z", "a")]
    [InlineData("prefix: /foo/, query_parameters: {q: rr};prefix: /foo/, regex_query_parameters: {q: '.*'}", "x/foo/?q=rr", "b")]
    // Then the texts, descending.
    [InlineData("prefix: '/.*a', prefix_regex: true;prefix: '/.*b', prefix_regex: true;prefix: '/a.*', prefix_regex: true", "x/ab", "c")]
    [InlineData("prefix: '/a.?', prefix_regex: true;prefix: '/.b?', prefix_regex: true", "x/ab", "a")]
    [InlineData("prefix: /foo/, headers: {x-a: b};prefix: /foo/, headers: {x-b: b}", "x/foo/ x-a=b x-b=b", "b")]
    [InlineData("prefix: /foo/, headers: {x-b: b};prefix: /foo/, headers: {x-a: b}", "x/foo/ x-a=b x-b=b", "a")]
    [InlineData("prefix: /foo/, query_parameters: {a: '1'};prefix: /foo/, query_parameters: {b: '1'}", "x/foo/?a=1&b=1", "b")]
    // A condition that does not hold takes a Mapping out, whatever its rank.
    [InlineData("prefix: /foo/, precedence: 9, headers: {x-a: b};prefix: /", "x/foo/", "b")]
    [InlineData("prefix: /foo/, hostname: other.example;prefix: /", "x/foo/", "b")]
    [InlineData("prefix: /foo/, hostname: '*.example.com'", "example.com/foo/", "")]
    [InlineData("prefix: /foo/, host: 'w+\\.example', host_regex: true", "www.example/foo/", "a")]
    [InlineData("prefix: /foo/, host: 'w+\\.example', host_regex: true", "w.example.org/foo/", "")]
    public void The_highest_rank_that_matches_answers(string mappings, string request, string expected) =>
        Assert.Equal(expected, NameOf(Serve(mappings).RouteOf(request)));

    [Fact]
    public void A_group_draws_one_of_its_members_and_what_it_leaves_falls_through()
    {
        var whole = Serve("prefix: /w/, weight: 50;prefix: /w/;prefix: /, precedence: -1");
        var part = Serve("prefix: /w/, weight: 20;prefix: /w/, weight: 30;prefix: /");

        Assert.Equal(["a", "b"], Draws(whole));
        Assert.Equal(["a", "b", "c"], Draws(part));
    }

    [Fact]
    public void A_single_member_takes_everything_whatever_its_weight() =>
        Assert.Equal(["a"], Draws(Serve("prefix: /w/, weight: 1;prefix: /")));

    [Fact]
    public void Mappings_for_different_hosts_do_not_share()
    {
        var requests = Serve("prefix: /w/, weight: 10, hostname: a.example;prefix: /w/, weight: 20, hostname: b.example");

        Assert.Equal("a", NameOf(requests.RouteOf("a.example/w/")));
        Assert.Equal("b", NameOf(requests.RouteOf("b.example/w/")));
    }

    [Theory]
    [InlineData("Route", 80, "m")]
    [InlineData("Reject", 80, "")]
    [InlineData("Redirect", 80, "insecure")]
    public void A_host_says_what_happens_without_tls(string action, int port, string expected)
    {
        var yaml = Listener + $$"""
            ---
            apiVersion: getambassador.io/v3alpha1
            kind: Host
            metadata: {name: h}
            spec: {hostname: a.example, requestPolicy: {insecure: {action: "{{action}}" } } }
            ---
            apiVersion: getambassador.io/v3alpha1
            kind: Mapping
            metadata: {name: m}
            spec: {hostname: '*', prefix: /m/, service: 192.0.2.1}
            """;
        var requests = new ServedRequests(yaml, new AmbassadorDialect());

        var answer = requests.RouteOf("a.example/m/", port);

        Assert.Equal(expected, answer?.EndsWith("/insecure", StringComparison.Ordinal) == true ? "insecure" : NameOf(answer));
        Assert.Null(requests.RouteOf("a.example/other/", port));
        Assert.Null(requests.RouteOf("b.example/m/", port));
    }

    /// <param name="host">A Host's hostname.</param>
    /// <param name="mapping">A Mapping's hostname.</param>
    /// <param name="asked">A host that fits the Mapping where it is attached; empty where it is not.</param>
    [Theory]
    [InlineData("*", "*", "anything")]
    [InlineData("*", "a.example", "a.example")]
    [InlineData("a.example", "*", "a.example")]
    [InlineData("a.example", "a.example", "a.example")]
    [InlineData("a.example", "b.example", "")]
    [InlineData("*.example", "a.example", "a.example")]
    [InlineData("a.example", "*.example", "a.example")]
    [InlineData("example", "*.example", "")]
    [InlineData("*.example", "*.a.example", "b.a.example")]
    [InlineData("*.a.example", "*.example", "b.a.example")]
    [InlineData("*.a.example", "*.b.example", "")]
    [InlineData("a.*", "a.example", "a.example")]
    [InlineData("a.*", "a.b.*", "a.b.example")]
    [InlineData("a.*", "b.*", "")]
    [InlineData("A.Example", "a.eXAMPLE", "a.example")]
    public void A_mapping_belongs_to_a_host_where_their_names_overlap(string host, string mapping, string asked)
    {
        var yaml = Listener + $$"""
            ---
            apiVersion: getambassador.io/v3alpha1
            kind: Host
            metadata: {name: h}
            spec: {hostname: '{{host}}', requestPolicy: {insecure: {action: Route} } }
            ---
            apiVersion: getambassador.io/v3alpha1
            kind: Mapping
            metadata: {name: m}
            spec: {hostname: '{{mapping}}', prefix: /, service: 192.0.2.1}
            """;
        var requests = new ServedRequests(yaml, new AmbassadorDialect());

        Assert.Equal(asked.Length == 0, requests.Diagnostics.Any(diagnostic => diagnostic.Code == "not-attached"));
        if (asked.Length > 0)
        {
            Assert.Equal("m", NameOf(requests.RouteOf(asked + "/")));
        }
    }

    private static ServedRequests Serve(string mappings)
    {
        var yaml = new StringBuilder(Listener);
        foreach (var (mapping, index) in mappings.Split(';').Select((mapping, index) => (mapping, index)))
        {
            var host = mapping.Contains("host", StringComparison.Ordinal) ? "" : "hostname: '*', ";
            yaml.Append($"---\napiVersion: getambassador.io/v3alpha1\nkind: Mapping\nmetadata: {{name: {(char)('a' + index)}}}\nspec: {{{host}service: 192.0.2.{index + 1}, {mapping}}}\n");
        }

        return new ServedRequests(yaml.ToString(), new AmbassadorDialect());
    }

    /// <summary>Who answers in many draws; that one with a share of a tenth or more is never drawn is out of the question.</summary>
    private static IReadOnlyList<string> Draws(ServedRequests requests) =>
        [.. Enumerable.Range(0, 2000).Select(_ => NameOf(requests.RouteOf("x/w/"))).Distinct().Order(StringComparer.Ordinal)];

    private static string NameOf(string? answer) => answer?.Split('/')[2] ?? "";
}
