using System.Net;
using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Rules;

/// <summary>Turns a matcher call into a condition, in either syntax (Traefik's "Rules and priority").</summary>
internal static class RuleMatchers
{
    private static readonly Dictionary<string, Func<Call, RuleExpression>> V3 = Named(new Dictionary<string, Func<Call, RuleExpression>>
    {
        ["Host"] = call => Atom(new HostCondition(Host(call, call.Only()))),
        ["HostRegexp"] = call => Atom(new HostCondition(HostPattern.Regex(call.Regex(call.Only())))),
        ["Path"] = call => Atom(new PathCondition(PathPattern.Exact(LiteralPath(call, call.Only())))),
        ["PathPrefix"] = call => Atom(new PathCondition(PathPattern.StringPrefix(LiteralPath(call, call.Only())))),
        ["PathRegexp"] = call => Atom(new PathCondition(PathPattern.Regex(call.Regex(call.Only())))),
        ["Method"] = call => Atom(Method(call.Only())),
        ["Header"] = call => Atom(Header(call, TextPattern.Exact(call.Pair().Value))),
        ["HeaderRegexp"] = call => Atom(Header(call, TextPattern.Regex(call.Regex(call.Pair().Value)))),
        ["Query"] = call => Atom(Query(call, value => TextPattern.Exact(value ?? ""))),
        ["QueryRegexp"] = call => Atom(Query(call, value => value is null ? TextPattern.Exact("") : TextPattern.Regex(call.Regex(value)))),
        ["ClientIP"] = call => Atom(Client(call, call.Only())),
    });

    private static readonly Dictionary<string, Func<Call, RuleExpression>> V2 = Named(new Dictionary<string, Func<Call, RuleExpression>>
    {
        ["Host"] = call => call.Any(host => Atom(new HostCondition(HostPattern.Exact(WithoutTrailingDot(Ascii(call, host)))))),
        ["HostHeader"] = call => call.Any(host => Atom(new HostCondition(HostPattern.Exact(WithoutTrailingDot(Ascii(call, host)))))),
        ["HostRegexp"] = call => call.Any(host => Atom(new HostCondition(RuleTemplates.Host(call, host)))),
        ["Path"] = call => call.Any(path => Atom(new PathCondition(RuleTemplates.Path(call, path, prefix: false)))),
        ["PathPrefix"] = call => call.Any(path => Atom(new PathCondition(RuleTemplates.Path(call, path, prefix: true)))),
        ["Method"] = call => call.Any(method => Atom(Method(method))),
        ["Headers"] = call => Atom(Header(call, TextPattern.Exact(call.Pair().Value))),
        ["HeadersRegexp"] = call => Atom(Header(call, TextPattern.Regex(call.Regex(call.Pair().Value)))),
        ["Query"] = call => call.All(pair => Atom(RuleTemplates.Query(call, pair))),
        ["ClientIP"] = call => call.Any(address => Atom(Client(call, address))),
    });

    private static readonly Dictionary<string, Func<Call, RuleExpression>> TcpV3 = Named(new Dictionary<string, Func<Call, RuleExpression>>
    {
        ["HostSNI"] = call => Atom(new ServerNameCondition(Host(call, call.Only()))),
        ["HostSNIRegexp"] = call => Atom(new ServerNameCondition(HostPattern.Regex(call.Regex(call.Only())))),
        ["ClientIP"] = call => Atom(Client(call, call.Only())),
        ["ALPN"] = call => Atom(Alpn(call, call.Only())),
    });

    private static readonly Dictionary<string, Func<Call, RuleExpression>> TcpV2 = Named(new Dictionary<string, Func<Call, RuleExpression>>
    {
        ["HostSNI"] = call => call.Any(host => Atom(new ServerNameCondition(
            host == "*" ? HostPattern.Any : HostPattern.Exact(WithoutTrailingDot(Ascii(call, host)))))),
        ["HostSNIRegexp"] = call => call.Any(host => Atom(new ServerNameCondition(RuleTemplates.Host(call, host)))),
        ["ClientIP"] = call => call.Any(address => Atom(Client(call, address))),
        ["ALPN"] = call => call.Any(protocol => Atom(Alpn(call, protocol))),
    });

