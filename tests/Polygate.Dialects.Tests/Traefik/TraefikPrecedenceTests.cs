using System.Text;
using Polygate.Dialects.Tests.Golden;
using Polygate.Dialects.Traefik;
using Polygate.Model;

namespace Polygate.Dialects.Tests.Traefik;

/// <summary>Which of Traefik's routers answers: the higher priority, which is the length of the rule unless it is written.</summary>
public sealed class TraefikPrecedenceTests
{
    /// <param name="rules">Rules parted by <c>;;</c>, each with <c>@priority</c> after it where one is written.</param>
    /// <param name="request">As <see cref="ServedRequests.RouteOf"/> takes it.</param>
    /// <param name="winner">The place of the rule that answers, from 0; -1 for none.</param>
    [Theory]
    [InlineData("PathPrefix(`/`) ;; PathPrefix(`/api`)", "a/api", 1)]
    [InlineData("PathPrefix(`/`) ;; PathPrefix(`/api`)", "a/", 0)]
    [InlineData("PathPrefix(`/api`) ;; Path(`/api`)", "a/api", 0)]
    [InlineData("Host(`foobar.traefik.com`) ;; HostRegexp(`[a-z]+\\.traefik\\.com`)", "foobar.traefik.com/", 1)]
    [InlineData("Host(`foobar.traefik.com`) ;; HostRegexp(`[a-z]+\\.com`)", "foobar.traefik.com/", 0)]
    [InlineData("Host(`a.example`) ;; PathPrefix(`/a/very/long/path/indeed`)", "a.example/a/very/long/path/indeed", 1)]
    [InlineData("Host(`a.example`) ;; PathPrefix(`/short`)", "a.example/short", 1)]
    [InlineData("Host(`a.example`) ;; Path(`/short`)", "a.example/short", 0)]
    [InlineData("Host(`a.example`) @1 ;; Path(`/short`)", "a.example/short", 1)]
    [InlineData("Host(`a.example`) ;; Path(`/short`) @18", "a.example/short", 1)]
    [InlineData("Host(`a.example`) ;; Path(`/short`) @17", "a.example/short", 0)]
    [InlineData("Host(`a.example`) @0 ;; Path(`/short`) @0", "a.example/short", 0)]
    [InlineData("Path(`/a`) @-1 ;; PathPrefix(`/`) @-2", "a/a", 0)]
    [InlineData("Path(`/a`) @-2 ;; PathPrefix(`/`) @-1", "a/a", 1)]
    [InlineData("Path(`/a`) @-1 ;; PathPrefix(`/`)", "a/a", 1)]
    [InlineData("Host(`a`) && Path(`/x`) ;; Host(`a`)  &&  Path(`/x`)", "a/x", 1)]
    [InlineData("Host(`a`) || Host(`b`) ;; Host(`a`) && Path(`/x`)", "a/x", 1)]
    [InlineData("Host(`a`) || Host(`b`) || Host(`c`) ;; Host(`a`) && Path(`/x`)", "a/x", 0)]
    [InlineData("Host(`*.example`) ;; Host(`www.example`)", "www.example/", 1)]
    [InlineData("Host(`*.example.com`) ;; Host(`a.example.com`)", "a.example.com/", 0)]
    [InlineData("Host(`*.example.com`) ;; Host(`a.example.com`)", "b.example.com/", 0)]
    [InlineData("Host(`*.example.com`)", "x.b.example.com/", -1)]
    [InlineData("Host(`*.example.com`)", "example.com/", -1)]
    [InlineData("Host(`*`) ;; Host(`a`)", "a/", 0)]
    [InlineData("Host(`aa`) ;; Host(`*`)", "aa/", 0)]
    [InlineData("PathPrefix(`/foo`)", "a/foobar", 0)]
    [InlineData("Path(`/foo`)", "a/foo/", -1)]
    [InlineData("PathPrefix(`/foo/`)", "a/foo", -1)]
    [InlineData("Path(`/Foo`)", "a/foo", -1)]
    [InlineData("Path(`/x`) && Method(`POST`) ;; Path(`/x`)", "POST a/x", 0)]
    [InlineData("Path(`/x`) && Method(`POST`) ;; Path(`/x`)", "a/x", 1)]
    [InlineData("Path(`/x`) && !Method(`POST`) ;; Path(`/x`)", "POST a/x", 1)]
    [InlineData("Path(`/x`) && Header(`X-A`, `1`) ;; Path(`/x`)", "a/x X-A=1", 0)]
    [InlineData("Path(`/x`) && Header(`X-A`, `1`) ;; Path(`/x`)", "a/x X-A=2", 1)]
    [InlineData("Path(`/x`) && Query(`v`, `2`) ;; Path(`/x`)", "a/x?v=2", 0)]
    [InlineData("Path(`/x`) && Query(`v`) ;; Path(`/x`)", "a/x?v=2", 1)]
    [InlineData("Path(`/x`) && Query(`v`) ;; Path(`/x`)", "a/x?v=", 0)]
    [InlineData("PathRegexp(`\\.php$`) ;; PathPrefix(`/`)", "a/x/index.php", 0)]
    [InlineData("PathRegexp(`^/[0-9]+$`) ;; PathPrefix(`/a`)", "a/12", 0)]
    [InlineData("ClientIP(`127.0.0.0/8`) ;; PathPrefix(`/`)", "a/", 0)]
    [InlineData("ClientIP(`10.0.0.0/8`) ;; PathPrefix(`/`)", "a/", 1)]
    [InlineData("!Host(`a`) ;; Path(`/`)", "a/", 1)]
    [InlineData("!(Host(`a`) && Path(`/x`)) ;; Path(`/`)", "a/y", 0)]
    [InlineData("Path(`/é`) @99 ;; PathPrefix(`/`)", "a/%C3%A9", 0)]
    [InlineData("Path(`/a b`) @99 ;; PathPrefix(`/`)", "a/a%20b", 0)]
    [InlineData("Host(`B`) ;; Host(`A`)", "a/", 1)]
    [InlineData("PathPrefix(`/b`) ;; PathPrefix(`/a`)", "a/c", -1)]
    public void The_longer_rule_or_the_higher_priority_wins(string rules, string request, int winner)
    {
        var answer = new ServedRequests(IngressRoute("table", "web", rules), new TraefikDialect()).RouteOf(request);
        Assert.Equal(winner < 0 ? null : $"traefik/IngressRoute/default/table/{winner}", answer);
    }

