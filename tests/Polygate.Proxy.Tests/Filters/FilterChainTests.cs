using System.Net;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Routing;
using static Polygate.Proxy.Tests.Routing.RoutingSamples;

namespace Polygate.Proxy.Tests.Filters;

public sealed class FilterChainTests
{
    [Theory]
    [InlineData("CN=alice", 403)]
    [InlineData("(", 503)]
    [InlineData("^$", 0)]
    public async Task A_certificate_of_another_subject_is_refused(string pattern, int status)
    {
        var run = await FilterRun.Run(Request("a.test/"), new ClientCertificateFilter("v") { Verify = false, SubjectPattern = pattern });
        Assert.Equal(status, run.Reply?.Status ?? 0);
    }

    [Fact]
    public async Task Headers_are_put_together_for_each_request_and_empty_ones_removed()
    {
        var run = await FilterRun.Run(
            Request("a.test/x?y=z", "GET", ("X-Old", "forged"), ("X-In", "in")),
            new RequestHeaderTemplateFilter(
            [
                new HeaderTemplate("X-Old", TextTemplate.Of(TextSource.Header, "X-Missing")),
                new HeaderTemplate("X-New", new TextTemplate([TextPart.Literal("<"), new TextPart(TextSource.Header, "x-in"), new TextPart(TextSource.Host), TextPart.Literal(">")])),
            ]));
        Assert.Null(run.Header("x-old"));
        Assert.Equal("<ina.test>", run.Header("x-new"));
    }

    [Fact]
    public async Task Headers_are_removed_then_set_then_added_then_set_where_absent()
    {
        var changes = new HeaderChanges
        {
            Remove = ["X-Gone"],
            Set = [new HeaderValue("X-Set", "new")],
            Add = [new HeaderValue("X-Add", "second")],
            SetIfAbsent = [new HeaderValue("X-Add", "never"), new HeaderValue("X-Absent", "there")],
        };
        var head = Request("a.test/", "GET", ("x-gone", "1"), ("x-gone", "2"), ("x-set", "old"), ("x-set", "older"), ("x-add", "first"));
        var run = await FilterRun.Run(head, new RequestHeaderFilter(changes), new ResponseHeaderFilter(changes));

        Assert.Equal([null, "new", "first|second", "there"], new[] { "x-gone", "x-set", "x-add", "x-absent" }.Select(run.Header));
        Assert.Equal("first|second", run.ResponseHeader("x-add", ("x-add", "first")));
        Assert.Null(run.ResponseHeader("x-gone", ("x-gone", "1")));
    }

    [Fact]
    public async Task Setting_the_host_header_replaces_the_authority()
    {
        var run = await FilterRun.Run(Request("a.test/"), new RequestHeaderFilter(new HeaderChanges { Set = [new HeaderValue("host", "b.test")] }));

        Assert.Equal("b.test", run.Authority);
        Assert.Null(run.Header("host"));
    }

    [Fact]
    public async Task A_header_cannot_break_out_of_its_line()
    {
        var run = await FilterRun.Run(Request("a.test/"), new RequestHeaderFilter(new HeaderChanges { Set = [new HeaderValue("X", "a\r\nEvil: 1")] }));

        Assert.Equal("a  Evil: 1", run.Header("x"));

        run = await FilterRun.Run(Request("a.test/"), new RequestHeaderFilter(new HeaderChanges { Set = [new HeaderValue("X\r\nEvil: 1", "a")] }));
        Assert.Equal("a", run.Header("x--Evil--1"));
    }

    [Fact]
    public async Task An_answer_passes_the_filters_that_saw_the_request_in_reverse()
    {
        static ResponseHeaderFilter Add(string value) => new(new HeaderChanges { Add = [new HeaderValue("X-Passed", value)] });

        var forwarded = await FilterRun.Run(Request("a.test/"), Add("1"), Add("2"));
        Assert.Equal("2|1", forwarded.ResponseHeader("x-passed"));

        var refused = await FilterRun.Run(Request("a.test/"), Add("1"), new RefuseFilter(503), Add("2"));
        Assert.Equal(503, refused.Reply?.Status);
        Assert.Equal("1", refused.ResponseHeader("x-passed"));
    }

    [Theory]
    [InlineData("10.1.2.3", null)]
    [InlineData("::ffff:10.1.2.3", null)]
    [InlineData("10.9.0.1", 403)]
    [InlineData("192.0.2.1", 403)]
    [InlineData("2001:db8::1", 403)]
    public async Task Addresses_are_denied_first_and_then_allowed(string address, int? status)
    {
        var head = Request("a.test/");
        head.ClientAddress = IPAddress.Parse(address);
        var run = await FilterRun.Run(
            head, new AddressAccessFilter { Allow = ["10.0.0.0/8", "0.0.0.0/32"], Deny = ["10.9.0.0/16"], RejectBody = "no entry for {address}" });

        Assert.Equal(status, run.Reply?.Status);
        Assert.Equal(status is null ? null : $"no entry for {address}", run.Reply is null ? null : System.Text.Encoding.UTF8.GetString(run.Reply.Body.Span));
    }

    [Fact]
    public async Task A_filter_with_an_invalid_value_refuses_everything_instead_of_being_skipped()
    {
        var problems = new List<string>();
        var chain = FilterChain.Compile([new AddressAccessFilter { Allow = ["10.0.0.0/8", "10.0.0"], Deny = ["no address"] }], "r", new RuntimeState(), problems);
        var state = new FilterState();
        state.Begin(80);

        Assert.Equal(503, (await chain.ApplyToRequestAsync(Request("a.test/"), state))?.Status);
        Assert.Contains(problems, problem => problem.Contains("no address", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("100", null)]
    [InlineData("101", 413)]
    [InlineData("99999999999999999999", 413)]
    public async Task A_body_announced_too_large_is_refused_at_once(string length, int? status)
    {
        var run = await FilterRun.Run(Request("a.test/", "POST", ("Content-Length", length)), new BodyLimitFilter(100), new BodyLimitFilter(200));

        Assert.Equal(status, run.Reply?.Status);
    }

    [Fact]
    public void The_smallest_body_limit_is_what_the_forwarder_enforces()
    {
        var chain = FilterChain.Compile([new BodyLimitFilter(200), new BodyLimitFilter(100, 414), new BodyLimitFilter(0)], "r", new RuntimeState(), []);

        Assert.Equal(100, chain.BodyLimit?.MaximumBytes);
        Assert.Equal(414, chain.BodyLimit?.Refusal.Status);
        Assert.True(FilterChain.Compile([new BodyLimitFilter(0)], "r", new RuntimeState(), []).IsEmpty);
    }
}
