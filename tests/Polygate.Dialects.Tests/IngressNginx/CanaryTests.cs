using Polygate.Dialects.Tests.Golden;
using static Polygate.Dialects.Tests.IngressNginx.Nginx;

namespace Polygate.Dialects.Tests.IngressNginx;

public sealed class CanaryTests
{
    [Theory]
    [InlineData("canary-by-header: X-Canary", "X-Canary=always", "b /")]
    [InlineData("canary-by-header: X-Canary", "X-Canary=never", "a /")]
    [InlineData("canary-by-header: X-Canary", "X-Canary=other", "a /")]
    [InlineData("canary-by-header: X-Canary", "", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-weight: 100", "X-Canary=never", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-weight: 100", "X-Canary=other", "b /")]
    [InlineData("canary-by-header: X-Canary | canary-by-cookie: c", "X-Canary=other;Cookie=c=always", "b /")]
    [InlineData("canary-by-header: X-Canary | canary-by-cookie: c", "X-Canary=never;Cookie=c=always", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-value: yes", "X-Canary=yes", "b /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-value: yes", "X-Canary=YES", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-value: yes", "X-Canary=always", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-value: yes | canary-weight: 100", "X-Canary=never", "b /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-pattern: ^de", "X-Canary=de-AT", "b /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-pattern: AT", "X-Canary=de-AT", "b /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-pattern: at", "X-Canary=de-AT", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-pattern: ( | canary-weight: 100", "X-Canary=x", "a /")]
    [InlineData("canary-by-header: X-Canary | canary-by-header-pattern: ( | canary-weight: 100", "", "b /")]
    [InlineData("canary-by-cookie: c", "Cookie=c=always", "b /")]
    [InlineData("canary-by-cookie: c", "Cookie=c=never", "a /")]
    [InlineData("canary-by-cookie: c | canary-weight: 100", "Cookie=c=never", "a /")]
    [InlineData("canary-by-cookie: c | canary-weight: 100", "Cookie=c=other", "b /")]
    [InlineData("canary-weight: 0", "", "a /")]
    [InlineData("canary-weight: 100", "", "b /")]
    [InlineData("canary-weight: 200 | canary-weight-total: 200", "", "b /")]
    [InlineData("canary-weight: 100 | canary-weight-total: 50", "", "b /")]
    [InlineData("canary-weight: many", "", "a /")]
    public async Task Header_then_cookie_then_weight_choose_the_canary(string rules, string headers, string expected)
    {
        var fields = headers.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split('=', 2)).Select(pair => (pair[0], pair[1]));
        Assert.Equal(expected, await Pair(rules).AnswerAsync("http://h.test/", headers: [.. fields]));
    }

    [Theory]
    [InlineData("canary-weight: 50", 0.5)]
    [InlineData("canary-weight: 10 | canary-weight-total: 1000", 0.01)]
    public async Task A_weight_is_the_canarys_share(string rules, double share)
    {
        var requests = Pair(rules);
        const int count = 20_000;
        var random = new Random(7);
        var canaries = 0;
        for (var i = 0; i < count; i++)
        {
            canaries += await requests.AnswerAsync("http://h.test/", draw: (ulong)random.NextInt64()) == "b /" ? 1 : 0;
        }

        // The draws are the same in every run; the bounds are six standard deviations.
        var tolerance = 6 * Math.Sqrt(count * share * (1 - share));
        Assert.InRange(canaries, (count * share) - tolerance, (count * share) + tolerance);
    }

    [Fact]
    public async Task A_canary_without_a_primary_serves_nothing()
    {
        var requests = Serve(Annotated("canary", "h.test P /=b", "canary: true | canary-weight: 100"));

        Assert.Equal("404", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal("canary-without-primary", Assert.Single(requests.Diagnostics).Code);
    }

    [Theory]
    [InlineData("h.test E /=b")]
    [InlineData("h.test P /x=b")]
    [InlineData("i.test P /=b")]
    public async Task A_canary_needs_the_same_host_path_and_type(string paths)
    {
        var requests = Serve(Annotated("primary", "h.test P /=a"), Annotated("canary", paths, "canary: true | canary-weight: 100"));

        Assert.Equal("a /x", await requests.AnswerAsync("http://h.test/x"));
        Assert.Equal("a /", await requests.AnswerAsync("http://h.test/"));
    }

    [Fact]
    public async Task Of_several_canaries_only_the_oldest_counts()
    {
        var requests = Serve(
            Annotated("primary", "h.test P /=a"),
            Annotated("young", "h.test P /=c", "canary: true | canary-weight: 100", day: 2),
            Annotated("old", "h.test P /=b", "canary: true | canary-weight: 100", day: 1));

        Assert.Equal("b /", await requests.AnswerAsync("http://h.test/"));
        Assert.Equal(("second-canary", "young"), (requests.Diagnostics.Single().Code, requests.Diagnostics[0].Origin.Name));
    }

    [Fact]
    public async Task A_canary_has_the_annotations_of_its_primary()
    {
        var requests = Serve(
            Annotated("primary", "h.test I /pre/(.*)=a", "rewrite-target: /$1 | denylist-source-range: 10.0.0.0/8"),
            Annotated("canary", "h.test I /pre/(.*)=b", "canary: true | canary-weight: 100 | rewrite-target: /canary"));

        Assert.Equal("b /x", await requests.AnswerAsync("http://h.test/pre/x"));
        Assert.Equal("403", await requests.AnswerAsync("http://h.test/pre/x", client: "10.1.2.3"));
    }

    [Fact]
    public async Task A_canary_leaves_longer_paths_alone()
    {
        var requests = Serve(
            Annotated("primary", "h.test P /=a; h.test P /long=c"),
            Annotated("canary", "h.test P /=b", "canary: true | canary-weight: 100"));

        Assert.Equal("c /long", await requests.AnswerAsync("http://h.test/long"));
        Assert.Equal("b /x", await requests.AnswerAsync("http://h.test/x"));
    }

    private static ServedRequests Pair(string rules) =>
        Serve(Annotated("primary", "h.test P /=a"), Annotated("canary", "h.test P /=b", "canary: true | " + rules));
}