    /// <exception cref="RuleSyntaxException">There is no such matcher, or its arguments do not fit.</exception>
    public static RuleExpression Make(string name, IReadOnlyList<string> arguments, int position, RuleSyntax syntax)
    {
        var known = syntax switch
        {
            RuleSyntax.V2 => V2,
            RuleSyntax.TcpV3 => TcpV3,
            RuleSyntax.TcpV2 => TcpV2,
            _ => V3,
        };
        if (!known.TryGetValue(name, out var make))
        {
            throw new RuleSyntaxException($"There is no matcher {name}{Hint(name, syntax)}", position);
        }

        var call = new Call(name, arguments, position);
        foreach (var argument in arguments)
        {
            if (argument.Length == 0)
            {
                throw call.Error("has an empty argument");
            }
        }

        return make(call);
    }

    private static string Hint(string name, RuleSyntax syntax) =>
        syntax == RuleSyntax.V3 && V2.ContainsKey(name) ? " in the v3 syntax (it belongs to v2)"
        : syntax == RuleSyntax.V2 && V3.ContainsKey(name) ? " in the v2 syntax (it belongs to v3)"
        : "";

    /// <summary>Names are accepted as they are, all lower, all upper, and with only the first letter upper.</summary>
    private static Dictionary<string, Func<Call, RuleExpression>> Named(Dictionary<string, Func<Call, RuleExpression>> matchers)
    {
        foreach (var (name, make) in matchers.ToList())
        {
            var lower = name.ToLowerInvariant();
            matchers[lower] = make;
            matchers[name.ToUpperInvariant()] = make;
            matchers[char.ToUpperInvariant(lower[0]) + lower[1..]] = make;
        }

        return matchers;
    }

    private static RuleAtom Atom(MatchCondition condition) => new(condition);

    private static HostPattern Host(Call call, string host) =>
        HostPattern.Parse(WithoutTrailingDot(Ascii(call, host)), singleLabel: true);

    private static string Ascii(Call call, string host) =>
        System.Text.Ascii.IsValid(host) ? host : throw call.Error($"has the host '{host}', which is not ASCII: write it in Punycode");

    private static string WithoutTrailingDot(string host) => host.Length > 1 && host.EndsWith('.') ? host[..^1] : host;

    public static string LiteralPath(Call call, string path) =>
        path.StartsWith('/') ? RulePaths.Encode(path) : throw call.Error($"needs a path that starts with a slash, found '{path}'");

    /// <summary>The protocol of ACME's challenge (RFC 8737) is Traefik's own.</summary>
    private static ApplicationProtocolCondition Alpn(Call call, string protocol) =>
        protocol == "acme-tls/1" ? throw call.Error("cannot have acme-tls/1, which is answered by the gateway") : new ApplicationProtocolCondition([protocol]);

    private static MethodCondition Method(string method) => new([method.ToUpperInvariant()]);

    private static HeaderCondition Header(Call call, TextPattern value) => new(call.Pair().Key, [value]);

    private static QueryCondition Query(Call call, Func<string?, TextPattern> pattern)
    {
        if (call.Arguments.Count is not (1 or 2))
        {
            throw call.Error($"takes one or two arguments, found {call.Arguments.Count}");
        }

        return new QueryCondition(call.Arguments[0], [pattern(call.Arguments.Count == 2 ? call.Arguments[1] : null)]);
    }

    private static ClientAddressCondition Client(Call call, string network) =>
        IPAddress.TryParse(network, out _) || IPNetwork.TryParse(network, out _)
            ? new ClientAddressCondition([network], PeerOnly: true)
            : throw call.Error($"needs an IP address or a network in CIDR notation, found '{network}'");

    /// <summary>A matcher with its arguments and place.</summary>
    internal sealed record Call(string Name, IReadOnlyList<string> Arguments, int Position)
    {
        public RuleSyntaxException Error(string problem) => new($"{Name} {problem}", Position);

        public string Only() =>
            Arguments.Count == 1 ? Arguments[0] : throw Error($"takes one argument, found {Arguments.Count}");

        public (string Key, string Value) Pair() =>
            Arguments.Count == 2 ? (Arguments[0], Arguments[1]) : throw Error($"takes two arguments, found {Arguments.Count}");

        public RuleExpression Any(Func<string, RuleExpression> make) =>
            AtLeastOne().Select(make).Aggregate((left, right) => new RuleOr(left, right));

        public RuleExpression All(Func<string, RuleExpression> make) =>
            AtLeastOne().Select(make).Aggregate((left, right) => new RuleAnd(left, right));

        public string Regex(string pattern) =>
            !Re2.TryConvert(pattern, out var converted, out var problem)
                ? throw Error($"has an invalid regular expression '{pattern}': {problem}")
                : converted;

        private IReadOnlyList<string> AtLeastOne() =>
            Arguments.Count > 0 ? Arguments : throw Error("takes at least one argument, found none");
    }
}
