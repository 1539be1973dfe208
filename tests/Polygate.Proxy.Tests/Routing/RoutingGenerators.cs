using System.Collections.Immutable;
using System.Net;
using System.Text;
using CsCheck;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Tests.Routing;

/// <summary>Random configurations and requests from so few words that they meet each other all the time.</summary>
internal static class RoutingGenerators
{
    /// <summary>The regular expressions used for paths, with the length of their literal start.</summary>
    public static readonly Dictionary<string, int> LiteralStarts = new(StringComparer.Ordinal)
    {
        ["^/a"] = 2,
        ["^/a/[a-z]+$"] = 3,
        ["b$"] = 0,
        ["^/(a|b)"] = 0,
        ["^/ab?"] = 2,
    };

    public static readonly ListenerKey[] Listeners = [new(80), new(8080)];

    // One regular expression only, so that no order among several has to be spelled out in the naive matcher.
    private static readonly Gen<HostPattern> Hosts = Gen.OneOf(
        HostPattern.Any,
        HostPattern.Any,
        HostPattern.Exact("a.test"),
        HostPattern.Exact("b.a.test"),
        HostPattern.Exact("test"),
        HostPattern.Suffix(".test"),
        HostPattern.Suffix(".a.test"),
        HostPattern.SingleLabelSuffix(".test"),
        HostPattern.SingleLabelSuffix(".a.test"),
        HostPattern.Prefix("a."),
        HostPattern.Prefix("b.a."),
        HostPattern.Regex("^[ab]\\."));

    private static readonly Gen<string> PathTexts = Gen.OneOf("/", "/a", "/a/", "/a/b", "/a/b/", "/ab", "/a//b", "/A", "/a/b/c", "");

    private static readonly Gen<PathPattern> Paths = Gen.OneOf(
        Gen.Const(PathPattern.Any),
        Gen.Select(PathTexts, Gen.Bool, PathPattern.Exact),
        Gen.Select(PathTexts, Gen.Bool, (text, ignoreCase) => PathPattern.ElementPrefix(text) with { IgnoreCase = ignoreCase }),
        Gen.Select(PathTexts, Gen.Bool, PathPattern.StringPrefix),
        Gen.Select(Gen.OneOf([.. LiteralStarts.Keys]), Gen.Bool, PathPattern.Regex));

    private static readonly Gen<TextPattern> Texts = Gen.OneOf(
        TextPattern.Present,
        TextPattern.Exact("one"),
        TextPattern.Exact("ONE", ignoreCase: true),
        TextPattern.Exact("one,two"),
        TextPattern.Regex("^t"),
        TextPattern.Regex("o", ignoreCase: true));

