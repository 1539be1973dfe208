using System.Text;
using Polygate.Dialects.Kong;
using Polygate.Dialects.Tests.Golden;

namespace Polygate.Dialects.Tests.Kong;

/// <summary>Which of Kong's routes answers, in the order of the router flavour traditional_compatible.</summary>
public sealed class KongPrecedenceTests
{
    /// <param name="routes">
    /// Ingresses parted by <c>;;</c>: <c>host path [key=value]…</c>. The host <c>-</c> is none; a path ends with <c>$</c> for Exact and <c>/*</c> for
    /// Prefix, otherwise it is ImplementationSpecific; keys are annotations, or <c>created</c> with a year.
    /// </param>
    /// <param name="request">As <see cref="ServedRequests.RouteOf"/> takes it.</param>
    /// <param name="winner">The place of the Ingress that answers, from 0; -1 for none.</param>
    [Theory]
    [InlineData("a.example /x ;; a.example /x/y", "a.example/x/y", 1)]
    [InlineData("a.example /x ;; - /x/y/z", "a.example/x/y/z", 0)]
    [InlineData("- /x/y/z ;; a.example /x", "a.example/x/y/z", 1)]
    [InlineData("- /~/x.* ;; a.example /x", "a.example/x", 1)]
    [InlineData("a.example /~/x.* ;; a.example /x/y/z", "a.example/x/y/z", 0)]
    [InlineData("a.example /x/y methods=GET ;; a.example /x/y/z", "a.example/x/y/z", 0)]
    [InlineData("a.example /x/y methods=POST ;; a.example /x/y/z", "a.example/x/y/z", 1)]
    [InlineData("- /x methods=GET ;; a.example /x", "a.example/x", 1)]
    [InlineData("*.example /x methods=GET ;; a.example /x", "a.example/x", 0)]
    [InlineData("*.example /x ;; a.example /x", "a.example/x", 1)]
    [InlineData("*.example /x/longer ;; a.example /x", "a.example/x/longer", 1)]
    [InlineData("*.example /~/x.* ;; a.example /x", "a.example/x", 1)]
    [InlineData("a.* /x ;; a.example /x", "a.example/x", 1)]
    [InlineData("*.example /x", "b.a.example/x", 0)]
    [InlineData("*.example /x", "example/x", -1)]
    [InlineData("a.* /x", "a.b.c/x", 0)]
    [InlineData("a.example /x host-aliases=*.other ;; a.example /x", "a.example/x", 1)]
    [InlineData("a.example /x host-aliases=b.other ;; a.example /", "b.other/x", 0)]
    [InlineData("a.example /x headers.v=1 ;; a.example /x", "a.example/x v=1", 0)]
    [InlineData("a.example /x headers.v=1 ;; a.example /x", "a.example/x v=2", 1)]
    [InlineData("a.example /x headers.v=A ;; a.example /", "a.example/x v=a", 0)]
    [InlineData("a.example /x headers.v=1 ;; a.example /x headers.v=1 headers.w=1", "a.example/x v=1 w=1", 1)]
    [InlineData("a.example /x headers.v=1 ;; a.example /~/x headers.v=1", "a.example/x v=1", 1)]
    [InlineData("a.example /~/x headers.v=1 ;; a.example /x headers.v=1 headers.w=1", "a.example/x v=1 w=1", 1)]
    [InlineData("*.example /x headers.v=1 headers.w=1 ;; a.example /x headers.v=1", "a.example/x v=1 w=1", 1)]
    [InlineData("a.example /~/x regex-priority=1 ;; a.example /~/x.* regex-priority=2", "a.example/xy", 1)]
    [InlineData("a.example /~/x regex-priority=3 ;; a.example /~/x.* regex-priority=2", "a.example/xy", 0)]
    [InlineData("a.example /x regex-priority=9 ;; a.example /~/x", "a.example/x", 1)]
    [InlineData("a.example /~/x ;; a.example /~/x/longer/expression", "a.example/x/longer/expression", 0)]
    [InlineData("a.example /x ;; a.example /x$", "a.example/x", 1)]
    [InlineData("a.example /x$ ;; a.example /x/*", "a.example/x", 0)]
    [InlineData("a.example /x/*", "a.example/x", 0)]
    [InlineData("a.example /x/*", "a.example/x/y", 0)]
    [InlineData("a.example /x/*", "a.example/xy", -1)]
    [InlineData("a.example /x", "a.example/xy", 0)]
    [InlineData("a.example /x$", "a.example/x/", -1)]
    [InlineData("a.example /v1.0$", "a.example/v1x0", 0)]
    [InlineData("a.example /~/v[0-9]+$", "a.example/v12", 0)]
    [InlineData("a.example /~/v[0-9]+$$", "a.example/v12/x", -1)]
    [InlineData("a.example /~v", "a.example/x/v", -1)]
    [InlineData("a.example //x//y", "a.example/x/y", 0)]
    [InlineData("a.example /x ;; a.example /x", "a.example/x", 0)]
    [InlineData("a.example /x created=2021 ;; a.example /x created=2020", "a.example/x", 1)]
    [InlineData("- /", "anything/at/all", 0)]
    [InlineData("a.example /x snis=a.example ;; a.example /x/y", "a.example/x/y", 0)]
    public void Attributes_then_hosts_then_headers_then_paths_decide(string routes, string request, int winner)
    {
        var answer = new ServedRequests(Ingresses(routes), new KongDialect()).RouteOf(request);
        Assert.Equal(winner < 0 ? null : $"i{winner}", answer?.Split('/')[3]);
    }

