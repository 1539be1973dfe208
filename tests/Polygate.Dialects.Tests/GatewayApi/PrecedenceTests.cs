namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>Which rule answers when several fit: HTTPRouteRule and GRPCRouteRule, "matches".</summary>
public sealed class PrecedenceTests
{
    [Theory]

    // 1. The longest matching host name that is exact, then the longest that is not.
    [InlineData("a host:*.example.com\nb host:www.example.com", "GET www.example.com/", "b/0")]
    [InlineData("a host:*.example.com\nb host:*.shop.example.com", "GET x.shop.example.com/", "b/0")]
    [InlineData("a host:*.com\nb host:*.example.com", "GET example.com/", "a/0")]
    [InlineData("a prefix:/\nb host:*.example.com prefix:/", "GET www.example.com/", "b/0")]
    [InlineData("a host:*.example.com exact:/x\nb host:www.example.com prefix:/", "GET www.example.com/x", "b/0")]
    [InlineData("a host:*.example.com exact:/x method:GET header:h=1\nb host:*.www.example.com prefix:/", "GET a.www.example.com/x h=1", "b/0")]

    // A more specific host without a matching rule leaves the request to a less specific one of the same listener.
    [InlineData("a host:*.example.com prefix:/\nb host:www.example.com prefix:/only", "GET www.example.com/x", "a/0")]

    // 2. An exact path.
    [InlineData("a prefix:/foo\nb exact:/foo", "GET h/foo", "b/0")]
    [InlineData("a prefix:/foo method:GET header:h=1 query:q=1\nb exact:/foo", "GET h/foo?q=1 h=1", "b/0")]
    [InlineData("a exact:/foo\nb prefix:/foo", "GET h/foo/", "b/0")]
    [InlineData("a exact:/Foo\nb prefix:/", "GET h/foo", "b/0")]

    // 3. The longest prefix, by elements.
    [InlineData("a prefix:/foo\nb prefix:/foo/bar", "GET h/foo/bar/x", "b/0")]
    [InlineData("a prefix:/foo\nb prefix:/foo/bar", "GET h/foo/barx", "a/0")]
    [InlineData("a prefix:/\nb prefix:/v2", "GET h/v2", "b/0")]
    [InlineData("a prefix:/\nb prefix:/v2", "GET h/v2example", "a/0")]
    [InlineData("a prefix:/foo method:GET header:h=1\nb prefix:/foo/bar", "GET h/foo/bar h=1", "b/0")]
    [InlineData("a prefix:/foo/ header:h=1\nb prefix:/foo", "GET h/foo h=1", "a/0")]
    [InlineData("a prefix:/foo\nb prefix:/foo/", "GET h/foo/", "a/0")]
    [InlineData("a prefix:/two/\nb prefix:/", "GET h/two", "a/0")]

    // Ours: a regular expression stands between exact paths and prefixes, the longer first.
    [InlineData("a prefix:/items/long\nb regex:/items/.*", "GET h/items/long", "b/0")]
    [InlineData("a regex:/items/.*\nb exact:/items/1", "GET h/items/1", "b/0")]
    [InlineData("a regex:/items/.*\nb regex:/items/[0-9]+", "GET h/items/1", "b/0")]
    [InlineData("a regex:/items\nb prefix:/", "GET h/items/1", "b/0")]

    // 4. A method.
    [InlineData("a prefix:/x\nb prefix:/x method:POST", "POST h/x", "b/0")]
    [InlineData("a prefix:/x\nb prefix:/x method:POST", "GET h/x", "a/0")]
    [InlineData("a prefix:/x header:h=1 header:i=1\nb prefix:/x method:GET", "GET h/x h=1 i=1", "b/0")]

    // 5. The most headers; of one name only the first counts.
    [InlineData("a prefix:/x header:h=1\nb prefix:/x header:h=1 header:i=1", "GET h/x h=1 i=1", "b/0")]
    [InlineData("a prefix:/x header:h=1\nb prefix:/x header:h=1 header:i=1", "GET h/x h=1", "a/0")]
    [InlineData("a prefix:/x header:h=1 header:H=2 header:H=3\nb prefix:/x header:h=1 header:i=1", "GET h/x h=1 i=1", "b/0")]
    [InlineData("a prefix:/x query:q=1 query:r=1\nb prefix:/x header:h=1", "GET h/x?q=1&r=1 h=1", "b/0")]
    [InlineData("a prefix:/x header:Version=two\nb prefix:/x", "GET h/x version=two", "a/0")]
    [InlineData("a prefix:/x header:Version=two\nb prefix:/x", "GET h/x version=Two", "b/0")]

    // 6. The most query parameters; names and values are case-sensitive, the first value counts.
    [InlineData("a prefix:/x query:q=1\nb prefix:/x query:q=1 query:r=2", "GET h/x?q=1&r=2", "b/0")]
    [InlineData("a prefix:/x\nb prefix:/x query:q=1", "GET h/x?q=2&q=1", "a/0")]
    [InlineData("a prefix:/x\nb prefix:/x query:q=1", "GET h/x?Q=1", "a/0")]

