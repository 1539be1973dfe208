using Polygate.Dialects.IngressNginx;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class AccessTests
{
    private const string HtpasswdSecret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  auth: |\n    # staff\n    ann:$apr1$aaaaaaaa$0123456789012345678901\n    ben:{SSHA}xyz\n";
    private const string MapSecret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {ann: '{SHA}abc', ben: $2y$05$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234}\n";

    [Theory]
    [InlineData("allowlist-source-range: 10.0.0.0/8", "10.1.2.3", "a /")]
    [InlineData("allowlist-source-range: 10.0.0.0/8", "11.1.2.3", "403")]
    [InlineData("whitelist-source-range: 10.0.0.0/8", "11.1.2.3", "403")]
    [InlineData("allowlist-source-range: 10.0.0.7/8, 192.168.1.1", "10.200.0.9", "a /")]
    [InlineData("allowlist-source-range: 10.0.0.7/8, 192.168.1.1", "192.168.1.1", "a /")]
    [InlineData("allowlist-source-range: 10.0.0.7/8, 192.168.1.1", "192.168.1.2", "403")]
    [InlineData("denylist-source-range: 10.0.0.0/8", "10.1.2.3", "403")]
    [InlineData("denylist-source-range: 10.0.0.0/8", "11.1.2.3", "a /")]
    [InlineData("denylist-source-range: 10.1.0.0/16 | allowlist-source-range: 10.0.0.0/8", "10.1.2.3", "403")]
    [InlineData("denylist-source-range: 10.1.0.0/16 | allowlist-source-range: 10.0.0.0/8", "10.2.2.3", "a /")]
    [InlineData("allowlist-source-range: 2001:db8::/32", "2001:db8::1", "a /")]
    public async Task Addresses_pass_by_the_lists(string annotations, string client, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", "h.test P /=a", annotations)).AnswerAsync("http://h.test/", client: client));

    [Theory]
    [InlineData("", HtpasswdSecret, "ann")]
    [InlineData("auth-secret-type: auth-map", MapSecret, "ann ben")]
    public void Users_come_from_the_secret_and_the_credentials_stay_here(string type, string secret, string users)
    {
        var requests = Serve(secret, Annotated("one", "h.test P /=a", $"auth-type: basic | auth-secret: default/s | auth-realm: Staff only | {type}"));

        var filter = Assert.Single(requests.Configuration.Routes.Single().Filters.OfType<BasicAuthenticationFilter>());
        Assert.Equal(users, string.Join(' ', filter.Users));
        Assert.Equal("Staff only", filter.Realm);
        Assert.True(filter.RemoveCredentials);
    }

    [Fact]
    public void A_password_hash_that_is_not_understood_is_reported_without_the_hash()
    {
        var requests = Serve(HtpasswdSecret, Annotated("one", "h.test P /=a", "auth-type: basic | auth-secret: s"));

        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal("unsupported-password-hash", diagnostic.Code);
        Assert.DoesNotContain("xyz", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_without_its_key_answers_503()
    {
        var requests = Serve(MapSecret, Annotated("one", "h.test P /=a", "auth-type: basic | auth-secret: s"));

        Assert.Equal("503", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("invalid-secret", Assert.Single(requests.Diagnostics).Code);
    }

    [Fact]
    public void Every_canary_asks_for_the_password_of_its_primary_and_reports_nothing_twice()
    {
        var requests = Serve(
            HtpasswdSecret,
            Annotated("primary", "h.test P /=a", "auth-type: basic | auth-secret: s"),
            Annotated("canary", "h.test P /=b", "canary: true | canary-weight: 50"));

        Assert.All(requests.Configuration.Routes, route => Assert.Single(route.Filters.OfType<BasicAuthenticationFilter>()));
        Assert.Single(requests.Diagnostics);
    }

    [Theory]
    [InlineData("limit-rps: 2", 11)]
    [InlineData("limit-rps: 2 | limit-burst-multiplier: 1", 3)]
    [InlineData("limit-rpm: 3 | limit-burst-multiplier: 2", 7)]
    public async Task The_rate_is_counted_over_all_paths_of_an_ingress(string annotations, int passing)
    {
        var requests = Serve(Annotated("one", "h.test P /a=a; i.test P /b=b", annotations + " | limit-whitelist: 10.0.0.0/8"));
        for (var i = 0; i < passing; i++)
        {
            Assert.Equal(i % 2 == 0 ? "a /a" : "b /b", await requests.AnswerAsync(i % 2 == 0 ? "http://h.test/a" : "http://i.test/b"));
        }

        // As many again at once: some must be refused, however slow this machine is.
        var answers = new List<string>();
        for (var i = 0; i < 500; i++)
        {
            answers.Add(await requests.AnswerAsync("http://h.test/a"));
        }

        Assert.Contains("503", answers);
        Assert.Equal("a /a", await requests.AnswerAsync("http://h.test/a", client: "10.0.0.1"));
        Assert.Equal("b /b", await requests.AnswerAsync("http://i.test/b", client: "127.0.0.2"));
    }

    [Theory]
    [InlineData("", 1 << 20)]
    [InlineData("proxy-body-size: 8k", 8 << 10)]
    [InlineData("proxy-body-size: 2g", 2L << 30)]
    [InlineData("proxy-body-size: 512", 512)]
    [InlineData("proxy-body-size: 7b", 7)]
    [InlineData("proxy-body-size: 0", 0)]
    public void Bodies_are_limited_to_1m_unless_said_otherwise(string annotations, long expected)
    {
        var filters = Serve(Annotated("one", "h.test P /=a", annotations)).Configuration.Routes.Single().Filters;
        Assert.Equal(expected, filters.OfType<BodyLimitFilter>().SingleOrDefault()?.MaximumBytes ?? 0);
    }

    [Fact]
    public async Task Custom_headers_must_be_among_the_allowed_ones()
    {
        const string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {X-One: '1', X-Two: '2'}\n";
        var allowed = IngressNginxOptions.Default with { AllowedResponseHeaders = ["x-one", "x-two"] };
        var ingress = Annotated("one", "h.test P /=a", "custom-headers: default/m");

        Assert.Equal("a /", await Serve(allowed, map, ingress).AnswerAsync("http://h.test/"));
        Assert.Equal("503", await Serve(allowed with { AllowedResponseHeaders = ["x-one"] }, map, ingress).AnswerAsync("http://h.test/"));
        var changes = Serve(allowed, map, ingress).Configuration.Routes.Single().Filters.OfType<ResponseHeaderFilter>().Last().Changes;
        Assert.Equal([new HeaderValue("X-One", "1"), new HeaderValue("X-Two", "2")], changes.Set);
    }

    [Theory]
    [InlineData("OPTIONS", "https://a.test", "204")]
    [InlineData("OPTIONS", "https://x.b.test:8443", "204")]
    [InlineData("OPTIONS", "https://x.y.b.test:8443", "403")]
    [InlineData("OPTIONS", "https://c.test", "403")]
    [InlineData("GET", "https://a.test", "403")]
    public async Task A_preflight_of_an_allowed_origin_is_answered_before_access_is_checked(string method, string origin, string expected)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", "enable-cors: true | cors-allow-origin: https://a.test, https://*.b.test:8443 | denylist-source-range: 0.0.0.0/0"));
        Assert.Equal(expected, await requests.AnswerAsync(
            "http://h.test/", method, headers: [("Origin", origin), ("Access-Control-Request-Method", "GET")]));
    }
}
