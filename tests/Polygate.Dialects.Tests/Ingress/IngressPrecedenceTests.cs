using Polygate.Dialects.Ingress;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Ingress;

/// <summary>The Ingress API's rules for hosts and paths, and what its conformance suite asks.</summary>
public sealed class IngressPrecedenceTests
{
    [Theory]
    [InlineData("E /foo=a", "/foo", "a /foo")]
    [InlineData("E /foo=a", "/foo/", "404")]
    [InlineData("E /foo=a", "/FOO", "404")]
    [InlineData("E /foo=a", "/bar", "404")]
    [InlineData("E /foo=a", "/foo/bar", "404")]
    [InlineData("E /foo/=a", "/foo/", "a /foo/")]
    [InlineData("E /foo/=a", "/foo", "404")]
    [InlineData("P /foo=a", "/foo", "a /foo")]
    [InlineData("P /foo=a", "/foo/", "a /foo/")]
    [InlineData("P /foo=a", "/foo/bar", "a /foo/bar")]
    [InlineData("P /foo=a", "/foobar", "404")]
    [InlineData("P /foo=a", "/FOO", "404")]
    [InlineData("P /foo=a", "/foo?x=/bar", "a /foo")]
    [InlineData("P /foo/=a", "/foo", "a /foo")]
    [InlineData("P /aaa/bbb/=a", "/aaa/bbb", "a /aaa/bbb")]
    [InlineData("P /aaa/bbb/=a", "/aaa/bbb/", "a /aaa/bbb/")]
    [InlineData("P /aaa/bbb=a; P /aaa=b", "/aaa/bbb", "a /aaa/bbb")]
    [InlineData("P /aaa/bbb=a; P /aaa=b", "/aaa/bbb/", "a /aaa/bbb/")]
    [InlineData("P /aaa/bbb=a; P /aaa=b", "/aaa/bbb/ccc", "a /aaa/bbb/ccc")]
    [InlineData("P /aaa/bbb=a; P /aaa=b", "/aaa/ccc", "b /aaa/ccc")]
    [InlineData("P /aaa/bbb=a; P /aaa=b", "/aaaccc", "404")]
    [InlineData("P /aaa=b; P /aaa/bbb=a", "/aaa/bbb", "a /aaa/bbb")]
    [InlineData("P /foo=a; E /foo=b", "/foo", "b /foo")]
    [InlineData("P /foo=a; E /foo=b", "/foo/", "a /foo/")]
    [InlineData("P /foo=a; P /foo/=b", "/foo/x", "b /foo/x")]
    [InlineData("P /=a", "/", "a /")]
    [InlineData("P /=a", "/anything/at/all", "a /anything/at/all")]
    [InlineData("P /=a; E /=b", "/", "b /")]
    [InlineData("P /=a; E /=b", "/x", "a /x")]
    [InlineData("P /=a; P /foo=b; E /foo/bar=c", "/foo/bar", "c /foo/bar")]
    [InlineData("P /=a; P /foo=b; E /foo/bar=c", "/foo/bar/", "b /foo/bar/")]
    [InlineData("I /foo=a", "/foo/bar", "a /foo/bar")]
    [InlineData("I /foo=a", "/foobar", "404")]
    [InlineData("P /foo=a; P /foo=b", "/foo", "a /foo")]
    public async Task The_longest_path_wins_and_exact_before_prefix(string paths, string path, string expected) =>
        Assert.Equal(expected, await Serve(new IngressYaml("one", paths)).AnswerAsync("http://any.test" + path));

    [Theory]
    [InlineData("foo.bar.com P /=a", "foo.bar.com/", "a /")]
    [InlineData("foo.bar.com P /=a", "subdomain.bar.com/", "404")]
    [InlineData("FOO.bar.com P /=a", "foo.bar.com/", "a /")]
    [InlineData("*.foo.com P /=a", "bar.foo.com/", "a /")]
    [InlineData("*.foo.com P /=a", "baz.bar.foo.com/", "404")]
    [InlineData("*.foo.com P /=a", "foo.com/", "404")]
    [InlineData("*.foo.com P /=a; bar.foo.com P /=b", "bar.foo.com/", "b /")]
    [InlineData("*.foo.com P /=a; bar.foo.com P /=b", "baz.foo.com/", "a /")]
    [InlineData("P /=a; bar.foo.com P /=b", "bar.foo.com/", "b /")]
    [InlineData("P /=a; bar.foo.com P /=b", "other.test/", "a /")]
    [InlineData("P /=a; *.foo.com P /=b", "x.foo.com/", "b /")]
    [InlineData("P /=a; *.foo.com P /=b", "x.y.foo.com/", "a /")]
    [InlineData("*.foo.com P /=a; bar.foo.com P /only=b", "bar.foo.com/other", "404")]
    [InlineData("P /long/path=a; bar.foo.com P /only=b", "bar.foo.com/long/path", "404")]
    [InlineData("P /=a; bar.foo.com", "bar.foo.com/", "404")]
    [InlineData("bar.foo.com P /x=a; bar.foo.com P /y=b", "bar.foo.com/y", "b /y")]
    public async Task The_most_specific_host_answers_alone(string rules, string target, string expected) =>
        Assert.Equal(expected, await Serve(new IngressYaml("one", rules)).AnswerAsync("http://" + target));