    // 7. The oldest route, then the first by namespace/name.
    [InlineData("a prefix:/x created:2024-02-01\nb prefix:/x created:2024-01-01", "GET h/x", "b/0")]
    [InlineData("b prefix:/x\na prefix:/x", "GET h/x", "a/0")]
    [InlineData("shop-2 prefix:/x\nshop prefix:/x", "GET h/x", "shop/0")]
    [InlineData("a prefix:/x ns:zoo\nz prefix:/x ns:alpha", "GET h/x", "z/0")]
    [InlineData("a prefix:/x created:2024-02-01\nb prefix:/x/y created:2024-03-01", "GET h/x/y", "b/0")]

    // 8. The first rule.
    [InlineData("a prefix:/x\na prefix:/x", "GET h/x", "a/0")]
    [InlineData("a prefix:/x\na prefix:/x header:h=1", "GET h/x h=1", "a/1")]
    [InlineData("a exact:/one or prefix:/two header:h=1\na prefix:/two", "GET h/two h=1", "a/0")]
    [InlineData("a exact:/one or prefix:/two header:h=1\na prefix:/two", "GET h/two", "a/1")]
    [InlineData("a exact:/one", "GET h/two", null)]
    public void The_most_specific_match_of_HTTP_wins(string routes, string request, string? expected) =>
        Assert.Equal(expected, RouteTable.OfRoutes(routes).Answer(request));

    [Theory]
    [InlineData("a service:shop.Cart\nb service:shop.Cart call:Add", "POST h/shop.Cart/Add", "b/0")]
    [InlineData("a call:AddManyThings\nb service:s.C", "POST h/s.C/AddManyThings", "b/0")]
    [InlineData("a service:s.C header:h=1\nb service:s.C call:Add", "POST h/s.C/Add h=1", "b/0")]
    [InlineData("a service:s.C\nb service:s.C header:h=1", "POST h/s.C/Add h=1", "b/0")]
    [InlineData("a service:s.C\nb service:s.Cx", "POST h/s.Cx/Add", "b/0")]
    [InlineData("a service:s.C call:Add", "POST h/s.C/Remove", null)]
    [InlineData("a service:s.C call:Add", "POST h/s.C/add", null)]
    [InlineData("a call:Ping", "POST h/any.Service/Ping", "a/0")]
    [InlineData("a host:*.example call:Ping\nb host:x.example call:Pong", "POST x.example/s/Ping", "a/0")]
    [InlineData("a service:s.C created:2024-02-01\nb service:s.C created:2024-01-01", "POST h/s.C/Add", "b/0")]
    public void The_most_specific_match_of_gRPC_wins(string routes, string request, string? expected) =>
        Assert.Equal(expected, RouteTable.OfRoutes(routes).Answer(request));

    /// <summary>Only the routes of the most specific listener compete (GatewayHTTPListenerIsolation).</summary>
    [Theory]
    [InlineData("GET bar.com/any", "any/0")]
    [InlineData("GET bar.com/wide", null)]
    [InlineData("GET x.example.com/wide", "wide/0")]
    [InlineData("GET x.example.com/any", null)]
    [InlineData("GET x.foo.example.com/narrow", "narrow/0")]
    [InlineData("GET x.foo.example.com/wide", null)]
    [InlineData("GET abc.foo.example.com/exact", "exact/0")]
    [InlineData("GET abc.foo.example.com/narrow", null)]
    [InlineData("GET abc.foo.example.com/any", null)]
    [InlineData("GET unused.example.com/any", null)]
    [InlineData("GET unused.example.com/wide", null)]
    public void A_request_never_falls_through_to_a_less_specific_listener(string request, string? expected)
    {
        const string Hostnames = "\"bar.com\", \"*.example.com\", \"*.foo.example.com\", \"abc.foo.example.com\"";
        var table = RouteTable.Of($$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: gw }
            spec:
              gatewayClassName: any
              listeners:
                - { name: any, port: 80, protocol: HTTP }
                - { name: wide, port: 80, protocol: HTTP, hostname: "*.example.com" }
                - { name: narrow, port: 80, protocol: HTTP, hostname: "*.foo.example.com" }
                - { name: exact, port: 80, protocol: HTTP, hostname: "abc.foo.example.com" }
                - { name: unused, port: 80, protocol: HTTP, hostname: "unused.example.com" }

            """ + string.Concat(new[] { "any", "wide", "narrow", "exact" }.Select(name => $$"""
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: {{name}} }
            spec:
              parentRefs: [{ name: gw, sectionName: {{name}} }]
              hostnames: [{{Hostnames}}]
              rules: [{ matches: [{ path: { value: /{{name}} } }] }]

            """)));

        Assert.Equal(expected, table.Answer(request));
    }
}
