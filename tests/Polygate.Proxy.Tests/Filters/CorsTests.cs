using Polygate.Model;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Filters;

public sealed class CorsTests
{
    private static readonly CorsFilter Policy = new()
    {
        AllowOrigins = ["https://a.example", "https://*.b.example"],
        AllowOriginPatterns = ["^https://c[0-9]+\\.example$"],
        AllowMethods = ["GET", "PUT"],
        AllowHeaders = ["X-One", "X-Two"],
        ExposeHeaders = ["X-Three"],
        MaxAge = 60,
    };

    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("https://A.example", false)]
    [InlineData("http://a.example", false)]
    [InlineData("https://a.example:8443", false)]
    [InlineData("https://x.b.example", true)]
    [InlineData("https://x.y.b.example", true)]
    [InlineData("https://b.example", false)]
    [InlineData("https://.b.example", false)]
    [InlineData("https://c42.example", true)]
    [InlineData("https://c.example", false)]
    [InlineData("null", false)]
    public async Task An_origin_is_allowed_exactly_by_wildcard_or_by_pattern(string origin, bool allowed)
    {
        var run = await FilterRun.Run(Request("a.test/", "GET", ("Origin", origin)), Policy);

        Assert.Null(run.Reply);
        Assert.Equal(allowed ? origin : null, run.ResponseHeader("access-control-allow-origin"));
        Assert.Equal(allowed ? "X-Three" : null, run.ResponseHeader("access-control-expose-headers"));
        Assert.Equal("Origin", run.ResponseHeader("vary"));
    }

    [Fact]
    public async Task A_preflight_is_answered_with_everything_that_is_allowed()
    {
        var run = await Preflight(Policy, "https://a.example");

        Assert.Equal(204, run.Reply?.Status);
        Assert.Equal("https://a.example", run.ResponseHeader("access-control-allow-origin"));
        Assert.Equal("GET, PUT", run.ResponseHeader("access-control-allow-methods"));
        Assert.Equal("X-One, X-Two", run.ResponseHeader("access-control-allow-headers"));
        Assert.Equal("60", run.ResponseHeader("access-control-max-age"));
        Assert.Null(run.ResponseHeader("access-control-allow-credentials"));
    }

    [Fact]
    public async Task A_preflight_of_a_foreign_origin_is_answered_bare_or_forwarded()
    {
        var answered = await Preflight(Policy, "https://evil.example");
        Assert.Equal(204, answered.Reply?.Status);
        Assert.Null(answered.ResponseHeader("access-control-allow-origin"));
        Assert.Null(answered.ResponseHeader("access-control-allow-methods"));

        Assert.Null((await Preflight(Policy with { AnswerForbiddenPreflight = false }, "https://evil.example")).Reply);
    }

    [Fact]
    public async Task An_OPTIONS_request_that_asks_for_no_method_is_not_a_preflight() =>
        Assert.Null((await FilterRun.Run(Request("a.test/", "OPTIONS", ("Origin", "https://a.example")), Policy)).Reply);

    [Fact]
    public async Task With_credentials_wildcards_become_what_was_asked()
    {
        var policy = new CorsFilter { AllowOrigins = ["*"], AllowMethods = ["*"], AllowHeaders = ["*"], ExposeHeaders = ["*"], AllowCredentials = true };
        var run = await Preflight(policy, "https://any.example");

        Assert.Equal("https://any.example", run.ResponseHeader("access-control-allow-origin"));
        Assert.Equal("true", run.ResponseHeader("access-control-allow-credentials"));
        Assert.Equal("PUT", run.ResponseHeader("access-control-allow-methods"));
        Assert.Equal("x-asked", run.ResponseHeader("access-control-allow-headers"));
        Assert.Null(run.ResponseHeader("access-control-expose-headers"));
    }

    [Fact]
    public async Task Wildcards_stay_literal_without_credentials_or_where_asked()
    {
        var policy = new CorsFilter { AllowOrigins = ["*"], AllowMethods = ["*"] };
        var plain = await Preflight(policy, "https://any.example");
        Assert.Equal("*", plain.ResponseHeader("access-control-allow-origin"));
        Assert.Equal("*", plain.ResponseHeader("access-control-allow-methods"));
        Assert.Null(plain.ResponseHeader("vary"));

        var literal = await Preflight(policy with { AllowCredentials = true, EchoWithCredentials = false }, "https://any.example");
        Assert.Equal("*", literal.ResponseHeader("access-control-allow-origin"));
    }

    [Fact]
    public async Task The_headers_stand_on_refusals_of_later_filters_and_survive_a_filter_that_removes_the_origin()
    {
        var head = Request("a.test/", "GET", ("Origin", "https://a.example"));
        var run = await FilterRun.Run(head, Policy, new RequestHeaderFilter(new HeaderChanges { Remove = ["Origin"] }), new RefuseFilter(401));

        Assert.Equal(401, run.Reply?.Status);
        Assert.Equal("https://a.example", run.ResponseHeader("access-control-allow-origin", ("Access-Control-Allow-Origin", "https://stale.example")));
    }

    [Fact]
    public async Task Vary_is_not_repeated()
    {
        var run = await FilterRun.Run(Request("a.test/"), Policy);

        Assert.Equal("Accept, origin", run.ResponseHeader("vary", ("Vary", "Accept, origin")));
        Assert.Equal("Accept|Origin", run.ResponseHeader("vary", ("Vary", "Accept")));
    }

    [Fact]
    public async Task Every_answer_tells_everything_where_asked_and_every_OPTIONS_is_a_preflight()
    {
        var any = Policy with { AllowOrigins = ["*"], AllowCredentials = true, EchoWithCredentials = false, AnswerForbiddenPreflight = false, TellEveryAnswer = true, EveryOptionsIsPreflight = true };
        var without = await FilterRun.Run(Request("a.test/"), any);
        Assert.Equal("*", without.ResponseHeader("access-control-allow-origin"));
        Assert.Equal("GET, PUT", without.ResponseHeader("access-control-allow-methods"));
        Assert.Equal("60", without.ResponseHeader("access-control-max-age"));
        Assert.Equal(204, (await FilterRun.Run(Request("a.test/", "OPTIONS"), any)).Reply?.Status);

        var listed = any with { AllowOrigins = ["https://a.example"], AllowOriginPatterns = [] };
        Assert.Null((await FilterRun.Run(Request("a.test/"), listed)).ResponseHeader("access-control-allow-origin"));
        Assert.Null((await FilterRun.Run(Request("a.test/", "OPTIONS"), listed)).Reply);
        Assert.Equal(204, (await FilterRun.Run(Request("a.test/", "OPTIONS", ("Origin", "https://a.example")), listed)).Reply?.Status);
        Assert.Equal("X-One, X-Two", (await FilterRun.Run(Request("a.test/", "GET", ("Origin", "https://a.example")), listed)).ResponseHeader("access-control-allow-headers"));
    }

    private static Task<FilterRun> Preflight(CorsFilter policy, string origin) => FilterRun.Run(
        Request("a.test/", "OPTIONS", ("Origin", origin), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-asked")),
        policy);
}
