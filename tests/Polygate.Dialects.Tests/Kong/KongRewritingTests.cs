using Polygate.Dialects.Kong;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Kong;

/// <summary>The path and host that the Service sees (Kong's path handling v0).</summary>
public sealed class KongRewritingTests
{
    /// <param name="path">The Ingress path; ImplementationSpecific, or Prefix with <c>/*</c> after it.</param>
    /// <param name="servicePath">The Service's path; <c>-</c> for none.</param>
    /// <param name="strip">Whether the path is stripped.</param>
    /// <param name="request">The request's path.</param>
    /// <param name="seen">The path that the Service sees.</param>
    [Theory]
    [InlineData("/pre/*", "/backend/", true, "/pre", "/backend X-Forwarded-Prefix=/pre")]
    [InlineData("/pre/*", "/backend/", true, "/pre/", "/backend/ X-Forwarded-Prefix=/pre/")]
    [InlineData("/pre/*", "/backend/", true, "/pre/x", "/backend/x X-Forwarded-Prefix=/pre/")]
    [InlineData("/v1/*", "/api", true, "/v1/x", "/api/x X-Forwarded-Prefix=/v1/")]
    [InlineData("/v1/*", "/api", true, "/v1", "/api X-Forwarded-Prefix=/v1")]
    [InlineData("/v1/*", "/api", false, "/v1/x", "/api/v1/x")]
    [InlineData("/v1/*", "/api/", false, "/v1/x", "/api/v1/x")]
    [InlineData("/", "/api", false, "/", "/api")]
    [InlineData("/v1", "-", true, "/v1", "/ X-Forwarded-Prefix=/v1")]
    [InlineData("/v1", "-", true, "/v1x", "/x X-Forwarded-Prefix=/v1")]
    [InlineData("/v1", "-", false, "/v1/x", "/v1/x")]
    [InlineData("/~/v[0-9]+", "-", true, "/v12/x", "/x X-Forwarded-Prefix=/v12")]
    [InlineData("/~/v[0-9]+", "/api", true, "/v12/x", "/api/x X-Forwarded-Prefix=/v12")]
    [InlineData("/rou", "/srv", true, "/roureq", "/srv/req X-Forwarded-Prefix=/rou")]
    public async Task Stripped_paths_are_joined_to_the_path_of_the_service(string path, string servicePath, bool strip, string request, string seen)
    {
        var annotation = servicePath == "-" ? "" : $"konghq.com/path: {servicePath}";
        var requests = new ServedRequests(Yaml(path, annotation, $"konghq.com/strip-path: \"{strip}\""), new KongDialect());
        Assert.Equal("a.example" + seen, await requests.SeenByBackend("a.example" + request));
    }

    [Theory]
    [InlineData("/~/v([0-9]+)/(.*)", "/api/$2/of/$1", "/v7/users", "/api/users/of/7")]
    [InlineData("/~/v(?<n>[0-9]+)", "/$1", "/v7/users", "/7")]
    [InlineData("/old", "/new$1", "/old/x", "/new")]
    [InlineData("/old", "", "/old/x", "/")]
    public async Task The_annotation_rewrite_replaces_the_whole_path(string path, string rewrite, string request, string seen)
    {
        var requests = new ServedRequests(Yaml(path, "", $"konghq.com/rewrite: \"{rewrite}\""), new KongDialect());
        Assert.Equal("a.example" + seen, await requests.SeenByBackend("a.example" + request));
    }

    [Fact]
    public async Task A_host_header_counts_when_the_client_s_host_is_not_preserved()
    {
        var yaml = Yaml("/", "konghq.com/host-header: inner.example", "konghq.com/preserve-host: \"false\"");
        Assert.Equal("inner.example/x", await new ServedRequests(yaml, new KongDialect()).SeenByBackend("a.example/x"));
        var preserved = Yaml("/", "konghq.com/host-header: inner.example", "konghq.com/tags: x");
        Assert.Equal("a.example/x", await new ServedRequests(preserved, new KongDialect()).SeenByBackend("a.example/x"));
    }

    [Fact]
    public async Task A_plugin_that_is_missing_closes_the_route()
    {
        var yaml = Yaml("/", "", "konghq.com/plugins: nobody");
        Assert.Equal("503", await new ServedRequests(yaml, new KongDialect()).SeenByBackend("a.example/x"));
    }

    private static string Yaml(string path, string serviceAnnotation, string ingressAnnotation)
    {
        var isPrefix = path.EndsWith("/*", StringComparison.Ordinal);
        return $$"""
            apiVersion: v1
            kind: Service
            metadata:
              name: s
              annotations: { {{serviceAnnotation}} }
            spec:
              ports: [{ name: http, port: 80 }]
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: i
              annotations: { {{ingressAnnotation}} }
            spec:
              ingressClassName: kong
              rules:
                - host: a.example
                  http:
                    paths:
                      - path: '{{(isPrefix ? path[..^2] : path)}}'
                        pathType: {{(isPrefix ? "Prefix" : "ImplementationSpecific")}}
                        backend: { service: { name: s, port: { number: 80 } } }
            """;
    }
}
