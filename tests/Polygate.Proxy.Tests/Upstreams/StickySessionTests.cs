using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Tests.Routing;
using Polygate.Proxy.Upstreams;
using static Polygate.Proxy.Tests.Upstreams.UpstreamSamples;

namespace Polygate.Proxy.Tests.Upstreams;

public sealed class StickySessionTests
{
    private static readonly StickyCookie Cookie = new("route") { Path = "/app", Secure = true, SameSite = "Lax", MaxAge = 60, Domain = "a.test" };

    [Fact]
    public void The_first_answer_binds_the_client_and_later_requests_stay()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1, 1, 1)) with { Sticky = Cookie });
        var endpoint = cluster.Pick(Anything)!;
        var value = SetCookie(cluster, Anything, endpoint)!;
        var bound = RoutingSamples.Request("a.test/", "GET", ("Cookie", value[..value.IndexOf(';', StringComparison.Ordinal)]));

        Assert.EndsWith("; Path=/app; Domain=a.test; Max-Age=60; Secure; HttpOnly; SameSite=Lax", value, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", value, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Same(endpoint, cluster.Pick(bound)));
        Assert.Null(SetCookie(cluster, bound, endpoint));
    }

    [Fact]
    public void An_endpoint_that_goes_away_keeps_its_sessions_until_it_is_gone()
    {
        var endpoints = Weighted(1, 1);
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, endpoints) with { Sticky = Cookie });
        var first = cluster.Endpoints.Single(endpoint => endpoint.Address.Port == 1);
        var bound = RoutingSamples.Request("a.test/", "GET", ("Cookie", "route=" + first.StickyDigest));

        var leaving = Cluster(Backend(BalancingAlgorithm.RoundRobin, endpoints[0] with { Ready = false }, endpoints[1]) with { Sticky = Cookie });
        Assert.Equal(1, leaving.Pick(bound)!.Address.Port);

        var gone = Cluster(Backend(BalancingAlgorithm.RoundRobin, endpoints[1]) with { Sticky = Cookie });
        var moved = gone.Pick(bound)!;
        Assert.Equal(2, moved.Address.Port);
        Assert.NotNull(SetCookie(gone, bound, moved));
    }

    [Fact]
    public void A_retry_leaves_the_bound_endpoint()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1, 1)) with { Sticky = Cookie });
        var first = cluster.Endpoints[0];
        var bound = RoutingSamples.Request("a.test/", "GET", ("Cookie", "route=" + first.StickyDigest));

        Assert.NotSame(first, cluster.Pick(bound, exclude: first));
    }

    [Theory]
    [InlineData("route=")]
    [InlineData("route=0123456789abcdef")]
    [InlineData("route=not-a-digest-at-all")]
    public void A_cookie_that_names_nothing_is_replaced(string cookie)
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1)) with { Sticky = Cookie });
        var head = RoutingSamples.Request("a.test/", "GET", ("Cookie", cookie));

        Assert.NotNull(SetCookie(cluster, head, cluster.Pick(head)!));
    }

    private static string? SetCookie(UpstreamCluster cluster, RequestHead head, UpstreamEndpoint endpoint)
    {
        var response = new ResponseHead();
        cluster.SetStickyCookie(head, endpoint, response);
        return response.Headers.TryGet("set-cookie"u8, out var value) ? Encoding.UTF8.GetString(value) : null;
    }
}
