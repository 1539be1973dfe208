using Polygate.Dialects.IngressNginx.Configuration;
using Polygate.Model;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

/// <summary>The controller's ConfigMap, and those for TCP and UDP.</summary>
public sealed class ConfigMapTests
{
    [Theory]
    [InlineData("ssl-redirect: 'false'", "https://h.test/", "GET", "a /")]
    [InlineData("force-ssl-redirect: 'true', http-redirect-code: '301'", "http://h.test/x", "GET", "301 https://h.test/x")]
    [InlineData("force-ssl-redirect: 'true'", "http://h.test/.well-known/acme-challenge/x", "GET", "308 https://h.test/.well-known/acme-challenge/x")]
    [InlineData("denylist-source-range: 127.0.0.0/8", "http://h.test/", "GET", "403")]
    [InlineData("whitelist-source-range: 10.0.0.0/8", "http://h.test/", "GET", "403")]
    [InlineData("whitelist-source-range: home", "http://h.test/", "GET", "a /")]
    [InlineData("block-cidrs: '127.0.0.0/8,10.0.0.0/8'", "http://h.test/", "GET", "403")]
    [InlineData("block-user-agents: 'curl,~*bad.?bot'", "http://h.test/", "GET", "403")]
    [InlineData("block-referers: '~spam'", "http://h.test/", "GET", "403")]
    [InlineData("enable-modsecurity: 'true'", "http://h.test/", "GET", "503")]
    [InlineData("global-auth-url: 'not a url'", "http://h.test/", "GET", "503")]
    [InlineData("global-auth-url: 'http://auth.test/', global-auth-snippet: 'x'", "http://h.test/", "GET", "503")]
    [InlineData("annotations-risk-level: Low", "http://risky.test/", "GET", "404")]
    [InlineData("annotation-value-word-blocklist: 'internal,secret'", "http://risky.test/", "GET", "404")]
    [InlineData("load-balance: nonsense", "http://h.test/", "GET", "a /")]
    public async Task A_key_holds_for_every_ingress(string keys, string url, string method, string expected)
    {
        var requests = Serve(Map(keys), Annotated("one", "h.test P /=a"), Annotated("two", "risky.test P /=b", "upstream-vhost: internal.test | proxy-body-size: 2m"));
        Assert.Equal(expected, await requests.AnswerAsync(url, method, headers: [("User-Agent", "Bad-Bot 1"), ("Referer", "https://spam.test/")]));
    }

    [Fact]
    public async Task An_annotation_replaces_the_key()
    {
        var requests = Serve(
            Map("whitelist-source-range: 10.0.0.0/8, proxy-read-timeout: '7', proxy-body-size: 5k"),
            Annotated("one", "h.test P /=a", "allowlist-source-range: 127.0.0.0/8 | proxy-read-timeout: 9"));
        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
        var route = requests.Configuration.Routes.Single();
        Assert.Equal(TimeSpan.FromSeconds(9), ((ForwardAction)route.Action).IdleTimeout);
        Assert.Equal(5120, route.Filters.OfType<BodyLimitFilter>().Single().MaximumBytes);
    }

    [Theory]
    [InlineData("hsts: 'false'", null)]
    [InlineData("hsts-max-age: '60', hsts-include-subdomains: 'false', hsts-preload: 'true'", "max-age=60; preload")]
    [InlineData("hide-headers: 'X-Powered-By'", "max-age=31536000; includeSubDomains")]
    public void Headers_of_answers_follow(string keys, string? policy)
    {
        var requests = Serve(Map(keys), Annotated("one", "h.test P /=a", "ssl-redirect: false", spec: "tls: [{hosts: [h.test]}]"));
        var headers = requests.Configuration.Routes.Single(route => route.Bindings.Any(binding => binding.Listener.Port == 443)).Filters.OfType<ResponseHeaderFilter>().SelectMany(filter => filter.Changes.Set);
        Assert.Equal(policy, headers.SingleOrDefault(header => header.Name == "Strict-Transport-Security")?.Value);
    }