    [Fact]
    public void Of_two_objects_with_equal_rules_the_first_by_name_wins()
    {
        var yaml = IngressRoute("b", "web", "Host(`x`)") + "---\n" + IngressRoute("a", "web", "Host(`x`)");
        Assert.Equal("traefik/IngressRoute/default/a/0", new ServedRequests(yaml, new TraefikDialect()).RouteOf("x/"));
    }

    [Fact]
    public void An_IngressRoute_goes_before_an_Ingress_of_equal_priority()
    {
        var ingress = """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: a
            spec:
              ingressClassName: traefik
              rules:
                - host: x
                  http:
                    paths: [{ path: /y, pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }]

            """;
        var equal = ingress + "---\n" + IngressRoute("b", "web", "Host(`x`) && PathPrefix(`/y`)");
        Assert.Equal("traefik/IngressRoute/default/b/0", new ServedRequests(equal, new TraefikDialect()).RouteOf("x/y"));
        var shorter = ingress + "---\n" + IngressRoute("b", "web", "Host(`x`) && PathPrefix(`/`)");
        Assert.Equal("traefik/Ingress/default/a/0/0", new ServedRequests(shorter, new TraefikDialect()).RouteOf("x/y"));
    }

    [Fact]
    public void A_route_with_tls_answers_on_TLS_entry_points_only()
    {
        var requests = new ServedRequests(IngressRoute("t", null, "Host(`x`)", "  tls: {}\n"), new TraefikDialect());
        Assert.Null(requests.RouteOf("x/"));
        Assert.NotNull(requests.RouteOf("x/", port: 443));
    }

    [Fact]
    public void A_route_without_entry_points_is_served_on_the_default_ones()
    {
        var requests = new ServedRequests(IngressRoute("t", null, "Host(`x`)"), new TraefikDialect());
        Assert.NotNull(requests.RouteOf("x/"));
        Assert.NotNull(requests.RouteOf("x/", port: 443));
    }

    [Fact]
    public void A_route_whose_middleware_is_missing_does_not_fall_through_to_an_open_one()
    {
        var closed = IngressRoute("closed", "web", "Host(`x`) && PathPrefix(`/admin`)")
            .Replace("services:", "middlewares: [{ name: nobody }]\n      services:", StringComparison.Ordinal);
        var requests = new ServedRequests(closed + "---\n" + IngressRoute("open", "web", "Host(`x`)"), new TraefikDialect());
        Assert.Equal("traefik/IngressRoute/default/closed/0", requests.RouteOf("x/admin"));
        Assert.Contains(requests.Diagnostics, diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, Code: "missing-middleware" });
    }

    private static string IngressRoute(string name, string? entryPoint, string rules, string more = "")
    {
        var yaml = new StringBuilder($"apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata:\n  name: {name}\nspec:\n{more}");
        yaml.Append(entryPoint is null ? "" : $"  entryPoints: [{entryPoint}]\n").Append("  routes:\n");
        foreach (var rule in rules.Split(" ;; "))
        {
            var at = rule.IndexOf(" @", StringComparison.Ordinal);
            yaml.Append($"    - match: '{(at < 0 ? rule : rule[..at])}'\n");
            yaml.Append(at < 0 ? "" : $"      priority: {rule[(at + 2)..]}\n");
            yaml.Append("      services: [{ name: s, port: 80 }]\n");
        }

        return yaml.ToString();
    }
}