    private static readonly Gen<MatchCondition> Conditions = Gen.Select(
        Gen.OneOf<MatchCondition>(
            Gen.OneOf("GET", "POST", "get").Select(method => (MatchCondition)new MethodCondition([method])),
            Gen.Select(Gen.OneOf("x-a", "X-B"), Texts, Gen.Bool, (name, text, join) => (MatchCondition)new HeaderCondition(name, [text]) { JoinValues = join }),
            Gen.Select(Gen.OneOf("q", "r s"), Texts, Gen.Bool, (name, text, first) => (MatchCondition)new QueryCondition(name, [text]) { FirstValueOnly = first }),
            Gen.Select(Gen.OneOf("c", "d"), Texts, (name, text) => (MatchCondition)new CookieCondition(name, text)),
            Gen.OneOf("10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "0.0.0.0/0", "::/0").Select(network => (MatchCondition)new ClientAddressCondition([network])),
            Hosts.Select(host => (MatchCondition)new HostCondition(host)),
            Paths.Select(path => (MatchCondition)new PathCondition(path)),
            Gen.Const<MatchCondition>(new TlsCondition()),
            Hosts.Select(host => (MatchCondition)new ServerNameCondition(host)),
            Gen.Select(Gen.OneOf("g", "h"), Gen.Double[0, 1], (group, below) => (MatchCondition)new ShareCondition(group, below))),
        Gen.Bool,
        (condition, negated) => condition with { Negated = negated });

    private static readonly Gen<RouteMatch> Matches = Gen.Select(
        Hosts,
        Paths,
        Conditions.Array[0, 2],
        Gen.Int[0, 3],
        (host, path, conditions, precedence) => new RouteMatch(host, path, conditions.ToValueList(), new RoutePrecedence([precedence])));

    private static readonly Gen<RouteBinding> Bindings = Gen.Select(
        Gen.OneOf(Listeners), Hosts, Matches.Array[1, 3], (listener, host, matches) => new RouteBinding(listener, host, matches.ToValueList()));

    private static readonly Gen<Route> Routes = Gen.Select(
        Gen.OneOf("s", "t", "u"),
        Gen.Int[0, 2],
        Gen.OneOf("n1", "n2"),
        Bindings.Array[1, 2],
        (scope, created, ns, bindings) => new Route(
            "", new Origin("test", "Route", ns, "same"), scope, created, bindings.ToValueList(), [], new DirectResponseAction(200)));

    private static readonly Gen<VirtualHost> Claims = Gen.Select(
        Gen.OneOf("s", "t", "u"),
        Gen.OneOf(Listeners),
        Hosts,
        (scope, listener, host) => new VirtualHost(scope, listener, host, new Origin("test", "Claim", "n", "claim")));

    /// <summary>Pieces without an identity: <see cref="Name"/> gives them one.</summary>
    public static readonly Gen<ConfigurationPiece> Pieces = Gen.Select(
        Routes.Array[0, 3],
        Claims.Array[0, 1],
        (routes, claims) => new ConfigurationPiece("") { Routes = routes.ToValueList(), VirtualHosts = claims.ToValueList() });

    /// <summary>The same, in which all requests are for one host.</summary>
    public static readonly Gen<ConfigurationPiece> PiecesOnOneHost = Pieces.Select(piece => piece with
    {
        Routes = piece.Routes.Select(route => route with
        {
            Scope = "s",
            Bindings = route.Bindings.Select(binding => binding with
            {
                VirtualHost = HostPattern.Any,
                Matches = binding.Matches.Select(match => match with { Host = HostPattern.Any }).ToValueList(),
            }).ToValueList(),
        }).ToValueList(),
    });

    public static readonly Gen<GatewayConfiguration> OnOneHost = PiecesOnOneHost.Array[10, 40].Select(Configuration);

    public static readonly Gen<GatewayConfiguration> Configurations = Pieces.Array[1, 8].Select(Configuration);

    public static readonly Gen<RequestHead> Requests = Gen.Select(
        Gen.OneOf("a.test", "b.a.test", "c.b.a.test", "test", "a.org", "", "xa.test", ".a.test"),
        Gen.OneOf("/", "/a", "/a/", "/a/b", "/a/b/", "/ab", "/a//b", "/A/B", "/a/b/c/d", "/c", "*", "//"),
        Gen.OneOf("GET", "POST"),
        Gen.Select(Gen.OneOf("X-A", "x-b", "cookie"), Gen.OneOf("one", "two", "", "c=one; d=two", "d=x;c=two", "c"), (name, value) => (name, value)).Array[0, 3],
        Gen.OneOf("", "q=one", "q=two&q=one", "r+s=one", "r%20s=t%77o", "&&q", "q=%4fne&r%2"),
        Gen.Select(Gen.OneOf("10.1.2.3", "10.2.0.1", "::ffff:10.1.0.1", "2001:db8::1", "192.0.2.1"), Gen.Bool, (address, tls) => (address, tls)),
        Request);

    private static GatewayConfiguration Configuration(ConfigurationPiece[] pieces) => new()
    {
        Pieces = pieces.Select((piece, i) => Name(piece, $"p{i}")).ToImmutableDictionary(piece => piece.Id),
    };

    public static ConfigurationPiece Name(ConfigurationPiece piece, string id) => piece with
    {
        Id = id,
        Routes = piece.Routes.Select((route, i) => route with { Id = $"{id}-{i}" }).ToValueList(),
    };

    private static RequestHead Request(
        string host, string path, string method, (string Name, string Value)[] headers, string query, (string Address, bool Tls) client)
    {
        var head = RoutingSamples.Request(host + "/", method, headers);
        head.SetPath(Encoding.UTF8.GetBytes(path));
        head.SetQuery(Encoding.UTF8.GetBytes(query));
        head.ClientAddress = IPAddress.Parse(client.Address);
        head.IsTls = client.Tls;
        head.Client = new ClientConnection(head.ClientAddress, 80, client.Tls, client.Tls ? host : "");
        return head;
    }
}
