using Polygate.Dialects.IngressNginx;
using Polygate.Dialects.IngressNginx.Annotations;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>The four outcomes of bad input, and what becomes of annotations that are not supported.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("canary: perhaps")]
    [InlineData("use-regex: yes")]
    [InlineData("enable-cors: on")]
    [InlineData("proxy-read-timeout: 60s")]
    [InlineData("proxy-connect-timeout: -1")]
    [InlineData("proxy-body-size: huge")]
    [InlineData("proxy-body-size: 99999999999999999999g")]
    [InlineData("proxy-next-upstream: error http_418")]
    [InlineData("backend-protocol: SPDY")]
    [InlineData("affinity: ip")]
    [InlineData("affinity: cookie | session-cookie-name: a;b")]
    [InlineData("affinity: cookie | session-cookie-samesite: Loose")]
    [InlineData("load-balance: ip_hash")]
    [InlineData("upstream-vhost: a b")]
    [InlineData("app-root: foo")]
    [InlineData("server-alias: not_a_name")]
    [InlineData("server-alias: ~(")]
    [InlineData("enable-cors: true | cors-allow-origin: example.com")]
    [InlineData("enable-cors: true | cors-allow-methods: GET, (POST)")]
    [InlineData("enable-cors: true | cors-max-age: long")]
    [InlineData("satisfy: some")]
    [InlineData("affinity: cookie | affinity-mode: sideways")]
    [InlineData("proxy-cookie-domain: one")]
    [InlineData("proxy-cookie-path: ~( /x")]
    [InlineData("proxy-cookie-path: /a /b;c")]
    [InlineData("proxy-redirect-from: http://a/ | proxy-redirect-to: http://b/$host/")]
    [InlineData("custom-http-errors: 200")]
    [InlineData("custom-http-errors: many")]
    public async Task A_default_stands_for_a_bad_value_with_a_warning(string annotations)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", annotations));

        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, "invalid-annotation"), (diagnostic.Severity, diagnostic.Code));
        Assert.StartsWith("metadata.annotations[nginx.ingress.kubernetes.io/", diagnostic.Origin.Field, StringComparison.Ordinal);
        Assert.True(diagnostic.Origin.Line > 1);
    }

    [Theory]
    [InlineData("permanent-redirect: new.test")]
    [InlineData("permanent-redirect: javascript:alert(1)")]
    [InlineData("temporal-redirect: ftp://new.test/")]
    [InlineData("limit-rps: many")]
    [InlineData("limit-rpm: 1.5")]
    [InlineData("limit-connections: few")]
    [InlineData("limit-rate: fast")]
    [InlineData("auth-tls-secret: ca | auth-tls-match-cn: example")]
    [InlineData("auth-tls-secret: ca | auth-tls-match-cn: CN=(")]
    [InlineData("auth-tls-secret: ca | auth-tls-error-page: javascript:alert(1)")]
    [InlineData("limit-rps: 1 | limit-allowlist: everyone")]
    [InlineData("auth-type: basic | auth-secret: s | auth-secret-type: auth-db")]
    [InlineData("auth-type: basic | auth-secret: s | auth-realm: a\"b")]
    [InlineData("configuration-snippet: return 200;")]
    [InlineData("server-snippet: return 200;")]
    [InlineData("stream-snippet: x")]
    [InlineData("auth-snippet: x")]
    [InlineData("modsecurity-snippet: SecRuleEngine On")]
    public async Task The_whole_ingress_is_ignored(string annotations)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", annotations), Annotated("two", "i.test P /=b; P /=c"));

        Assert.Equal("c /", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("b /", await requests.AnswerAsync("http://i.test/"));
        Assert.Contains(requests.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Message.Contains("ignored", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("whitelist-source-range: 10.0.0.0/33")]
    [InlineData("allowlist-source-range: home")]
    [InlineData("denylist-source-range: 10.0.0")]
    [InlineData("auth-type: basic")]
    [InlineData("auth-type: basic | auth-secret: missing")]
    [InlineData("auth-type: basic | auth-secret: other/secret")]
    [InlineData("enable-modsecurity: true")]
    [InlineData("auth-type: digest | auth-secret: missing")]
    [InlineData("auth-type: token | auth-secret: s")]
    [InlineData("auth-url: auth.test")]
    [InlineData("auth-url: https://$host/auth")]
    [InlineData("auth-url: http://auth.test/$upstream_addr")]
    [InlineData("auth-url: http://auth.test/ | auth-method: STEAL")]
    [InlineData("auth-url: http://auth.test/ | auth-response-headers: a b")]
    [InlineData("auth-url: http://auth.test/ | auth-cache-duration: forever")]
    [InlineData("auth-url: http://auth.test/ | auth-proxy-set-headers: missing")]
    [InlineData("auth-url: http://auth.test/ | auth-proxy-set-headers: other/map")]
    [InlineData("satisfy: any | allowlist-source-range: 127.0.0.0/8 | auth-type: basic | auth-secret: missing")]
    [InlineData("custom-headers: other/map")]
    [InlineData("custom-headers: missing")]
    [InlineData("backend-protocol: HTTPS | proxy-ssl-secret: other/secret")]
    [InlineData("backend-protocol: HTTPS | proxy-ssl-secret: missing")]
    [InlineData("backend-protocol: FCGI | fastcgi-index: /index.php")]
    [InlineData("backend-protocol: FCGI | fastcgi-params-configmap: missing")]
    [InlineData("backend-protocol: FCGI | fastcgi-params-configmap: other/map")]
    [InlineData("permanent-redirect: https://$host/")]
    public async Task The_location_answers_503_and_no_other(string annotations)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", annotations), Annotated("two", "h.test P /other=b"));

        Assert.Equal("503", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("b /other", await requests.AnswerAsync("http://h.test/other"));
        Assert.Contains(requests.Diagnostics, diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, Origin.Name: "one" });
    }

    [Theory]
    [InlineData("E /a(b)?=a", 1)]
    [InlineData("P /[a-z]+=a", 1)]
    [InlineData("I /[a-z]+=a", 0)]
    [InlineData("P /a-b_c.d/9=a", 0)]
    public void An_expression_in_a_path_of_another_type_is_served_with_a_warning(string path, int warnings)
    {
        var requests = Serve(Annotated("one", "h.test " + path, "use-regex: true"));

        Assert.Single(requests.Configuration.Routes);
        Assert.Equal(warnings, requests.Diagnostics.Count(diagnostic => diagnostic.Code == "strict-path-type"));
    }

    [Fact]
    public async Task An_authority_that_is_not_to_be_had_answers_403_on_the_whole_host()
    {
        var requests = Serve(Annotated("one", "h.test P /=a", "auth-tls-secret: default/ca"), Annotated("two", "h.test P /other=b; i.test P /=c"));

        Assert.Equal("403", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("403", await requests.AnswerAsync("https://h.test/other"));
        Assert.Equal("c /", await requests.AnswerAsync("http://i.test/"));
    }

    [Fact]
    public async Task A_line_break_in_an_access_list_denies_instead_of_opening()
    {
        var ingress = new Tests.Ingress.IngressYaml("one", "h.test P /=a") { Class = "nginx" };
        var yaml = Tests.Ingress.IngressYaml.Write(ingress).Replace(
            "  name: one\n", "  name: one\n  annotations:\n    nginx.ingress.kubernetes.io/whitelist-source-range: \"10.0.0.0/8,\\n0.0.0.0/0\"\n", StringComparison.Ordinal);

        Assert.Equal("503", await new Golden.ServedRequests(yaml, new IngressNginxDialect()).AnswerAsync("http://h.test/"));
    }

    [Theory]
    [InlineData("mirror-target: https://mirror.test", DiagnosticSeverity.Warning, "unsupported-annotation")]
    [InlineData("mirror-target: http://localhost/$request_uri", DiagnosticSeverity.Warning, "unsupported-annotation")]
    [InlineData("mirror-target: https://mirror.test$request_uri | mirror-host: other.test", DiagnosticSeverity.Warning, "unsupported-annotation")]
    [InlineData("mirror-target: https://mirror.test$request_uri | mirror-request-body: off", DiagnosticSeverity.Warning, "unsupported-annotation")]
    [InlineData("proxy-send-timeout: 5", DiagnosticSeverity.Info, "annotation-without-effect")]
    [InlineData("custom-http-errors: 404,503", DiagnosticSeverity.Warning, "annotation-without-effect")]
    [InlineData("ssl-passthrough: true", DiagnosticSeverity.Warning, "passthrough-not-allowed")]
    [InlineData("upstream-hash-by: $upstream_addr", DiagnosticSeverity.Warning, "unsupported-annotation")]
    [InlineData("proxy-redirect-from: default", DiagnosticSeverity.Info, "annotation-without-effect")]
    [InlineData("enable-access-log: false", DiagnosticSeverity.Warning, "unsupported-annotation")]
    [InlineData("proxy-buffering: on", DiagnosticSeverity.Info, "annotation-without-effect")]
    [InlineData("secure-backends: true", DiagnosticSeverity.Warning, "obsolete-annotation")]
    [InlineData("rewrite-targt: /", DiagnosticSeverity.Warning, "unknown-annotation")]
    [InlineData("auth-secret: s", DiagnosticSeverity.Warning, "annotation-without-effect")]
    public async Task What_has_no_effect_is_said(string annotation, DiagnosticSeverity severity, string code)
    {
        var requests = Serve(Annotated("one", "h.test P /=a", annotation));

        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal((severity, code), (diagnostic.Severity, diagnostic.Code));
    }

    [Theory]
    [InlineData("ssl-redirect: true")]
    [InlineData("proxy-buffering: off")]
    [InlineData("enable-modsecurity: false")]
    [InlineData("satisfy: all")]
    public void Saying_the_default_needs_no_report(string annotation) =>
        Assert.Empty(Serve(Annotated("one", "h.test P /=a", annotation)).Diagnostics);

    [Fact]
    public async Task A_lower_risk_level_ignores_ingresses_with_riskier_annotations()
    {
        var strict = IngressNginxOptions.Default with { RiskLevel = AnnotationRisk.Low };
        var requests = Serve(strict, "", Annotated("one", "h.test P /=a", "rewrite-target: /x"), Annotated("two", "i.test P /=b", "use-regex: true"));

        Assert.Equal("404", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("b /", await requests.AnswerAsync("http://i.test/"));
        Assert.Equal("annotation-risk", Assert.Single(requests.Diagnostics).Code);
    }

    [Fact]
    public async Task A_snippet_that_the_risk_level_admits_still_fails_closed()
    {
        var lax = IngressNginxOptions.Default with { RiskLevel = AnnotationRisk.Critical };
        var requests = Serve(lax, "", Annotated("one", "h.test P /=a", "configuration-snippet: deny all;"));

        Assert.Equal("503", await requests.AnswerAsync("http://h.test/"));
    }
}
