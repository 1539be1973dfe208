using System.Net;

namespace Polygate.EndToEnd.Tests;

/// <summary>The first example: one rewriting task in every dialect, all in one gateway at once.</summary>
public sealed class QuickstartTests
{
    [Fact]
    public async Task Every_dialect_serves_the_same_path_from_the_backend_at_once()
    {
        using var folder = Examples.Quickstart();
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        (string Url, string Path, string Backend)[] expected =
        [
            ("http://gateway-api.localhost:8080/pre", "/backend", "ingress-test"),
            ("http://gateway-api.localhost:8080/pre/x?q=1", "/backend/x", "ingress-test"),
            ("http://gloo.localhost:8080/pre", "/backend", "ingress-test"),
            ("http://traefik.localhost:8080/pre", "/backend", "ingress-test"),
            ("http://kong.localhost:8080/pre", "/backend", "kong-demo"),
            ("http://kong.localhost:8080/pre/x", "/backend/x", "kong-demo"),
            ("http://nginx.localhost:8080/pre", "/backend", "ingress-test"),
            ("http://nginx.localhost:8080/pre/x", "/backend/x", "ingress-test"),
            ("http://ambassador.localhost:8080/pre/", "/backend/", "ingress-test"),
            ("http://ambassador.localhost:8080/pre/x", "/backend/x", "ingress-test"),
            ("http://ingress.localhost:8080/backend", "/backend", "ingress-test"),
            ("https://ingress.localhost:8443/backend", "/backend", "ingress-test"),
        ];
        foreach (var (url, path, backend) in expected)
        {
            var seen = await gateway.EchoAsync(url);
            Assert.Equal((url, path), (url, (string?)seen["path"]));
            Assert.Equal((url, backend), (url, (string?)seen["backend"]));
        }
    }

    [Theory]
    [InlineData("gateway-api.yaml", "http://gateway-api.localhost:8080/pre", "gateway-api.localhost")]
    [InlineData("gloo.yaml", "http://gloo.localhost:8080/pre", "gloo.localhost")]
    [InlineData("traefik.yaml", "http://traefik.localhost:8080/pre", "traefik.localhost")]
    [InlineData("kong.yaml", "http://kong.localhost:8080/pre", "kong.localhost")]
    [InlineData("ingress-nginx.yaml", "http://nginx.localhost:8080/pre", "nginx.localhost")]
    [InlineData("ambassador.yaml", "http://ambassador.localhost:8080/pre/", "ambassador.localhost")]
    [InlineData("ingress.yaml", "http://ingress.localhost:8080/backend", "ingress.localhost")]
    public async Task A_dialect_alone_keeps_host_and_headers(string file, string url, string host)
    {
        using var folder = Examples.Quickstart(file);
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var seen = await gateway.EchoAsync(url, ("X-Asked", "yes"), ("Connection", "X-Hop"), ("X-Hop", "1"));
        Assert.StartsWith("/backend", (string?)seen["path"], StringComparison.Ordinal);
        Assert.StartsWith(host, (string?)seen["host"], StringComparison.Ordinal);
        var headers = seen["headers"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.OrdinalIgnoreCase);
        Assert.Contains("yes", headers["X-Asked"], StringComparison.Ordinal);
        Assert.Contains("127.", headers["X-Forwarded-For"], StringComparison.Ordinal);
        Assert.Contains("http", headers["X-Forwarded-Proto"], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Hop", headers.Keys);
    }

    [Fact]
    public async Task Gateway_api_redirects_and_routes_by_header_and_weight()
    {
        using var folder = Examples.Quickstart("gateway-api.yaml");
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        using var redirect = await gateway.GetAsync("http://gateway-api.localhost:8080/old/x?q=1");
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
        Assert.Equal("http://gateway-api.localhost:8080/pre/x?q=1", redirect.Headers.Location!.ToString());

        // A client that came by the configured port, through something that maps it, stays there.
        using var mapped = await gateway.GetAsync("http://gateway-api.localhost:8080/old/x", ("Host", "gateway-api.localhost"));
        Assert.Equal("http://gateway-api.localhost/pre/x", mapped.Headers.Location!.ToString());

        var tester = await gateway.EchoAsync("http://gateway-api.localhost:8080/ab", ("X-Version", "2"));
        Assert.Equal("ingress-test-v2", (string?)tester["backend"]);

        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 400; i++)
        {
            var backend = (string)(await gateway.EchoAsync("http://gateway-api.localhost:8080/ab"))["backend"]!;
            counts[backend] = counts.GetValueOrDefault(backend) + 1;
        }

        // Nine to one: with 400 draws the smaller share is between 10 and 80 in all but one of a hundred million runs.
        Assert.InRange(counts["ingress-test-v2"], 10, 80);
        Assert.Equal(400, counts.Values.Sum());
    }

    [Fact]
    public async Task Gloo_discovers_an_upstream_that_nobody_wrote()
    {
        using var folder = Examples.Quickstart("gloo.yaml");
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        var seen = await gateway.EchoAsync("http://gloo.localhost:8080/v2/x");
        Assert.Equal("ingress-test-v2", (string?)seen["backend"]);
        Assert.Equal("/v2/x", (string?)seen["path"]);
    }

    [Fact]
    public async Task What_no_route_matches_is_not_found()
    {
        using var folder = Examples.Quickstart();
        await using var gateway = await GatewayProcess.StartAsync(folder.Path);
        foreach (var url in new[] { "http://traefik.localhost:8080/other", "http://gloo.localhost:8080/pre/x", "http://nobody.localhost:8080/" })
        {
            using var answer = await gateway.GetAsync(url);
            Assert.Equal((url, HttpStatusCode.NotFound), (url, answer.StatusCode));
        }
    }
}
