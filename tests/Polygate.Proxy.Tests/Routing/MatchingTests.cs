using System.Net;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Routing;

public sealed class MatchingTests
{
    [Theory]
    [InlineData("/foo", "/foo", true)]
    [InlineData("/foo", "/foo/", true)]
    [InlineData("/foo", "/foo/x/y", true)]
    [InlineData("/foo", "/foobar", false)]
    [InlineData("/foo/", "/foo", true)]
    [InlineData("/foo/", "/foo/x", true)]
    [InlineData("/foo/", "/foobar", false)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/anything/at/all", true)]
    [InlineData("/", "*", false)]
    [InlineData("/a/b", "/a", false)]
    [InlineData("/a/b", "/a/b//c", true)]
    [InlineData("/Foo", "/foo", false)]
    public void An_element_prefix_ends_at_a_slash(string prefix, string path, bool matches) =>
        Assert.Equal(matches, MatchesPath(PathPattern.ElementPrefix(prefix), path));

    [Theory]
    [InlineData("/foo", "/foo", true)]
    [InlineData("/foo", "/foo/", false)]
    [InlineData("/foo/", "/foo", false)]
    [InlineData("/foo", "/foo/bar", false)]
    [InlineData("/", "/", true)]
    public void An_exact_path_is_the_whole_path(string exact, string path, bool matches) =>
        Assert.Equal(matches, MatchesPath(PathPattern.Exact(exact), path));

    [Theory]
    [InlineData("/foo", "/foobar", true)]
    [InlineData("/foo/", "/foo", false)]
    [InlineData("/", "/x", true)]
    [InlineData("", "*", true)]
    public void A_string_prefix_is_plain_text(string prefix, string path, bool matches) =>
        Assert.Equal(matches, MatchesPath(PathPattern.StringPrefix(prefix), path));

    [Theory]
    [InlineData("/admin", true)]
    [InlineData("//admin", true)]
    [InlineData("/x/..%2Fadmin", true)]
    [InlineData("/x%2F%2E%2E%2Fadmin/y", true)]
    [InlineData("/.%2F/admin//", true)]
    [InlineData("/%2e%2e%2F%2e%2e/admin", true)]
    [InlineData("/admin%2F..%2Fx", false)]
    [InlineData("/admin%2Fx/%2E.", true)]
    [InlineData("/%61dmin", true)]
    [InlineData("/%2561dmin", false)]
    [InlineData("/x/admin", false)]
    [InlineData("/admins", false)]
    [InlineData("/%", false)]
    public void A_decoded_path_is_compared_as_nginx_does(string path, bool matches)
    {
        Assert.Equal(matches, MatchesPath(PathPattern.ElementPrefix("/admin") with { Decoded = true }, path));
        Assert.Equal(matches, MatchesPath(PathPattern.Regex("^/admin(/|$)") with { Decoded = true }, path));
        var many = Enumerable.Range(0, 20).Select(i => Route($"r{i}", Match(HostPattern.Any, PathPattern.Exact($"/r{i}") with { Decoded = true })));
        var table = Table([.. many, Route("admin", Match(HostPattern.Any, PathPattern.ElementPrefix("/admin") with { Decoded = true }))]);
        Assert.Equal(matches ? "admin" : null, table.Answer("a.test" + path));
        Assert.Equal(matches, table.Explain(Request("a.test" + path), 0).Winner is not null);
    }

    [Fact]
    public void Case_is_ignored_only_where_asked()
    {
        var table = Table(
            Route("exact", Match(HostPattern.Any, PathPattern.Exact("/Exact", ignoreCase: true))),
            Route("prefix", Match(HostPattern.Any, PathPattern.StringPrefix("/Pre", ignoreCase: true))),
            Route("strict", Match(HostPattern.Any, PathPattern.Exact("/Strict"))));

        Assert.Equal("exact", table.Answer("a.test/eXACT"));
        Assert.Equal("prefix", table.Answer("a.test/PREfix"));
        Assert.Equal("strict", table.Answer("a.test/Strict"));
        Assert.Null(table.Answer("a.test/strict"));
    }

    [Theory]
    [InlineData("second.test", "second.test", "second")]
    [InlineData("second.test", "unknown.test", "421")]
    [InlineData("second.test", "deep.wild.test", "421")]
    [InlineData("unknown.test", "unknown.test", "any")]
    [InlineData("unknown.test", "other.test", "any")]
    [InlineData("unknown.test", "second.test", "421")]
    [InlineData("a.wild.test", "b.wild.test", "wild")]
    [InlineData("a.wild.test", "own.wild.test", "421")]
    [InlineData("own.wild.test", "a.wild.test", "421")]
    [InlineData("", "second.test", "second")]
    public void A_scope_that_follows_the_server_name_refuses_hosts_of_another_virtual_host(string serverName, string host, string expected)
    {
        var all = Match(HostPattern.Any, PathPattern.Any);
        var table = Following(
            Route("any", "s", HostPattern.Any, all),
            Route("second", "s", HostPattern.Exact("second.test"), all),
            Route("wild", "s", HostPattern.Suffix(".wild.test"), all),
            Route("own", "s", HostPattern.Exact("own.wild.test"), all));

        Assert.Equal(expected, AnswerTls(table, serverName, host));
    }

    [Fact]
    public void A_host_that_no_virtual_host_has_is_not_misdirected()
    {
        var all = Match(HostPattern.Any, PathPattern.Any);
        var table = Following(Route("a", "s", HostPattern.Exact("a.test"), all), Route("b", "s", HostPattern.Exact("b.test"), all));

        Assert.Equal("404", AnswerTls(table, "a.test", "c.test"));
        Assert.Equal("421", AnswerTls(table, "a.test", "b.test"));
    }

    [Fact]
    public void A_scope_that_does_not_follow_the_server_name_takes_every_host()
    {
        var all = Match(HostPattern.Any, PathPattern.Any);
        var table = Table(Route("a", "s", HostPattern.Exact("a.test"), all), Route("b", "s", HostPattern.Exact("b.test"), all));

        Assert.Equal("b", AnswerTls(table, "a.test", "b.test"));
    }

    [Theory]
    [InlineData("a.example.com", "exact")]
    [InlineData("b.example.com", "single")]
    [InlineData("c.b.example.com", "suffix")]
    [InlineData("c.b.a.example.com", "suffix")]
    [InlineData("example.com", "any")]
    [InlineData("x.test", "prefix")]
    [InlineData("num42.org", "regex")]
    [InlineData("other.org", "any")]
    [InlineData("", "any")]
    public void The_most_specific_virtual_host_answers_alone(string host, string expected)
    {
        var all = Match(HostPattern.Any, PathPattern.Any);
        var table = Table(
            Route("exact", "s", HostPattern.Exact("a.example.com"), all),
            Route("single", "s", HostPattern.SingleLabelSuffix(".example.com"), all),
            Route("suffix", "s", HostPattern.Suffix(".example.com"), all),
            Route("prefix", "s", HostPattern.Prefix("x."), all),
            Route("regex", "s", HostPattern.Regex("^num[0-9]+\\."), all),
            Route("any", "s", HostPattern.Any, all));

        Assert.Equal(expected, table.Answer(host + "/"));
    }

    [Fact]
    public void A_virtual_host_without_a_fitting_route_hides_the_less_specific_ones_of_its_scope_only()
    {
        var own = Route("own", "s", HostPattern.Exact("a.test"), Match(HostPattern.Any, PathPattern.Exact("/only")));
        var any = Route("any", "s", HostPattern.Any, Match(HostPattern.Any, PathPattern.Any));
        var other = Route("other", "t", HostPattern.Any, Match(HostPattern.Any, PathPattern.Any));

        Assert.Null(Table(own, any).Answer("a.test/x"));
        Assert.Equal("other", Table(own, any, other).Answer("a.test/x"));
    }

    [Fact]
    public void A_claim_without_routes_leaves_the_host_unanswered_by_its_scope()
    {
        var configuration = Configuration(Route("any", "s", HostPattern.Any, Match(HostPattern.Any, PathPattern.Any)));
        var claim = new VirtualHost("s", Web, HostPattern.Exact("a.test"), new Origin("test", "Gateway", "default", "gateway"));
        configuration = configuration with { Pieces = configuration.Pieces.Add("claim", new ConfigurationPiece("claim") { VirtualHosts = [claim] }) };

        Assert.Null(Table(configuration).Answer("a.test/"));
        Assert.Equal("any", Table(configuration).Answer("b.test/"));
    }

    [Fact]
    public void The_smallest_precedence_wins_whatever_the_kind_of_host_or_path()
    {
        var table = Table(
            Route("exact", Match(HostPattern.Exact("a.test"), PathPattern.Exact("/foo/bar"), 3)),
            Route("prefix", Match(HostPattern.Exact("a.test"), PathPattern.ElementPrefix("/foo"), 2)),
            Route("regex", Match(HostPattern.Any, PathPattern.Regex("^/foo"), 1)));

        Assert.Equal("regex", table.Answer("a.test/foo/bar"));
    }

    [Fact]
    public void Between_scopes_host_then_path_then_age_then_name_decide()
    {
        var any = Route("any", "s1", HostPattern.Any, Match(HostPattern.Any, PathPattern.Exact("/foo")));
        var host = Route("host", "s2", HostPattern.Any, Match(HostPattern.Exact("a.test"), PathPattern.ElementPrefix("/")));
        Assert.Equal("host", Table(any, host).Answer("a.test/foo"));

        var shorter = Route("shorter", "s1", HostPattern.Any, Match(HostPattern.Any, PathPattern.StringPrefix("/fo")));
        var longer = Route("longer", "s2", HostPattern.Any, Match(HostPattern.Any, PathPattern.ElementPrefix("/foo")));
        var pattern = Route("pattern", "s3", HostPattern.Any, Match(HostPattern.Any, PathPattern.Regex("^/f.*")));
        Assert.Equal("longer", Table(shorter, longer, pattern).Answer("a.test/foo"));

        var young = Route("young", "s1", HostPattern.Any, Match(HostPattern.Any, PathPattern.ElementPrefix("/"))) with { Created = 20 };
        var old = Route("old", "s2", HostPattern.Any, Match(HostPattern.Any, PathPattern.StringPrefix("/"))) with { Created = 10 };
        var unknown = Route("a-unknown", "s3", HostPattern.Any, Match(HostPattern.Any, PathPattern.Any));
        Assert.Equal("old", Table(young, old, unknown).Answer("a.test/foo"));

        var b = Route("b", "s1", HostPattern.Any, Match(HostPattern.Any, PathPattern.Any));
        Assert.Equal("a-unknown", Table(b, unknown).Answer("a.test/foo"));
    }

    [Fact]
    public void A_route_knows_the_listener_it_was_matched_on_when_several_share_a_socket()
    {
        var match = Match(HostPattern.Any, PathPattern.Any);
        var route = Route("r") with
        {
            Bindings =
            [
                new RouteBinding(new ListenerKey(80), HostPattern.Exact("a.test"), [match]),
                new RouteBinding(new ListenerKey(8080), HostPattern.Exact("b.test"), [match]),
            ],
        };
        var table = RoutingTable.Build(Configuration(route), RoutingTable.Empty, new RuntimeState());
        var both = table.ForListeners([new ListenerKey(80), new ListenerKey(8080)]);

        Assert.Equal(80, both.Match(Request("a.test/"))!.Listener.Port);
        Assert.Equal(8080, both.Match(Request("b.test/"))!.Listener.Port);
        Assert.Null(table.ForListeners([new ListenerKey(8080)]).Match(Request("a.test/")));
    }

    [Fact]
    public void An_invalid_pattern_never_matches_and_is_listed()
    {
        var broken = Route("broken", Match(HostPattern.Any, PathPattern.Regex("("), -1));
        var negated = Route("negated", Match(HostPattern.Any, PathPattern.Any, -1, new HeaderCondition("X", [TextPattern.Regex("[")]) { Negated = true }));
        var good = Route("good", Match(HostPattern.Any, PathPattern.Any));
        var table = RoutingTable.Build(Configuration(broken, negated, good), RoutingTable.Empty, new RuntimeState());

        Assert.Equal("good", table.ForListeners([Web]).Answer("a.test/("));
        Assert.Equal(["broken", "negated"], table.Problems.Select(problem => problem.Origin.Name).Order());
    }

    [Fact]
    public void A_pattern_that_must_backtrack_works_and_one_that_runs_away_does_not_match()
    {
        var table = Table(
            Route("lookahead", Match(HostPattern.Any, PathPattern.Regex("^/a(?!b)"))),
            Route("runaway", Match(HostPattern.Any, PathPattern.Regex("^/(x+x+)+\\1y"), 1)),
            Route("rest", Match(HostPattern.Any, PathPattern.Any, 2)));

        Assert.Equal("lookahead", table.Answer("a.test/ac"));
        Assert.Equal("rest", table.Answer("a.test/ab"));
        Assert.Equal("rest", table.Answer("a.test/" + new string('x', 60)));
    }

    private static bool MatchesPath(PathPattern pattern, string path)
    {
        var head = Request("a.test/");
        head.SetPath(System.Text.Encoding.UTF8.GetBytes(path));
        return Table(Route("r", Match(HostPattern.Any, pattern))).Match(head) is not null;
    }

    private static SocketRoutes Following(params Route[] routes)
    {
        var configuration = Configuration(routes);
        var claims = new ConfigurationPiece("claims")
        {
            VirtualHosts = routes.Select(route => new VirtualHost(route.Scope, Web, route.Bindings[0].VirtualHost, route.Origin) { FollowsServerName = true }).ToValueList(),
        };
        return Table(configuration with { Pieces = configuration.Pieces.Add(claims.Id, claims) });
    }

    private static string AnswerTls(SocketRoutes table, string serverName, string host)
    {
        var head = Request(host + "/");
        head.Client = new ClientConnection(IPAddress.Loopback, 443, IsTls: true, serverName);
        return table.Match(head)?.Route.Id ?? (table.IsMisdirected(head) ? "421" : "404");
    }
}
