using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Filters;

public sealed class RedirectTests
{
    public static TheoryData<RedirectAction, int, bool, string> Targets => new()
    {
        { new RedirectAction { Host = "b.test" }, 80, false, "http://b.test/x?q=1" },
        { new RedirectAction { Host = "b.test" }, 8080, false, "http://b.test:8080/x?q=1" },
        { new RedirectAction { Host = "b.test" }, 443, true, "https://b.test/x?q=1" },
        { new RedirectAction { Scheme = "https" }, 8080, false, "https://a.test/x?q=1" },
        { new RedirectAction { Scheme = "https", Port = 8443 }, 80, false, "https://a.test:8443/x?q=1" },
        { new RedirectAction { Scheme = "https", Port = 443 }, 80, false, "https://a.test/x?q=1" },
        { new RedirectAction { Port = 80 }, 8080, false, "http://a.test/x?q=1" },
        { new RedirectAction { StripQuery = true }, 80, false, "http://a.test/x" },
        { new RedirectAction { Path = new ReplaceElementPrefix("/x", "/y") }, 80, false, "http://a.test/y?q=1" },
        { new RedirectAction { Location = "https://elsewhere.test/?a=b" }, 80, false, "https://elsewhere.test/?a=b" },
        { new RedirectAction { Path = new ReplaceFullPath("/a\r\nSet-Cookie: x") }, 80, false, "http://a.test/a%0D%0ASet-Cookie:%20x?q=1" },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_redirect_keeps_what_it_does_not_name(RedirectAction action, int port, bool tls, string expected)
    {
        var listener = new ListenerKey(port);
        var route = Route("r") with { Action = action, Bindings = [new RouteBinding(listener, HostPattern.Any, [Match(HostPattern.Any, PathPattern.Any)])] };
        var head = Request("a.test/x?q=1");
        head.IsTls = tls;
        var compiled = RoutingTable.Build(Configuration(route), RoutingTable.Empty, new RuntimeState()).ForListeners([listener]).Match(head)!;

        var response = new ResponseHead();
        var reply = compiled.Answer(head);
        reply.WriteTo(response);

        Assert.Equal(302, reply.Status);
        Assert.True(response.Headers.TryGet("location"u8, out var location));
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(location));
    }

    [Fact]
    public async Task Only_requests_without_TLS_are_redirected_to_TLS()
    {
        var filter = new RedirectToTlsFilter(new RedirectAction { Scheme = "https", Status = 308 });
        var plain = await FilterRun.Run(Request("a.test/x"), filter);
        var secure = Request("a.test/x");
        secure.IsTls = true;

        Assert.Equal(308, plain.Reply?.Status);
        Assert.Equal("https://a.test/x", plain.ResponseHeader("location"));
        Assert.Null((await FilterRun.Run(secure, filter)).Reply);
    }

    [Theory]
    [InlineData("^http://a\\.test/(.*)", "https://b.test/$1", "GET", true, 301, "https://b.test/x?q=1")]
    [InlineData("^http://a\\.test/(.*)", "https://b.test/$1", "POST", true, 308, "https://b.test/x?q=1")]
    [InlineData("/x", "/y", "GET", false, 302, "http://a.test/y?q=1")]
    [InlineData("/x", "/y", "HEAD", false, 307, "http://a.test/y?q=1")]
    public async Task A_regular_expression_over_the_URL_redirects(
        string pattern, string substitution, string method, bool permanent, int status, string location)
    {
        var run = await FilterRun.Run(Request("a.test/x?q=1", method), new RedirectRegexFilter(pattern, substitution, permanent));

        Assert.Equal(status, run.Reply?.Status);
        Assert.Equal(location, run.ResponseHeader("location"));
    }

    [Fact]
    public async Task A_regular_expression_that_changes_nothing_does_not_redirect() =>
        Assert.Null((await FilterRun.Run(Request("a.test/x"), new RedirectRegexFilter("a", "a", Permanent: false))).Reply);
}
