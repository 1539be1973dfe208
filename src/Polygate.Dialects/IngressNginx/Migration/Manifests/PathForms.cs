using System.Text.Json.Nodes;
using Polygate.Model;

namespace Polygate.Dialects.IngressNginx.Migration.Manifests;

/// <summary>
/// How the paths of each host are written. On a host of regular expressions they stay expressions, in the same order, unless one of them
/// is a rewritten prefix in disguise (<see cref="PathShape"/>): only the match of a prefix can be rewritten in the Gateway API, and there
/// expressions come before prefixes. So all such paths of the host become prefixes, if that leaves their order as it was.
/// </summary>
internal sealed class PathForms
{
    private readonly HashSet<HostPattern> prefixes;

    /// <summary>Prefixes that end with a slash: in the Gateway API they are the same as those without.</summary>
    private readonly HashSet<(HostPattern Host, string Prefix)> withSlash;

    public PathForms(IEnumerable<Route> routes)
    {
        var hosts = routes.SelectMany(route => route.Bindings.Select(binding => (binding.VirtualHost, Route: route, binding.Matches))).ToLookup(item => item.VirtualHost);
        prefixes = hosts.Where(host => BecomesPrefixes([.. host.Select(item => (item.Route, item.Matches))])).Select(host => host.Key).ToHashSet();
        withSlash = hosts.SelectMany(host => host.SelectMany(item => item.Matches).Where(match => match.Path.Kind == PathPatternKind.StringPrefix).Select(match => (host.Key, match.Path.Value))).ToHashSet();
    }

    /// <summary>Whether the expressions of a route are written as prefixes.</summary>
    public bool AreTaken(Route route) => Expressions(route.Bindings[0].Matches).Any() && prefixes.Contains(route.Bindings[0].VirtualHost) && Shape(route) is not null;

    /// <summary>What a route's path becomes where it is rewritten; null where the rewrite cannot be said.</summary>
    public JsonObject? Rewritten(Route route, RegexRewrite rewrite)
    {
        if (!rewrite.Substitution.Contains("${", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "ReplaceFullPath", ["replaceFullPath"] = rewrite.Substitution.Replace("$$", "$", StringComparison.Ordinal) };
        }

        return AreTaken(route) && Shape(route)!.Replacement(rewrite) is { } replacement
            ? new JsonObject { ["type"] = "ReplacePrefixMatch", ["replacePrefixMatch"] = replacement }
            : null;
    }

    /// <summary>The path conditions of a route, each once.</summary>
    public IEnumerable<JsonObject> Of(Route route)
    {
        if (AreTaken(route))
        {
            return [Path("PathPrefix", Shape(route)!.Prefix)];
        }

        return route.Bindings[0].Matches.OrderBy(match => match.Precedence).Select(match => match.Path).Distinct().Select(path => path.Kind switch
        {
            PathPatternKind.Exact => Path("Exact", path.Value),
            PathPatternKind.Any => Path("PathPrefix", "/"),
            PathPatternKind.Regex => Path("RegularExpression", Whole(path)),
            PathPatternKind.ElementPrefix when withSlash.Contains((route.Bindings[0].VirtualHost, path.Value + "/")) => Path("Exact", path.Value),
            _ => Path("PathPrefix", path.Value),
        });
    }

    /// <summary>An expression that is searched, as one of the whole text.</summary>
    public static string Searched(string pattern) => pattern is ['^', .., '$'] && !HasAlternatives(pattern) ? pattern[1..^1] : $".*?(?:{pattern}).*";

    private static string Whole(PathPattern path) =>
        (path.IgnoreCase ? "(?i)" : "") + (path.Value.StartsWith('^') && !HasAlternatives(path.Value) ? path.Value[1..].TrimEnd('$') + (path.Value.EndsWith('$') ? "" : ".*") : Searched(path.Value));

    private static JsonObject Path(string type, string value) => new() { ["type"] = type, ["value"] = value };

    private static bool BecomesPrefixes(IReadOnlyList<(Route Route, ValueList<RouteMatch> Matches)> routes)
    {
        var expressions = routes.Where(item => Expressions(item.Matches).Any()).ToList();
        var shaped = expressions.Where(item => Shape(item.Route) is not null).ToList();
        var needed = shaped.Any(item => RewriteOf(item.Route) is { } rewrite && rewrite.Substitution.Contains("${", StringComparison.Ordinal) && Shape(item.Route)!.Replacement(rewrite) is not null);
        var others = expressions.Except(shaped).SelectMany(item => item.Matches).ToList();
        return needed && !shaped.SelectMany(item => item.Matches).Any(prefix => others.Any(other => prefix.Precedence < other.Precedence));
    }

    private static RegexRewrite? RewriteOf(Route route) => route.Filters.OfType<RewriteFilter>().Select(filter => filter.Path).OfType<RegexRewrite>().FirstOrDefault();

    private static IEnumerable<string> Expressions(ValueList<RouteMatch> matches) =>
        matches.Select(match => match.Path).Where(path => path.Kind == PathPatternKind.Regex).Select(path => path.Value.TrimStart('^'));

    /// <summary>A plain prefix has become two expressions, with and without a slash: they are one again.</summary>
    private static PathShape? Shape(Route route) =>
        Expressions(route.Bindings[0].Matches).Select(PathShape.Of).Distinct().ToList() is [{ } shape] ? shape : null;

    /// <summary>Whether an expression has alternatives outside of groups: its anchors then belong to one of them alone.</summary>
    private static bool HasAlternatives(string pattern)
    {
        var depth = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '(' or '[':
                    depth++;
                    break;
                case ')' or ']':
                    depth--;
                    break;
                case '|' when depth == 0:
                    return true;
                default:
                    break;
            }
        }

        return false;
    }
}
