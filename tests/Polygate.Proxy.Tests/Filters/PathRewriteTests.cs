using System.Text;
using Polygate.Model;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Filters;

public sealed class PathRewriteTests
{
    [Theory]
    [InlineData("/foo/bar", "/foo", "/xyz", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo", "/xyz/", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo/", "/xyz", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo/", "/xyz/", "/xyz/bar")]
    [InlineData("/foo", "/foo", "/xyz", "/xyz")]
    [InlineData("/foo/", "/foo", "/xyz", "/xyz/")]
    [InlineData("/foo/bar", "/foo", "", "/bar")]
    [InlineData("/foo/", "/foo", "", "/")]
    [InlineData("/foo", "/foo", "", "/")]
    [InlineData("/foo/", "/foo", "/", "/")]
    [InlineData("/foo", "/foo", "/", "/")]
    [InlineData("/foo", "/", "/xyz", "/xyz/foo")]
    [InlineData("/", "/", "/xyz", "/xyz")]
    [InlineData("/foobar", "/foo", "/xyz", "/foobar")]
    public async Task An_element_prefix_is_replaced_and_joined_with_one_slash(string path, string prefix, string replacement, string expected) =>
        Assert.Equal(expected, await Rewrite(path, new ReplaceElementPrefix(prefix, replacement)));

    [Theory]
    [InlineData("/pre/x", "/new/x")]
    [InlineData("/pre//x", "/new/x")]
    [InlineData("/pre/a%2Fb", "/new/a/b")]
    [InlineData("/pre/a%3Fb%23c", "/new/a%3Fb%23c")]
    [InlineData("/pre/a%252Fb", "/new/a%252Fb")]
    [InlineData("/pre/%FF%C3%BC", "/new/%FF%C3%BC")]
    [InlineData("/PRE/x%20y", "/new/x%20y")]
    [InlineData("/other", "/other")]
    public async Task A_decoded_path_is_rewritten_and_encoded_again(string path, string expected) =>
        Assert.Equal(expected, await Rewrite(path, new RegexRewrite("^/pre/(.*)", "/new/$1") { Decoded = true, WholePath = true, IgnoreCase = true }));

    [Theory]
    [InlineData("/foo/x", 4, "/", "//x")]
    [InlineData("/foobar", 4, "/new", "/newbar")]
    [InlineData("/foo", 4, "", "/")]
    [InlineData("/f", 9, "/new", "/new")]
    public async Task A_text_prefix_is_replaced_as_text(string path, int length, string replacement, string expected) =>
        Assert.Equal(expected, await Rewrite(path, new ReplaceTextPrefix(length, replacement)));

    [Theory]
    [InlineData("/api/x", "/x", "/api")]
    [InlineData("/apix", "/x", "/api")]
    [InlineData("/api", "/", "/api")]
    [InlineData("/v1/x", "/x", "/v1")]
    [InlineData("/other", "/other", null)]
    public async Task The_first_prefix_that_fits_is_stripped_and_told(string path, string expected, string? stripped)
    {
        var run = await FilterRun.Run(
            Request("a.test" + path),
            new RewriteFilter { Path = new StripPrefixes(["/api", "/v1"]) { RecordIn = "X-Forwarded-Prefix" } });

        Assert.Equal(expected, run.Path);
        Assert.Equal(stripped, run.Header("x-forwarded-prefix"));
    }

    // Kong's path handling v0, case by case.
    [Theory]
    [InlineData("/", 0, "/x", "/x")]
    [InlineData("/s", 0, "/x", "/s/x")]
    [InlineData("/s/", 0, "/x", "/s/x")]
    [InlineData("/s", 0, "/", "/s")]
    [InlineData("/s/", 0, "/", "/s/")]
    [InlineData("/api", 3, "/v1/x", "/api/x")]
    [InlineData("/api", 3, "/v1", "/api")]
    [InlineData("/api", 3, "/v1/", "/api/")]
    [InlineData("/api/", 3, "/v1", "/api")]
    [InlineData("/api/", 3, "/v1/", "/api/")]
    [InlineData("/", 3, "/v1", "/")]
    [InlineData("/", 3, "/v1/", "/")]
    [InlineData("/api", 4, "/v1/", "/api/")]
    [InlineData("/api/", 1, "/", "/api/")]
    [InlineData("/api", 1, "/", "/api")]
    [InlineData("/api", 3, "/v1beta", "/api/beta")]
    [InlineData("/api/", 3, "/v1/x", "/api/x")]
    [InlineData("/srv", 4, "/rou../../etc", "/srv/etc")]
    public async Task A_base_path_joins_by_Kongs_rules(string basePath, int strip, string path, string expected) =>
        Assert.Equal(expected, await Rewrite(path, new JoinBasePath(basePath, strip)));

    [Theory]
    [InlineData("/v12/x", "/x")]
    [InlineData("/v1", "/")]
    [InlineData("/w/v1/x", "/w/v1/x")]
    public async Task A_pattern_strips_what_it_finds_at_the_start(string path, string expected) =>
        Assert.Equal(expected, await Rewrite(path, new JoinBasePath("/", StripPattern: "/v\\d+")));

    [Theory]
    [InlineData("^/old/(.*)$", "/new/$1", "/old/a/b", "/new/a/b")]
    [InlineData("^/old/(?<rest>.*)$", "/new/${rest}-${1}", "/old/a", "/new/a-a")]
    [InlineData("o", "0", "/foo", "/f00")]
    [InlineData("/cost", "/$$5", "/cost", "/$5")]
    [InlineData("^/a(b)?", "/[$1]", "/a", "/%5B%5D")]
    [InlineData("^/a", "$x", "/a", "/$x")]
    [InlineData("nothing", "/x", "/foo", "/foo")]
    public async Task A_regular_expression_replaces_what_it_finds(string pattern, string substitution, string path, string expected) =>
        Assert.Equal(expected, await Rewrite(path, new RegexRewrite(pattern, substitution) { All = true }));

    [Fact]
    public async Task Only_the_first_match_or_the_whole_path_is_replaced_where_asked()
    {
        Assert.Equal("/f0o", await Rewrite("/foo", new RegexRewrite("o", "0")));
        Assert.Equal("/bar", await Rewrite("/pre/bar/post", new RegexRewrite("(?<x>ba.)", "/$1") { WholePath = true }));
        Assert.Equal("/b", await Rewrite("/A", new RegexRewrite("a", "b") { IgnoreCase = true }));
    }

    [Fact]
    public async Task Parameters_in_a_regular_expressions_substitution_precede_the_requests()
    {
        var run = await FilterRun.Run(
            Request("a.test/item/7?x=1"),
            new RewriteFilter { Path = new RegexRewrite("^/item/(\\d+)$", "/items?id=$1") { WholePath = true } });

        Assert.Equal("/items", run.Path);
        Assert.Equal("id=7&x=1", Encoding.UTF8.GetString(run.Head.Query));
    }

    [Theory]
    [InlineData("/a b\r\nX-Evil: 1", "/a%20b%0D%0AX-Evil:%201")]
    [InlineData("relative", "/relative")]
    [InlineData("/é%2f%zz?", "/%C3%A9%2f%25zz%3F")]
    public async Task What_may_not_stand_in_a_path_is_escaped(string replacement, string expected) =>
        Assert.Equal(expected, await Rewrite("/x", new ReplaceFullPath(replacement)));

    [Fact]
    public async Task The_original_path_is_recorded_and_the_host_replaced()
    {
        var run = await FilterRun.Run(
            Request("a.test/x?q=1"),
            new RewriteFilter { Path = new AddPrefix("/pre"), Host = "b.test", RecordOriginalPathIn = "X-Replaced-Path" });

        Assert.Equal("/pre/x", run.Path);
        Assert.Equal("/x", run.Header("x-replaced-path"));
        Assert.Equal("b.test", run.Authority);
        Assert.Equal("q=1", Encoding.UTF8.GetString(run.Head.Query));
    }

    private static async Task<string> Rewrite(string path, PathRewrite rewrite) =>
        (await FilterRun.Run(Request("a.test" + path), new RewriteFilter { Path = rewrite })).Path;
}