    [Fact]
    public void Headers_from_ConfigMaps_are_written_to_answers_and_requests()
    {
        var requests = Serve(
            Map("add-headers: team/answers, proxy-set-headers: team/requests, proxy-add-original-uri-header: 'true', server-tokens: 'false'")
                + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: answers, namespace: team}\ndata: {X-One: '1', \"bad name\": x}\n"
                + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: requests, namespace: team}\ndata: {X-Two: $host, X-Bad: $nonsense}\n",
            Annotated("one", "h.test P /=a"));
        var filters = requests.Configuration.Routes.Single().Filters;
        var changes = filters.OfType<ResponseHeaderFilter>().First().Changes;
        Assert.Equal([new HeaderValue("X-One", "1")], changes.Set);
        Assert.Equal(["Server"], changes.Remove);
        Assert.Equal(
            ["X-Scheme", "X-Forwarded-Scheme", "X-Original-URI", "X-Two"],
            filters.OfType<RequestHeaderTemplateFilter>().Single().Set.Select(header => header.Name));
        Assert.Equal(2, requests.Diagnostics.Count(diagnostic => diagnostic.Code == "invalid-header"));
    }

    [Fact]
    public void Compression_is_that_of_the_keys()
    {
        var filter = Translate(Map("use-gzip: 'true', gzip-min-length: '512', enable-brotli: 'true', gzip-types: text/css"), Annotated("one", "h.test P /=a"))
            .Configuration.Routes.Single().Filters.OfType<CompressionFilter>().Single();
        Assert.Equal([ContentCoding.Brotli, ContentCoding.Gzip], filter.Codings);
        Assert.Equal(["text/css", "text/html"], filter.Types);
        Assert.Equal(512, filter.MinimumBytes);
    }

    [Fact]
    public void Global_authentication_spares_exempt_paths_and_ingresses()
    {
        var requests = Serve(
            Map("global-auth-url: 'http://auth.test/check', global-auth-signin: 'https://in.test/', no-auth-locations: '/open,/health'"),
            Annotated("one", "h.test P /=a; h.test P /open=a"), Annotated("two", "i.test P /=b", "enable-global-auth: false"), Annotated("three", "j.test P /=c", "auth-url: http://own.test/"));
        Assert.Equal(
            [("h.test", "auth.test"), ("j.test", "own.test")],
            requests.Configuration.Routes.SelectMany(route => route.Filters.OfType<ExternalAuthorizationFilter>().Select(filter => (route.Bindings[0].VirtualHost.ToString(), filter.Request.Host!))).Order());
    }

    [Theory]
    [InlineData("ssl-protocols: TLSv1.3", TlsVersion.Tls13)]
    [InlineData("ssl-protocols: 'TLSv1.2 TLSv1.3'", TlsVersion.Tls12)]
    [InlineData("ssl-protocols: 'TLSv1 TLSv1.1 TLSv1.2'", TlsVersion.Tls12)]
    public void Tls_versions_are_those_of_the_key(string keys, TlsVersion minimum) =>
        Assert.Equal(
            minimum,
            Serve(Map(keys), Annotated("one", "h.test P /=a", spec: "tls: [{hosts: [h.test]}]")).Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings).Single().MinimumVersion);

    [Fact]
    public void Handshakes_for_unknown_names_can_be_refused() =>
        Assert.Contains(
            Serve(Map("ssl-reject-handshake: 'true'"), Annotated("one", "h.test P /=a")).Configuration.Pieces.Values.SelectMany(piece => piece.TlsBindings),
            binding => binding is { IsRefused: true } && binding.ServerName == HostPattern.Any);

    [Fact]
    public void What_is_wrong_is_said_on_the_ConfigMap_once()
    {
        var requests = Serve(
            Map("ssl-redirect: perhaps, whitelist-source-range: home, nonsense-key: x, http-snippet: 'map a b {}', proxy-buffering: 'on', allow-cross-namespace-resources: 'true', block-cidrs: everywhere, http-redirect-code: '200'"),
            Annotated("one", "h.test P /=a"), Annotated("two", "i.test P /=a"));
        Assert.All(requests.Diagnostics, diagnostic => Assert.Equal("ConfigMap", diagnostic.Origin.Kind));
        Assert.Equal(
            ["data.allow-cross-namespace-resources", "data.block-cidrs", "data.http-redirect-code", "data.http-snippet", "data.nonsense-key", "data.proxy-buffering", "data.ssl-redirect", "data.whitelist-source-range"],
            requests.Diagnostics.Select(diagnostic => diagnostic.Origin.Field).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_edit_of_the_ConfigMap_changes_every_ingress()
    {
        var before = Serve(Annotated("one", "h.test P /=a"));
        var after = Serve(Map("proxy-body-size: 3m"), Annotated("one", "h.test P /=a"));
        Assert.NotEqual(before.Configuration.Routes.Single().Filters, after.Configuration.Routes.Single().Filters);
    }

    [Theory]
    [InlineData("tcp-services", false)]
    [InlineData("ingress-nginx-tcp", false)]
    [InlineData("udp-services", true)]
    public void Ports_of_services_are_exposed(string name, bool isUdp)
    {
        var requests = Serve($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: ingress-nginx}}\ndata: {{'9000': default/a:80, '9001': 'default/b:80::PROXY'}}\n");
        var routes = requests.Configuration.Pieces.Values.SelectMany(piece => piece.StreamRoutes).OrderBy(route => route.Id, StringComparer.Ordinal).ToList();
        Assert.Equal([new ListenerKey(9000, IsUdp: isUdp), new ListenerKey(9001, IsUdp: isUdp)], routes.Select(route => route.Bindings.Single().Listener));
        var backends = requests.Configuration.Pieces.Values.SelectMany(piece => piece.Backends).ToDictionary(backend => backend.Name);
        Assert.Equal((new NamedEndpoints("default/a:80"), ProxyProtocolVersion.None), (backends["default/a:80"].Endpoints, backends["default/a:80"].ProxyProtocol));
        Assert.Equal(ProxyProtocolVersion.V1, backends["default/b:80"].ProxyProtocol);
    }

    [Theory]
    [InlineData("'0': default/a:80")]
    [InlineData("'99999': default/a:80")]
    [InlineData("'443': default/a:80")]
    [InlineData("port: default/a:80")]
    [InlineData("'9000': a:80")]
    [InlineData("'9000': default/a")]
    [InlineData("'9000': default/nowhere:80")]
    [InlineData("'9000': default/a:81")]
    [InlineData("'9000': 'default/a:80:PROXY'")]
    [InlineData("'9000': 'default/a:80:HTTP'")]
    public void A_bad_entry_is_an_error_and_serves_nothing(string entry)
    {
        var requests = Serve($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: tcp-services, namespace: ingress-nginx}}\ndata: {{{entry}}}\n");
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(requests.Diagnostics).Severity);
        Assert.All(requests.Configuration.Pieces.Values.SelectMany(piece => piece.StreamRoutes), route => Assert.Empty(route.Backends));
    }

    [Theory]
    [InlineData("slash-redirect", "403")]
    [InlineData("all", "403")]
    [InlineData("rate-limit-503, nonsense", "301 http://h.test/foo/")]
    public async Task Quirks_are_turned_off_there(string codes, string expected)
    {
        var requests = Serve(Map($"polygate-strict: '{codes}'"), Annotated("one", "h.test P /foo/=a", "denylist-source-range: 0.0.0.0/0"));
        Assert.Equal(expected, await requests.AnswerAsync("http://h.test/foo"));
        Assert.Equal(codes.Contains("nonsense", StringComparison.Ordinal) ? 1 : 0, requests.Diagnostics.Count);
    }

    [Fact]
    public void Keys_are_listed_once() => Assert.Equal(ConfigMapTable.All.Count, ConfigMapTable.All.Select(key => key.Name).Distinct().Count());

    private static string Map(string keys) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: ingress-nginx-controller, namespace: ingress-nginx}}\ndata: {{{keys}}}\n";
}
