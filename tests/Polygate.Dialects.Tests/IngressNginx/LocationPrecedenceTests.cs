using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Which location of nginx a request comes to.</summary>
public sealed class LocationPrecedenceTests
{
    [Theory]
    [InlineData("E /foo=a", "/foo", "a /foo")]
    [InlineData("E /foo=a", "/foo/", "404")]
    [InlineData("E /foo=a", "/FOO", "404")]
    [InlineData("P /foo=a", "/foo", "a /foo")]
    [InlineData("P /foo=a", "/foo/", "a /foo/")]
    [InlineData("P /foo=a", "/foo/bar", "a /foo/bar")]
    [InlineData("P /foo=a", "/foobar", "404")]
    [InlineData("P /foo=a", "/FOO", "404")]
    [InlineData("P /aaa=a", "/aaacccc", "404")]
    [InlineData("I /foo=a", "/foo/bar", "a /foo/bar")]
    [InlineData("I /foo=a", "/foobar", "404")]
    [InlineData("P /foo/=a", "/foo/", "a /foo/")]
    [InlineData("P /foo/=a", "/foo/bar", "a /foo/bar")]
    [InlineData("P /foo/=a", "/foo", "301 http://h.test/foo/")]
    [InlineData("P /foo/=a", "/foo?x=y", "301 http://h.test/foo/?x=y")]
    [InlineData("P /foo/=a; P /=b", "/foo", "301 http://h.test/foo/")]
    [InlineData("P /foo/=a; E /foo=b", "/foo", "b /foo")]
    [InlineData("P /foo/=a; P /foo=b", "/foo", "b /foo")]
    [InlineData("E /foo/=a", "/foo", "301 http://h.test/foo/")]
    [InlineData("P /foo=a; E /foo=b", "/foo", "b /foo")]
    [InlineData("P /foo=a; E /foo=b", "/foo/", "a /foo/")]
    [InlineData("P /=a; P /foo=b; P /foo/bar=c", "/foo/bar/baz", "c /foo/bar/baz")]
    [InlineData("P /=a; P /foo=b; P /foo/bar=c", "/foo/baz", "b /foo/baz")]
    [InlineData("P /=a; P /foo=b; P /foo/bar=c", "/food", "a /food")]
    [InlineData("P /=a; E /=b", "/", "b /")]
    [InlineData("P /=a; E /=b", "/x", "a /x")]
    public async Task On_an_ordinary_host_exact_goes_before_the_longest_prefix(string paths, string path, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", Hosted(paths))).AnswerAsync("http://h.test" + path));

    [Theory]
    [InlineData("P /foo=a", "/foo", "a /foo")]
    [InlineData("P /foo=a", "/foobar", "a /foobar")]
    [InlineData("P /foo=a", "/FOO/bar", "a /FOO/bar")]
    [InlineData("P /foo=a", "/x/foo", "404")]
    [InlineData("E /foo=a", "/FOObar", "a /FOObar")]
    [InlineData("I /id/[0-9]+=a", "/id/123a", "a /id/123a")]
    [InlineData("I /id/[0-9]+$=a", "/id/123a", "404")]
    [InlineData("I /id/[0-9]+$=a", "/id/123", "a /id/123")]
    [InlineData("I /foo/bar/[a-z]{3}=a; I /foo/bar/bar=b", "/foo/bar/bar", "a /foo/bar/bar")]
    [InlineData("I /foo/bar/bar=b; I /foo/bar/[a-z]{3}=a", "/foo/bar/bar", "a /foo/bar/bar")]
    [InlineData("I /a.=a; I /ab=b", "/ab", "b /ab")]
    [InlineData("I /a.=a; I /ab=b", "/ac", "a /ac")]
    [InlineData("I /abcdefg.=a; I /abcdefgh=b", "/abcdefgh", "b /abcdefgh")]
    [InlineData("I /aaaa.aaa.=a; I /aaaa.aaab=b", "/aaaaaaaab", "b /aaaaaaaab")]
    [InlineData("I /foo/=a", "/foo", "404")]
    [InlineData("I /=a; I /foo=b", "/x", "a /x")]
    [InlineData("I /(?!admin).*=a", "/admin", "404")]
    [InlineData("I /(?!admin).*=a", "/user", "a /user")]
    public async Task On_a_regex_host_the_longest_text_wins_then_the_last_in_the_alphabet(string paths, string path, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", Hosted(paths), "use-regex: true")).AnswerAsync("http://h.test" + path));

    [Theory]
    [InlineData("use-regex: true")]
    [InlineData("rewrite-target: /other")]
    public async Task One_path_turns_its_host_into_one_of_regular_expressions_across_ingresses(string annotation)
    {
        var requests = Serve(
            Annotated("plain", "h.test P /foo=a; other.test P /foo=b"),
            Annotated("regex", "h.test I /bar=c", annotation));

        Assert.Equal("a /FOObar", await requests.AnswerAsync("http://h.test/FOObar"));
        Assert.Equal("404", await requests.AnswerAsync("http://other.test/FOObar"));
    }

    [Fact]
    public async Task A_split_prefix_takes_its_slash_along_into_the_order_of_regular_expressions()
    {
        // "/foo" becomes "/foo/" and "/foo": the first is longer than "/fo.", the second sorts after it.
        var requests = Serve(
            Annotated("plain", "h.test P /foo=a"),
            Annotated("regex", "h.test I /foo.=b", "use-regex: true"));

        Assert.Equal("a /foo/x", await requests.AnswerAsync("http://h.test/foo/x"));
        Assert.Equal("b /foox", await requests.AnswerAsync("http://h.test/foox"));
        Assert.Equal("a /foo", await requests.AnswerAsync("http://h.test/foo"));
    }

    [Fact]
    public async Task A_target_equal_to_the_path_rewrites_nothing_and_makes_no_regex_host() =>
        Assert.Equal("404", await Serve(Annotated("one", "h.test P /foo=a", "rewrite-target: /foo")).AnswerAsync("http://h.test/foobar"));

    [Fact]
    public async Task A_canary_makes_no_regex_host()
    {
        var requests = Serve(
            Annotated("primary", "h.test P /foo=a"),
            Annotated("canary", "h.test P /foo=b", "canary: true | canary-weight: 0 | use-regex: true"));

        Assert.Equal("404", await requests.AnswerAsync("http://h.test/foobar"));
    }

    [Theory]
    [InlineData("http://h.test/", "b /")]
    [InlineData("http://x.h.test/", "c /")]
    [InlineData("http://x.y.h.test/", "a /")]
    [InlineData("http://other.test/", "a /")]
    [InlineData("http://only.test/elsewhere", "404")]
    public async Task The_most_specific_host_answers_alone(string url, string expected)
    {
        var requests = Serve(Annotated("one", "P /=a; h.test P /=b; *.h.test P /=c; only.test P /path=d"));
        Assert.Equal(expected, await requests.AnswerAsync(url));
    }

    [Theory]
    [InlineData(1, 2, "a /")]
    [InlineData(2, 1, "b /")]
    public async Task Of_equal_claims_the_oldest_wins(int dayOfA, int dayOfB, string expected)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", day: dayOfA), Annotated("two", "h.test P /=b", day: dayOfB));

        Assert.Equal(expected, await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("conflicting-path", Assert.Single(requests.Diagnostics).Code);
    }

    [Fact]
    public async Task The_first_ingress_of_a_host_gives_it_its_default_backend()
    {
        const string toF = "defaultBackend: {service: {name: f, port: {number: 80}}}";
        const string toE = "defaultBackend: {service: {name: e, port: {number: 80}}}";
        var requests = Serve(
            Annotated("first", "h.test P /a=a", day: 1, spec: toF),
            Annotated("second", "h.test P /b=b; i.test P /b=b", day: 2, spec: toE),
            Annotated("everything", "", day: 3, spec: "defaultBackend: {service: {name: d, port: {number: 80}}}"));

        Assert.Equal("f /x", await requests.AnswerAsync("http://h.test/x"));
        Assert.Equal("e /x", await requests.AnswerAsync("http://i.test/x"));
        Assert.Equal("d /x", await requests.AnswerAsync("http://j.test/x"));
    }

    [Theory]
    [InlineData("h.test")]
    [InlineData("h.test I /(foo=a")]
    public async Task A_host_without_a_usable_path_is_not_the_catch_alls(string rule) =>
        Assert.Equal("404", await Serve(Annotated("one", rule + "; P /=b", "use-regex: true")).AnswerAsync("http://h.test/x"));

    [Fact]
    public async Task A_broken_regular_expression_costs_its_path_alone()
    {
        var requests = Serve(Annotated("one", "h.test I /(foo=a; h.test I /bar=b", "use-regex: true"));

        Assert.Equal("404", await requests.AnswerAsync("http://h.test/foo"));
        Assert.Equal("b /bar", await requests.AnswerAsync("http://h.test/bar"));
        Assert.Equal("invalid-regex", Assert.Single(requests.Diagnostics).Code);
    }

    private static string Hosted(string paths) => "h.test " + paths.Replace("; ", "; h.test ", StringComparison.Ordinal);
}
