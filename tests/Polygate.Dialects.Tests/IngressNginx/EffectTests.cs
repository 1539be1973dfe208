using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>Effects of annotations that no other class is about.</summary>
public sealed class EffectTests
{
    private const string Auth = "auth-url: http://auth.test/";

    /// <summary>It says that it has none, or that it is not supported, and everything is served as without it.</summary>
    [Theory]
    [InlineData("client-body-buffer-size: 1m", "annotation-without-effect")]
    [InlineData("proxy-buffer-size: 8k", "annotation-without-effect")]
    [InlineData("proxy-buffers-number: 8", "annotation-without-effect")]
    [InlineData("proxy-busy-buffers-size: 16k", "annotation-without-effect")]
    [InlineData("proxy-max-temp-file-size: 1m", "annotation-without-effect")]
    [InlineData("proxy-request-buffering: off", "annotation-without-effect")]
    [InlineData("proxy-http-version: 1.0", "annotation-without-effect")]
    [InlineData("connection-proxy-header: keep-alive", "annotation-without-effect")]
    [InlineData("enable-rewrite-log: true", "annotation-without-effect")]
    [InlineData("http2-push-preload: true", "annotation-without-effect")]
    [InlineData("ssl-prefer-server-ciphers: true", "annotation-without-effect")]
    [InlineData("auth-keepalive: 10", "annotation-without-effect")]
    [InlineData("auth-keepalive-requests: 10", "annotation-without-effect")]
    [InlineData("auth-keepalive-share-vars: true", "annotation-without-effect")]
    [InlineData("auth-keepalive-timeout: 10", "annotation-without-effect")]
    [InlineData("ssl-ciphers: HIGH", "unsupported-annotation")]
    [InlineData("proxy-ssl-ciphers: HIGH", "unsupported-annotation")]
    [InlineData("proxy-ssl-protocols: TLSv1.3", "unsupported-annotation")]
    [InlineData("proxy-ssl-verify-depth: 2", "unsupported-annotation")]
    [InlineData("relative-redirects: true", "unsupported-annotation")]
    [InlineData("use-port-in-redirects: true", "unsupported-annotation")]
    [InlineData("enable-opentelemetry: true", "unsupported-annotation")]
    [InlineData("opentelemetry-operation-name: x", "unsupported-annotation")]
    [InlineData("opentelemetry-trust-incoming-span: false", "unsupported-annotation")]
    [InlineData("modsecurity-transaction-id: x", "unsupported-annotation")]
    public async Task Serving_goes_on_without_it(string annotation, string code)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", annotation));
        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal(code, Assert.Single(requests.Diagnostics).Code);
        Assert.Equal(Serve(Annotated("one", "h.test P /=a")).Configuration.Routes.Single().Filters, requests.Configuration.Routes.Single().Filters);
    }

    [Fact]
    public async Task A_firewall_that_is_not_there_closes_the_paths() =>
        Assert.Equal("503", await Serve(Annotated("one", "h.test P /=a", "enable-owasp-core-rules: true")).AnswerAsync("http://h.test/"));

    [Theory]
    [InlineData("", "{PathAndQuery}")]
    [InlineData("auth-request-redirect: https://in.test/back?to=$request_uri", "https://in.test/back?to={PathAndQuery}")]
    [InlineData("auth-request-redirect: $nonsense", "{PathAndQuery}")]
    public void The_service_is_told_where_to_send_clients_back(string annotation, string expected)
    {
        var filter = Serve(Annotated("one", "h.test P /=a", $"{Auth} | {annotation}")).Configuration.Routes.Single().Filters.OfType<ExternalAuthorizationFilter>().Single();
        Assert.Equal(expected, filter.Request.Set.Single(header => header.Name == "X-Auth-Request-Redirect").Value.ToString());
    }

    [Theory]
    [InlineData("limit-rate: 100", 102_400, 0)]
    [InlineData("limit-rate: 1 | limit-rate-after: 10", 1024, 10_240)]
    public void Answers_are_sent_slowly_after_the_beginning(string annotations, long rate, long after)
    {
        var filter = Translate("", Annotated("one", "h.test P /=a", annotations)).Configuration.Routes.Single().Filters.OfType<BandwidthLimitFilter>().Single();
        Assert.Equal((rate, after), (filter.BytesPerSecond, filter.AfterBytes));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("disable-proxy-intercept-errors: true", true)]
    public void Error_pages_are_asked_of_the_default_backend(string annotations, bool gatewayOnly)
    {
        var filter = Translate("", Annotated("one", "h.test P /=a", $"custom-http-errors: 404,503 | default-backend: f | {annotations}")).Configuration.Routes.Single().Filters.OfType<ErrorPagesFilter>().Single();
        Assert.Equal(("default/f:80", gatewayOnly, false, "/"), (filter.Backend, filter.GatewayOnly, filter.KeepStatus, filter.Path.ToString()));
        Assert.Equal([404, 503], filter.Statuses);
        Assert.Equal(
            ["X-Code", "X-Original-URI", "X-Format", "X-Namespace", "X-Ingress-Name", "X-Service-Name", "X-Service-Port", "X-Request-ID"],
            filter.Set.Select(header => header.Name));
    }

    [Theory]
    [InlineData("proxy-ssl-name: in.test", null)]
    [InlineData("proxy-ssl-name: in.test | proxy-ssl-server-name: on", "in.test")]
    public void The_name_is_sent_to_a_tls_backend_where_asked(string annotations, string? expected) =>
        Assert.Equal(expected, Serve(Annotated("one", "h.test P /=a", "backend-protocol: HTTPS | " + annotations)).Configuration.Pieces.Values.Single().Backends.Single().Tls!.ServerName);

    [Theory]
    [InlineData("", true)]
    [InlineData("affinity-canary-behavior: sticky", true)]
    [InlineData("affinity-canary-behavior: legacy", false)]
    public void A_session_keeps_to_canary_or_primary_unless_told_otherwise(string annotations, bool keeps)
    {
        var requests = Serve(
            Annotated("primary", "h.test P /=a", "affinity: cookie"), Annotated("canary", "h.test P /=b", $"canary: true | canary-weight: 30 | {annotations}"));
        var forward = (ForwardAction)requests.Configuration.Routes.Single(route => route.Origin.Name == "primary").Action;
        Assert.Equal(keeps ? [70, 30] : new[] { 1 }, forward.Backends.Select(backend => backend.Weight));
        Assert.Equal(keeps, forward.Sticky is not null);
        Assert.Equal(keeps ? 1 : 2, requests.Configuration.Routes.Count());
    }

    [Fact]
    public void Cookies_and_addresses_of_the_backend_are_rewritten()
    {
        var filters = Translate("", Annotated("one", "h.test P /=a", "proxy-cookie-domain: in.test out.test | proxy-cookie-path: ~*^/in(.*) /out$1 | proxy-redirect-from: http://in.test/ | proxy-redirect-to: https://out.test/")).Configuration.Routes.Single().Filters;
        var cookies = filters.OfType<CookieRewriteFilter>().Single();
        Assert.Equal([new TextReplacement(TextReplacementKind.Exact, "in.test", "out.test") { IgnoreCase = true }], cookies.Domains);
        Assert.Equal([new TextReplacement(TextReplacementKind.Regex, "^/in(.*)", "/out$1") { IgnoreCase = true }], cookies.Paths);
        Assert.Equal([new TextReplacement(TextReplacementKind.Prefix, "http://in.test/", "https://out.test/")], filters.OfType<LocationRewriteFilter>().Single().Rules);
    }
}