    [Fact]
    public void Server_names_are_compared_on_TLS_connections_only()
    {
        var requests = new ServedRequests(Ingresses("a.example /x snis=other.example ;; a.example /"), new KongDialect());
        Assert.StartsWith("kong/Ingress/default/i0/", requests.RouteOf("a.example/x"), StringComparison.Ordinal);
        Assert.StartsWith("kong/Ingress/default/i1/", requests.RouteOf("a.example/x", port: 443), StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_for_TLS_alone_answers_plaintext_requests_by_itself()
    {
        var requests = new ServedRequests(Ingresses("a.example /x protocols=https ;; a.example /"), new KongDialect());
        Assert.EndsWith("/http", requests.RouteOf("a.example/x"), StringComparison.Ordinal);
        Assert.DoesNotContain("/http", requests.RouteOf("a.example/x", port: 443), StringComparison.Ordinal);
    }

    private static string Ingresses(string routes)
    {
        var yaml = new StringBuilder();
        foreach (var (route, index) in routes.Split(" ;; ").Select((route, index) => (route.Split(' '), index)))
        {
            var settings = route.Skip(2).Select(setting => setting.Split('=')).ToList();
            yaml.Append($"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: i{index}\n");
            foreach (var created in settings.Where(setting => setting[0] == "created"))
            {
                yaml.Append($"  creationTimestamp: \"{created[1]}-01-01T00:00:00Z\"\n");
            }

            yaml.Append("  annotations:\n    konghq.com/tags: test\n");
            foreach (var setting in settings.Where(setting => setting[0] != "created"))
            {
                yaml.Append($"    konghq.com/{setting[0]}: \"{setting[1]}\"\n");
            }

            var path = route[1];
            var type = path.EndsWith('$') ? "Exact" : path.EndsWith("/*", StringComparison.Ordinal) ? "Prefix" : "ImplementationSpecific";
            path = type == "Exact" ? path[..^1] : type == "Prefix" ? path[..^2] : path;
            yaml.Append("spec:\n  ingressClassName: kong\n  rules:\n    - ").Append(route[0] == "-" ? "" : $"host: \"{route[0]}\"\n      ");
            yaml.Append($"http:\n        paths: [{{ path: '{path}', pathType: {type}, backend: {{ service: {{ name: s, port: {{ number: 80 }} }} }} }}]\n---\n");
        }

        return yaml.ToString();
    }
}
