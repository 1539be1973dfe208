using Polygate.Dialects.IngressNginx;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Each quirk is told of where it has an effect, and goes away in strict mode.</summary>
public sealed class QuirkTests
{
    [Theory]
    [InlineData("host-wide-regex", "h.test P /foo=a", "h.test I /x[0-9]+$=b", "use-regex: true", "http://h.test/FOObar", "a /FOObar", "404")]
    [InlineData("rewrite-implies-regex", "", "h.test P /a.c=b", "rewrite-target: /", "http://h.test/abc", "b /", "404")]
    [InlineData("open-regex", "", "h.test I /id/[0-9]+=b", "use-regex: true", "http://h.test/ID/1/x", "b /ID/1/x", "404")]
    [InlineData("slash-redirect", "", "h.test P /foo/=b", "", "http://h.test/foo", "301 http://h.test/foo/", "b /foo")]
    public async Task Strict_mode_changes_where_requests_go(
        string quirk, string first, string second, string annotations, string url, string expected, string strict)
    {
        var ingresses = new[] { Annotated("two", second, annotations) }.Concat(first.Length > 0 ? [Annotated("one", first)] : []).ToArray();
        var requests = Serve(ingresses);
        Assert.Contains(quirk, requests.Quirks);
        Assert.Equal(expected, await requests.AnswerAsync(url));

        requests = Serve(Strict(quirk), "", ingresses);
        Assert.DoesNotContain(quirk, requests.Quirks);
        Assert.Equal(strict, await requests.AnswerAsync(url));
    }

    [Fact]
    public async Task Strict_mode_keeps_the_slash_of_a_redirect_to_tls()
    {
        var ingress = Annotated("one", "h.test P /=a", "force-ssl-redirect: true");
        Assert.Equal("308 https://h.test/x", await Serve(ingress).AnswerAsync("http://h.test/x/"));
        Assert.Equal("308 https://h.test/x/", await Serve(Strict("tls-redirect-slash"), "", ingress).AnswerAsync("http://h.test/x/"));
    }

    [Fact]
    public void Strict_mode_verifies_backends()
    {
        var ingress = Annotated("one", "h.test P /=a", "backend-protocol: HTTPS");
        Assert.Equal(["unverified-upstream"], Serve(ingress).Quirks);
        Assert.True(TlsOf(Serve(ingress)).SkipVerification);
        var strict = Serve(Strict("unverified-upstream"), "", ingress);
        Assert.Empty(strict.Quirks);
        Assert.Equal((false, "a.default.svc"), (TlsOf(strict).SkipVerification, TlsOf(strict).ServerName));

        static BackendTls TlsOf(Golden.ServedRequests requests) => requests.Configuration.Pieces.Values.Single().Backends.Single().Tls!;
    }

    [Fact]
    public void Strict_mode_answers_429_beyond_a_rate()
    {
        var ingress = Annotated("one", "h.test P /=a", "limit-rpm: 1");
        Assert.Equal(["rate-limit-503"], Serve(ingress).Quirks);
        Assert.Equal(503, Serve(ingress).Configuration.Routes.Single().Filters.OfType<RateLimitFilter>().Single().RejectStatus);
        Assert.Equal(429, Serve(Strict("rate-limit-503"), "", ingress).Configuration.Routes.Single().Filters.OfType<RateLimitFilter>().Single().RejectStatus);
    }

    [Fact]
    public void Strict_mode_gives_no_credentials_to_any_origin()
    {
        var ingress = Annotated("one", "h.test P /=a", "enable-cors: true");
        Assert.Equal(["cors-credentials"], Serve(ingress).Quirks);
        Assert.False(Serve(Strict("cors-credentials"), "", ingress).Configuration.Routes.Single().Filters.OfType<CorsFilter>().Single().AllowCredentials);
        Assert.Empty(Serve(Annotated("one", "h.test P /=a", "enable-cors: true | cors-allow-origin: https://a.test")).Quirks);
    }

    [Fact]
    public async Task Strict_mode_denies_what_is_malformed()
    {
        var ingress = Annotated("one", "h.test P /=a", "proxy-read-timeout: soon");
        Assert.Equal("a /", await Serve(ingress).AnswerAsync("http://h.test/"));
        Assert.Equal("503", await Serve(Strict("silent-default"), "", ingress).AnswerAsync("http://h.test/"));
    }

    [Fact]
    public async Task All_quirks_can_be_turned_off_together()
    {
        var all = IngressNginxOptions.Default with { Strict = NginxQuirks.All.Select(quirk => quirk.Code).ToValueList() };
        var requests = Serve(
            all, "", Annotated("one", "h.test P /foo/=a; h.test E /exact=b"), Annotated("two", "h.test I /x/([0-9]+)=c", "rewrite-target: /y/$1 | enable-cors: true | limit-rps: 5"));
        Assert.Empty(requests.Quirks);
        Assert.Equal("a /foo", await requests.AnswerAsync("http://h.test/foo"));
        Assert.Equal("404", await requests.AnswerAsync("http://h.test/EXACT"));
        Assert.Equal("c /y/7", await requests.AnswerAsync("http://h.test/x/7"));
        Assert.Equal("404", await requests.AnswerAsync("http://h.test/x/7/8"));
    }

    [Fact]
    public void Codes_are_unique_and_found() => Assert.All(NginxQuirks.All, quirk => Assert.Same(quirk, NginxQuirks.Find(quirk.Code)));

    private static IngressNginxOptions Strict(string quirk) => IngressNginxOptions.Default with { Strict = [quirk] };
}
