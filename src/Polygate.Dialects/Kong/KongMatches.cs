using Polygate.Dialects.Common;
using Polygate.Model;

namespace Polygate.Dialects.Kong;

/// <summary>The matches of one path of a route: an alternative for each of its hosts, and over TLS for each of its server names.</summary>
internal sealed class KongMatches
{
    private readonly RouteSettings settings;
    private readonly IReadOnlyList<HostPattern> hosts;
    private readonly KongPath path;
    private readonly RoutePrecedence precedence;

    /// <param name="settings">What all routes of the Ingress have in common.</param>
    /// <param name="hosts">Empty for every host.</param>
    /// <param name="path">The path.</param>
    /// <param name="created">When the Ingress was created.</param>
    /// <param name="name">Makes the order total.</param>
    public KongMatches(RouteSettings settings, IReadOnlyList<HostPattern> hosts, KongPath path, long created, string name)
    {
        this.settings = settings;
        this.hosts = hosts;
        this.path = path;
        bool[] attributes = [settings.Methods.Count > 0, hosts.Count > 0, settings.Headers.Count > 0, true, settings.ServerNames.Count > 0];
        precedence = KongPrecedence.Of(
            attributes.Count(isThere => isThere),
            hosts.Count > 0 && hosts.All(KongHosts.IsPlain),
            settings.Headers.Count,
            path,
            settings.RegexPriority,
            created,
            name);
    }

    /// <summary>Without TLS: server names count for precedence, but are not compared.</summary>
    public ValueList<RouteMatch> Plain() => Make([null]);

    /// <summary>Over TLS.</summary>
    public ValueList<RouteMatch> Tls() => Make(
        settings.ServerNames.Count == 0 ? [null] : [.. settings.ServerNames.Select(name => (MatchCondition?)new ServerNameCondition(name))]);

    private ValueList<RouteMatch> Make(IReadOnlyList<MatchCondition?> serverNames)
    {
        var common = new List<MatchCondition>();
        if (settings.Methods.Count > 0)
        {
            common.Add(new MethodCondition(settings.Methods.ToValueList()));
        }

        common.AddRange(settings.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase).Select(Header));
        var alternatives = hosts.Count == 0 ? [HostPattern.Any] : hosts;
        return alternatives
            .SelectMany(host => serverNames.Select(serverName => new RouteMatch(
                host, path.Pattern, (serverName is null ? common : [.. common, serverName]).ToValueList(), precedence)))
            .ToValueList();
    }

    /// <summary>Values compare without case; a single one that starts with <c>~*</c> is a regular expression.</summary>
    private static HeaderCondition Header(KeyValuePair<string, IReadOnlyList<string>> header) => new(
        header.Key,
        header.Value is [['~', '*', .. var expression]] && Re2.TryConvert(expression, out var pattern, out _)
            ? [TextPattern.Regex(pattern, ignoreCase: true)]
            : header.Value.Select(value => TextPattern.Exact(value, ignoreCase: true)).ToValueList());
}
