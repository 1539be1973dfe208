using System.Text;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class RewritingTests
{
    [Theory]
    [InlineData("/pre(/|$)(.*)", "/backend/$2", "/pre/x/y", "a /backend/x/y")]
    [InlineData("/pre(/|$)(.*)", "/backend/$2", "/pre", "a /backend/")]
    [InlineData("/pre(/|$)(.*)", "/$2", "/PRE/x", "a /x")]
    [InlineData("/foo/bar/(.+)", "/new/backend/$1", "/foo/bar/baz", "a /new/backend/baz")]
    [InlineData("/(.*)/end", "/$1", "/a/b/end", "a /a/b")]
    [InlineData("/something", "/", "/something/else", "a /")]
    [InlineData("/x(.*)", "/$1$2", "/xyz", "a /yz")]
    [InlineData("/x(.*)", "/$10", "/xyz", "a /yz0")]
    [InlineData("/x(.*)", "/a-$1", "/xyz?q=1", "a /a-yz")]
    public async Task A_target_replaces_the_whole_path(string path, string target, string request, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", $"h.test I {path}=a", "use-regex: true | rewrite-target: " + target)).AnswerAsync("http://h.test" + request));

    [Theory]
    [InlineData("app")]
    [InlineData("/$host/x")]
    [InlineData("/a;return 200")]
    [InlineData("/a\"b")]
    [InlineData("/a{b}")]
    [InlineData("https://other.test/$1")]
    public async Task A_target_that_is_no_path_is_ignored_with_a_warning(string target)
    {
        var requests = Serve(Annotated("one", "h.test I /x(.*)=a", "use-regex: true | rewrite-target: " + target));

        Assert.Equal("a /xyz", await requests.AnswerAsync("http://h.test/xyz"));
        Assert.Equal("invalid-annotation", Assert.Single(requests.Diagnostics).Code);
    }

    [Theory]
    [InlineData("upstream-vhost: internal.test", "internal.test", null)]
    [InlineData("upstream-vhost: $host", "h.test", null)]
    [InlineData("rewrite-target: /y | x-forwarded-prefix: /x", "h.test", "/x")]
    [InlineData("x-forwarded-prefix: /x", "h.test", null)]
    public async Task The_backend_sees_the_host_and_prefix_that_annotations_say(string annotations, string host, string? prefix)
    {
        var requests = Serve(Annotated("one", "h.test P /x=a", annotations));
        await requests.AnswerAsync("http://h.test/x");

        Assert.Equal(host, Encoding.UTF8.GetString(requests.Forwarded.Authority));
        Assert.Equal(prefix, requests.Forwarded.Headers.TryGet("x-forwarded-prefix"u8, out var value) ? Encoding.UTF8.GetString(value) : null);
        Assert.Empty(requests.Diagnostics);
    }

    [Theory]
    [InlineData("http://h.test/", "302 http://h.test/foo")]
    [InlineData("http://h.test/?a=b", "302 http://h.test/foo")]
    [InlineData("http://h.test/x", "a /x")]
    public async Task The_root_is_redirected_to_the_app_root(string url, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", "h.test P /=a", "app-root: /foo")).AnswerAsync(url));

    [Theory]
    [InlineData("http://alias.test/x", "a /x")]
    [InlineData("http://shop-7.test/x", "a /x")]
    [InlineData("http://real.test/x", "b /x")]
    [InlineData("http://h.test/other", "b /other")]
    [InlineData("http://alias.test/other", "b /other")]
    public async Task An_alias_serves_the_whole_host_unless_it_is_a_host_itself(string url, string expected)
    {
        var requests = Serve(
            Annotated("one", "h.test P /x=a", @"server-alias: alias.test, ~^shop-\d+\.test$, real.test"),
            Annotated("two", "h.test P /other=b; real.test P /=b"));
        Assert.Equal(expected, await requests.AnswerAsync(url));
    }
}
