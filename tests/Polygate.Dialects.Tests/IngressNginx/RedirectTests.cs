using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class RedirectTests
{
    private const string Tls = "tls: [{hosts: [h.test], secretName: missing}]";

    [Theory]
    [InlineData("permanent-redirect: https://new.test/there", "301 https://new.test/there")]
    [InlineData("permanent-redirect: https://new.test | permanent-redirect-code: 308", "308 https://new.test")]
    [InlineData("permanent-redirect: https://new.test | permanent-redirect-code: 808", "301 https://new.test")]
    [InlineData("permanent-redirect: https://new.test$request_uri", "301 https://new.test/x?y=z")]
    [InlineData("permanent-redirect: https://new.test:8443/app$request_uri", "301 https://new.test:8443/app/x?y=z")]
    [InlineData("temporal-redirect: https://new.test/", "302 https://new.test/")]
    [InlineData("temporal-redirect: https://new.test/ | temporal-redirect-code: 307", "307 https://new.test/")]
    [InlineData("temporal-redirect: https://new.test/ | temporal-redirect-code: 308", "302 https://new.test/")]
    [InlineData("temporal-redirect: https://t.test/ | permanent-redirect: https://p.test/", "302 https://t.test/")]
    public async Task A_redirect_answers_in_place_of_the_backend(string annotations, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", "h.test P /=a", annotations)).AnswerAsync("http://h.test/x?y=z"));

    [Theory]
    [InlineData("", "http://h.test/", "308 https://h.test")]
    [InlineData("", "http://h.test/foo/", "308 https://h.test/foo")]
    [InlineData("", "http://h.test/foo", "308 https://h.test/foo")]
    [InlineData("", "http://h.test/foo/?a=b", "308 https://h.test/foo/?a=b")]
    [InlineData("", "http://h.test/foo?a=/", "308 https://h.test/foo?a=")]
    [InlineData("", "https://h.test/foo/", "a /foo/")]
    [InlineData("preserve-trailing-slash: true", "http://h.test/", "308 https://h.test/")]
    [InlineData("ssl-redirect: false", "http://h.test/foo", "a /foo")]
    [InlineData("ssl-redirect: maybe", "http://h.test/foo", "308 https://h.test/foo")]
    [InlineData("permanent-redirect: http://new.test", "http://h.test/foo", "301 http://new.test")]
    public async Task A_host_with_tls_redirects_cleartext_even_when_the_secret_is_missing(string annotations, string url, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", "h.test P /=a", annotations, spec: Tls)).AnswerAsync(url));

    [Theory]
    [InlineData("", "a /foo")]
    [InlineData("force-ssl-redirect: true", "308 https://h.test/foo")]
    [InlineData("force-ssl-redirect: true | ssl-redirect: false", "308 https://h.test/foo")]
    public async Task A_host_without_tls_redirects_only_when_forced(string annotations, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", "h.test P /=a", annotations)).AnswerAsync("http://h.test/foo"));

    [Theory]
    [InlineData("http://h.test/other", "308 https://h.test/other")]
    [InlineData("http://h.test/unknown", "308 https://h.test/unknown")]
    [InlineData("https://h.test/unknown", "404")]
    public async Task The_tls_of_one_ingress_counts_for_the_whole_host(string url, string expected)
    {
        var requests = Serve(Annotated("one", "h.test P /one=a", spec: Tls), Annotated("two", "h.test P /other=b"));
        Assert.Equal(expected, await requests.AnswerAsync(url));
    }

    [Fact]
    public async Task The_tls_of_a_wildcard_host_counts_for_the_hosts_it_covers()
    {
        var requests = Serve(Annotated("one", "*.h.test P /=a", spec: "tls: [{hosts: ['*.h.test']}]"), Annotated("two", "x.h.test P /=b"));
        Assert.Equal("308 https://x.h.test/y", await requests.AnswerAsync("http://x.h.test/y"));
    }

    [Theory]
    [InlineData("h.test P /=a", "http://www.h.test/x?y=z", "308 http://h.test/x?y=z")]
    [InlineData("www.h.test P /=a", "http://h.test/x", "308 http://www.h.test/x")]
    [InlineData("h.test P /=a", "https://www.h.test/x", "308 https://h.test/x")]
    [InlineData("h.test P /=a; www.h.test P /=b", "http://www.h.test/x", "b /x")]
    public async Task The_counterpart_of_a_host_is_redirected_unless_it_is_a_host_itself(string paths, string url, string expected) =>
        Assert.Equal(expected, await Serve(Annotated("one", paths, "from-to-www-redirect: true")).AnswerAsync(url));
}
