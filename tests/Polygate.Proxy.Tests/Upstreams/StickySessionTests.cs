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

    [Fact]
    public void A_client_keeps_its_token_when_its_endpoint_failed_where_the_backend_says_so()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1, 1)) with { Sticky = Cookie with { KeepOnFailure = true } });
        var bound = RoutingSamples.Request("a.test/", "GET", ("Cookie", "route=" + cluster.Endpoints[0].StickyDigest));

        Assert.Null(SetCookie(cluster, bound, cluster.Endpoints[1]));
    }

    [Fact]
    public void A_session_that_was_idle_for_too_long_or_is_too_old_has_ended()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var limited = Cookie with { IdleTimeout = TimeSpan.FromSeconds(100), AbsoluteTimeout = TimeSpan.FromSeconds(1000) };
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1, 1)) with { Sticky = limited });

        Assert.Null(Renewed(now - 900, now));
        Assert.StartsWith($"route={cluster.Endpoints[0].StickyDigest}-{now - 900:x8}-", Renewed(now - 900, now - 60), StringComparison.Ordinal);
        Assert.DoesNotContain($"{now - 900:x8}", Renewed(now - 900, now - 101), StringComparison.Ordinal);
        Assert.DoesNotContain($"{now - 1001:x8}", Renewed(now - 1001, now), StringComparison.Ordinal);

        string? Renewed(long begun, long used) =>
            SetCookie(cluster, RoutingSamples.Request("a.test/", "GET", ("Cookie", $"route={cluster.Endpoints[0].StickyDigest}-{begun:x8}-{used:x8}")), cluster.Endpoints[0]);
    }

    [Fact]
    public void A_balanced_session_holds_a_key_of_its_endpoint()
    {
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1, 1, 1)) with { Sticky = new StickyCookie("route") { Balanced = true, SecureOverTls = true } });
        foreach (var endpoint in cluster.Endpoints)
        {
            var value = SetCookie(cluster, Anything, endpoint)!;
            var bound = RoutingSamples.Request("a.test/", "GET", ("Cookie", value[..value.IndexOf(';', StringComparison.Ordinal)]));

            Assert.Same(endpoint, cluster.Pick(bound));
            Assert.DoesNotContain(endpoint.StickyDigest, value, StringComparison.Ordinal);
            Assert.DoesNotContain("Secure", value, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 12_2 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Safari/604.1", false)]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Safari/605.1.15", false)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.113 Safari/537.36", false)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", true)]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Version/17.1 Safari/604.1", true)]
    public void Browsers_that_take_None_for_Strict_are_not_told_it(string agent, bool told)
    {
        var cookie = new StickyCookie("route") { SameSite = "None", OmitSameSiteNoneWhereBroken = true };
        var cluster = Cluster(Backend(BalancingAlgorithm.RoundRobin, Weighted(1)) with { Sticky = cookie });

        Assert.Equal(told, SetCookie(cluster, RoutingSamples.Request("a.test/", "GET", ("User-Agent", agent)), cluster.Endpoints[0])!.Contains("SameSite=None", StringComparison.Ordinal));
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
