using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Tests.Routing;

/// <summary>
/// What the routing table must answer, written as plainly as it can be said: strings, a scan over everything, no index.
/// </summary>
internal sealed class NaiveMatcher(RequestHead head, ulong draw)
{
    private readonly string host = Encoding.UTF8.GetString(head.Host);
    private readonly string path = Encoding.UTF8.GetString(head.Path);

    /// <summary>Route and place of the match that answers, for example <c>r1/0/2 on :80</c>; null for none.</summary>
    public string? Answer(GatewayConfiguration configuration, IReadOnlyCollection<ListenerKey> listeners)
    {
        var claims = configuration.Pieces.Values.SelectMany(piece => piece.VirtualHosts).Select(claim => (claim.Scope, claim.Listener, claim.Host))
            .Concat(configuration.Routes.SelectMany(route => route.Bindings.Select(binding => (route.Scope, binding.Listener, Host: binding.VirtualHost))))
            .Where(claim => listeners.Contains(claim.Listener))
            .ToList();
        var candidates = configuration.Routes.SelectMany(Candidates).Where(candidate => listeners.Contains(candidate.Binding.Listener)).ToList();
        var winners = new List<Candidate>();
        foreach (var scope in claims.Select(claim => claim.Scope).Distinct())
        {
            var fitting = claims.Where(claim => claim.Scope == scope && HostFits(claim.Host, host)).Select(claim => claim.Host).Distinct().ToList();
            if (fitting.Count == 0)
            {
                continue;
            }

            var chosen = fitting.OrderBy(HostRank).Last();
            winners.AddRange(candidates
                .Where(candidate => candidate.Route.Scope == scope && candidate.Binding.VirtualHost == chosen && Fits(candidate.Match))
                .OrderBy(candidate => candidate.Match.Precedence)
                .ThenBy(candidate => candidate.Identity)
                .Take(1));
        }

        return winners
            .OrderByDescending(winner => new[] { HostRank(winner.Binding.VirtualHost), HostRank(winner.Match.Host) }.Max())
            .ThenByDescending(winner => PathRank(winner.Match.Path))
            .ThenBy(winner => winner.Identity)
            .Select(winner => winner.ToString())
            .FirstOrDefault();
    }

    private static IEnumerable<Candidate> Candidates(Route route) =>
        route.Bindings.SelectMany((binding, i) => binding.Matches.Select((match, j) => new Candidate(route, binding, i, match, j)));

    private bool Fits(RouteMatch match) => HostFits(match.Host, host) && PathFits(match.Path) && match.Conditions.All(ConditionHolds);

    private static bool HostFits(HostPattern pattern, string host) => pattern.Kind switch
    {
        HostPatternKind.Any => true,
        HostPatternKind.Exact => host == pattern.Value,
        HostPatternKind.Suffix => host.EndsWith(pattern.Value, StringComparison.Ordinal) && host != pattern.Value,
        HostPatternKind.SingleLabelSuffix => Regex.IsMatch(host, "^[^.]+" + Regex.Escape(pattern.Value) + "$"),
        HostPatternKind.Prefix => host.StartsWith(pattern.Value, StringComparison.Ordinal),
        _ => Regex.IsMatch(host, pattern.Value),
    };

    private bool PathFits(PathPattern pattern)
    {
        var (text, value) = pattern.IgnoreCase && pattern.Kind != PathPatternKind.Regex
            ? (path.ToLowerInvariant(), pattern.Value.ToLowerInvariant())
            : (path, pattern.Value);
        var element = value.EndsWith('/') ? value[..^1] : value;
        return pattern.Kind switch
        {
            PathPatternKind.Any => true,
            PathPatternKind.Exact => text == value,
            PathPatternKind.ElementPrefix => text == element || text.StartsWith(element + "/", StringComparison.Ordinal),
            PathPatternKind.StringPrefix => text.StartsWith(value, StringComparison.Ordinal),
            _ => Regex.IsMatch(text, value, pattern.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None),
        };
    }

