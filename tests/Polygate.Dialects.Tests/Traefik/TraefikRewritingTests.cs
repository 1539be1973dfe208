using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Traefik;

namespace Polygate.Dialects.Tests.Traefik;

/// <summary>What the service sees after a middleware, or the answer that the middleware gives.</summary>
public sealed class TraefikRewritingTests
{
    [Theory]
    [InlineData("replacePath: { path: /backend }", "/pre", "a.example/backend X-Replaced-Path=/pre")]
    [InlineData("addPrefix: { prefix: /api }", "/x", "a.example/api/x")]
    [InlineData("stripPrefix: { prefixes: [/foo] }", "/foo/x", "a.example/x X-Forwarded-Prefix=/foo")]
    [InlineData("stripPrefix: { prefixes: [/foo] }", "/foobar", "a.example/bar X-Forwarded-Prefix=/foo")]
    [InlineData("stripPrefix: { prefixes: [/foo] }", "/foo", "a.example/ X-Forwarded-Prefix=/foo")]
    [InlineData("stripPrefix: { prefixes: [/foo] }", "/other", "a.example/other")]
    [InlineData("stripPrefixRegex: { regex: ['/v[0-9]+', '/w'] }", "/v12/x", "a.example/x X-Forwarded-Prefix=/v12")]
    [InlineData("stripPrefixRegex: { regex: ['/v[0-9]+', '/w'] }", "/w/x", "a.example/x X-Forwarded-Prefix=/w")]
    [InlineData("replacePathRegex: { regex: '^/foo/(.*)', replacement: '/bar/$1' }", "/foo/x", "a.example/bar/x X-Replaced-Path=/foo/x")]
    [InlineData("replacePathRegex: { regex: '^/foo/(.*)', replacement: '/bar/$1' }", "/other", "a.example/other")]
    [InlineData("redirectScheme: { scheme: https }", "/x", "302")]
    [InlineData("redirectScheme: { scheme: https, permanent: true }", "/x", "301")]
    [InlineData("redirectScheme: { scheme: http }", "/x", "a.example/x")]
    [InlineData("redirectRegex: { regex: '^http://a\\.example/(.*)', replacement: 'https://b.example/$1' }", "/x", "302")]
    [InlineData("headers: { customRequestHeaders: { Host: b.example, X-A: '1' } }", "/x", "b.example/x X-A=1")]
    [InlineData("ipAllowList: { sourceRange: [10.0.0.0/8] }", "/x", "403")]
    [InlineData("ipAllowList: { sourceRange: [127.0.0.1/32] }", "/x", "a.example/x")]
    [InlineData("forwardAuth: { address: 'http://auth.example' }", "/x", "503")]
    [InlineData("basicAuth: { secret: nobody }", "/x", "503")]
    [InlineData("chain: { middlewares: [{ name: nobody }] }", "/x", "503")]
    public async Task A_middleware_changes_the_request_or_answers(string middleware, string path, string seen) =>
        Assert.Equal(seen, await Requests(middleware).SeenByBackend("a.example" + path));

    [Fact]
    public async Task Redirects_of_other_methods_keep_the_method()
    {
        var requests = Requests("redirectScheme: { scheme: https, permanent: true }");
        Assert.Equal("308", await requests.SeenByBackend("POST a.example/x"));
    }

    private static ServedRequests Requests(string middleware) => new(
        $$"""
        apiVersion: traefik.io/v1alpha1
        kind: Middleware
        metadata: { name: m }
        spec: { {{middleware}} }
        ---
        apiVersion: traefik.io/v1alpha1
        kind: IngressRoute
        metadata: { name: r }
        spec:
          entryPoints: [web]
          routes:
            - match: PathPrefix(`/`)
              middlewares: [{ name: m }]
              services: [{ name: s, port: 80 }]
        """,
        new TraefikDialect());
}