    [Theory]
    [InlineData("http://any.test/x", "f /x")]
    [InlineData("http://foo.com/only", "a /only")]
    [InlineData("http://foo.com/other", "f /other")]
    [InlineData("http://empty.com/x", "f /x")]
    [InlineData("https://foo.com/only", "a /only")]
    public async Task The_default_backend_serves_what_no_rule_matches(string url, string expected)
    {
        var ingress = new IngressYaml("one", "foo.com P /only=a; empty.com") { Spec = "defaultBackend: {service: {name: f, port: {number: 80}}}" };
        Assert.Equal(expected, await Serve(ingress).AnswerAsync(url));
    }

    [Fact]
    public async Task A_default_backend_is_not_that_of_another_ingresss_hosts()
    {
        var requests = Serve(
            new IngressYaml("rules", "foo.com P /only=a"),
            new IngressYaml("default", "") { Spec = "defaultBackend: {service: {name: f, port: {number: 80}}}" });

        Assert.Equal("404", await requests.AnswerAsync("http://foo.com/other"));
        Assert.Equal("f /other", await requests.AnswerAsync("http://bar.com/other"));
    }

    [Theory]
    [InlineData(1, 2, "a /")]
    [InlineData(2, 1, "b /")]
    [InlineData(1, 1, "a /")]
    public async Task Of_equal_claims_the_oldest_wins_then_the_first_by_name(int dayOfA, int dayOfB, string expected)
    {
        var requests = Serve(
            new IngressYaml("one", "foo.com P /=a") { Day = dayOfA },
            new IngressYaml("two", "foo.com P /=b") { Day = dayOfB });

        Assert.Equal(expected, await requests.AnswerAsync("http://foo.com/"));
        Assert.Equal("conflicting-path", Assert.Single(requests.Diagnostics).Code);
        Assert.Equal(expected == "a /" ? "two" : "one", requests.Diagnostics[0].Origin.Name);
    }

    [Fact]
    public async Task A_longer_path_of_a_younger_ingress_wins()
    {
        var requests = Serve(
            new IngressYaml("one", "foo.com P /foo=a") { Day = 1 },
            new IngressYaml("two", "foo.com P /foo/bar=b") { Day = 2 });

        Assert.Equal("b /foo/bar/baz", await requests.AnswerAsync("http://foo.com/foo/bar/baz"));
        Assert.Empty(requests.Diagnostics);
    }

    [Fact]
    public async Task Cleartext_is_served_beside_tls_and_not_redirected()
    {
        var requests = Serve(new IngressYaml("one", "foo.com P /=a") { Spec = "tls: [{hosts: [foo.com]}]" });

        Assert.Equal("a /", await requests.AnswerAsync("http://foo.com/"));
        Assert.Equal("a /", await requests.AnswerAsync("https://foo.com/"));
    }

    [Fact]
    public async Task A_missing_service_answers_503_and_harms_no_other_path()
    {
        var requests = Serve(new IngressYaml("one", "P /=a; P /gone=nowhere"));

        Assert.Equal("503", await requests.AnswerAsync("http://foo.com/gone"));
        Assert.Equal("a /x", await requests.AnswerAsync("http://foo.com/x"));
        Assert.Equal("missing-service", Assert.Single(requests.Diagnostics).Code);
    }

    [Theory]
    [InlineData("10.0.0.1 P /=a", "spec.rules[0].host")]
    [InlineData("foo.com:80 P /=a", "spec.rules[0].host")]
    [InlineData("*.*.com P /=a", "spec.rules[0].host")]
    [InlineData("P /a//b=a", "spec.rules[0].http.paths[0].path")]
    [InlineData("P /a/%2Fb=a", "spec.rules[0].http.paths[0].path")]
    [InlineData("P a=a", "spec.rules[0].http.paths[0].path")]
    [InlineData("E /a/..=a", "spec.rules[0].http.paths[0].path")]
    public async Task What_the_api_server_would_refuse_is_left_out_alone(string entry, string field)
    {
        var requests = Serve(new IngressYaml("one", entry + "; good.com P /=b"));

        Assert.Equal("b /", await requests.AnswerAsync("http://good.com/"));
        var diagnostic = Assert.Single(requests.Diagnostics);
        Assert.Equal(("invalid-field", field), (diagnostic.Code, diagnostic.Origin.Field));
    }

    [Theory]
    [InlineData("polygate", "rules: [null, {host: a.com, http: {paths: [null]}}, {host: b.com, http: null}, {}]")]
    [InlineData("polygate", "tls: [null, {}, {hosts: [null, '', a.com]}]\nrules: null")]
    [InlineData("polygate", "defaultBackend: {service: {name: a}}")]
    [InlineData("polygate", "rules: [{host: a.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {port: {}}}}]}}]")]
    [InlineData("nginx", "rules: [null, {host: a.com, http: {paths: [null]}}, {host: b.com, http: null}, {}]")]
    [InlineData("nginx", "tls: [null, {}, {hosts: [null, '', a.com]}]\nrules: [{host: a.com}]")]
    [InlineData("nginx", "rules: [{host: a.com, http: {paths: [{path: /, pathType: Prefix, backend: null}]}}]")]
    [InlineData("nginx", "defaultBackend: {resource: {kind: Bucket, name: x}}")]
    public void Empty_entries_are_no_fault_of_the_gateway(string className, string spec)
    {
        var yaml = IngressYaml.Write(new IngressYaml("one", "") { Class = className, Spec = spec });
        var (translator, _) = Golden.GoldenFile.Translate(yaml, new IngressDialect(), new Dialects.IngressNginx.IngressNginxDialect());
        Assert.DoesNotContain(translator.Diagnostics, diagnostic => diagnostic.Code == "internal-error");
    }

    private static ServedRequests Serve(params IngressYaml[] ingresses) => new(IngressYaml.Write(ingresses), new IngressDialect());
}