    private bool ConditionHolds(MatchCondition condition) => condition.Negated != condition switch
    {
        MethodCondition method => method.Methods.Contains(Encoding.UTF8.GetString(head.Method)),
        HeaderCondition header => HeaderValues(header).Any(value => header.Values.Any(pattern => TextFits(pattern, value))),
        QueryCondition query => QueryValues(query).Any(value => query.Values.Any(pattern => TextFits(pattern, value))),
        CookieCondition cookie => HeaderLines("cookie").SelectMany(line => line.Split(';')).Select(pair => pair.Trim().Split('=', 2))
            .Any(pair => pair.Length == 2 && pair[0] == cookie.Name && TextFits(cookie.Value, pair[1])),
        ClientAddressCondition address => address.Networks.Any(network => NetworkContains(network, head.ClientAddress)),
        HostCondition other => HostFits(other.Host, host),
        PathCondition other => PathFits(other.Path),
        TlsCondition => head.IsTls,
        ServerNameCondition name => head.Client.IsTls && HostFits(name.Host, head.Client.ServerName),
        ShareCondition share => new MatchContext(head, draw).DrawOf(MatchContext.GroupOf(share.Group)) < share.Below,
        _ => throw new NotSupportedException(),
    };

    private IEnumerable<string> HeaderValues(HeaderCondition condition)
    {
        var lines = HeaderLines(condition.Name).ToList();
        return condition.JoinValues && lines.Count > 0 ? [string.Join(",", lines)] : lines;
    }

    private List<string> HeaderLines(string name) =>
        [.. Enumerable.Range(0, head.Headers.Count)
            .Where(i => Encoding.UTF8.GetString(head.Headers.Name(i)).Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(i => Encoding.UTF8.GetString(head.Headers.Value(i)))];

    private IEnumerable<string> QueryValues(QueryCondition condition)
    {
        var values = Encoding.UTF8.GetString(head.Query).Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Where(pair => WebUtility.UrlDecode(pair[0]) == condition.Name)
            .Select(pair => WebUtility.UrlDecode(pair.Length == 2 ? pair[1] : ""));
        return condition.FirstValueOnly ? values.Take(1) : values;
    }

    private static bool TextFits(TextPattern pattern, string value) => pattern.Kind switch
    {
        TextPatternKind.Present => true,
        TextPatternKind.Exact => value.Equals(pattern.Value, pattern.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal),
        _ => Regex.IsMatch(value, pattern.Value, pattern.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None),
    };

    private static bool NetworkContains(string network, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPNetwork.Parse(network).Contains(plain);
    }

    private static (int Kind, int Length, int Single) HostRank(HostPattern pattern) => pattern.Kind switch
    {
        HostPatternKind.Exact => (4, 0, 0),
        HostPatternKind.SingleLabelSuffix => (3, pattern.Value.Length, 1),
        HostPatternKind.Suffix => (3, pattern.Value.Length, 0),
        HostPatternKind.Prefix => (2, pattern.Value.Length, 0),
        HostPatternKind.Regex => (1, 0, 0),
        _ => (0, 0, 0),
    };

    private static int PathRank(PathPattern pattern)
    {
        var length = pattern.Kind switch
        {
            PathPatternKind.Any => 0,
            PathPatternKind.Exact => int.MaxValue,
            PathPatternKind.ElementPrefix => pattern.Value.EndsWith('/') ? pattern.Value.Length - 1 : pattern.Value.Length,
            PathPatternKind.Regex => RoutingGenerators.LiteralStarts[pattern.Value],
            _ => pattern.Value.Length,
        };
        return length == 1 ? 0 : length;
    }

    private sealed record Candidate(Route Route, RouteBinding Binding, int BindingIndex, RouteMatch Match, int MatchIndex)
    {
        public (long, StringKey, StringKey, StringKey, int, int) Identity => (
            Route.Created == 0 ? long.MaxValue : Route.Created,
            new(Route.Origin.Namespace),
            new(Route.Origin.Name),
            new(Route.Id),
            BindingIndex,
            MatchIndex);

        public override string ToString() => $"{Route.Id}/{BindingIndex}/{MatchIndex} on {Binding.Listener}";
    }

    private readonly record struct StringKey(string Text) : IComparable<StringKey>
    {
        public int CompareTo(StringKey other) => string.CompareOrdinal(Text, other.Text);
    }
}
