using System.Text.RegularExpressions;

namespace Polygate.Dialects.Tests.GatewayApi;

/// <summary>A match of a rule, of an HTTPRoute or a GRPCRoute.</summary>
/// <param name="PathType"><c>exact</c>, <c>prefix</c>, <c>regex</c>; empty for no path.</param>
/// <param name="Path">The path's value.</param>
/// <param name="Method">The HTTP method; empty for any.</param>
/// <param name="Service">The gRPC service; empty for any.</param>
/// <param name="Call">The gRPC method; empty for any.</param>
/// <param name="Headers"><c>name=value</c>.</param>
/// <param name="Parameters">Query parameters, <c>name=value</c>.</param>
internal sealed record SpecifiedMatch(
    string PathType, string Path, string Method, string Service, string Call, IReadOnlyList<string> Headers, IReadOnlyList<string> Parameters)
{
    /// <summary>As <see cref="RouteTable"/> reads it; a match of everything still has a word.</summary>
    public override string ToString() => string.Join(' ', Words().Where(word => word.Length > 0).DefaultIfEmpty("everything"));

    private IEnumerable<string> Words() =>
    [
        PathType.Length > 0 ? $"{PathType}:{Path}" : "",
        Method.Length > 0 ? "method:" + Method : "",
        Service.Length > 0 ? "service:" + Service : "",
        Call.Length > 0 ? "call:" + Call : "",
        .. Headers.Select(header => "header:" + header),
        .. Parameters.Select(parameter => "query:" + parameter),
    ];
}

/// <summary>A route.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name, unlike all others'.</param>
/// <param name="Created">The day it was made.</param>
/// <param name="Hosts">Its host names; none for every host.</param>
/// <param name="Rules">Its rules, each with its matches.</param>
internal sealed record SpecifiedRoute(string Namespace, string Name, string Created, IReadOnlyList<string> Hosts, IReadOnlyList<IReadOnlyList<SpecifiedMatch>> Rules)
{
    /// <summary>As <see cref="RouteTable"/> reads it, a rule a line.</summary>
    public string Lines(string kind) => string.Join('\n', Rules.Select(matches =>
        $"{Name} {kind} ns:{Namespace} created:{Created} {string.Concat(Hosts.Select(host => $"host:{host} "))}{string.Join(" or ", matches)}"));
}

/// <summary>A request.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Host">The host.</param>
/// <param name="Path">The path.</param>
/// <param name="Headers"><c>name=value</c>.</param>
/// <param name="Parameters">Query parameters in order, <c>name=value</c>.</param>
internal sealed record SpecifiedRequest(string Method, string Host, string Path, IReadOnlyList<string> Headers, IReadOnlyList<string> Parameters)
{
    /// <summary>As <see cref="RouteTable"/> takes it.</summary>
    public override string ToString() =>
        $"{Method} {Host}{Path}{(Parameters.Count > 0 ? "?" : "")}{string.Join('&', Parameters)}{string.Concat(Headers.Select(header => " " + header))}";
}

/// <summary>
/// The Gateway API's words about which rule answers a request, executed as they stand: every listener, route, host name, rule and match is looked at,
/// what fits is put in the order of the criteria, and the first one is it.
/// </summary>
/// <param name="Listeners">The host names of a port's listeners; the empty one is of every host. All routes belong to all of them.</param>
/// <param name="Routes">The routes.</param>
internal sealed record RouteSpecification(IReadOnlyList<string> Listeners, IReadOnlyList<SpecifiedRoute> Routes)
{
    /// <summary>The rule that answers, as <c>route/rule</c>; null when none does.</summary>
    public string? Answer(SpecifiedRequest request)
    {
        // "Exact matches take precedence over wildcards, more specific wildcards over less specific ones"; a request never falls through to another listener.
        var listener = Listeners.Where(name => HostFits(name, request.Host)).OrderBy(HostRank).ThenByDescending(name => name.Length).FirstOrDefault();
        if (listener is null)
        {
            return null;
        }

        var candidates =
            from route in Routes
            from host in route.Hosts.DefaultIfEmpty("")
            where Shared(listener, host) is { } shared && HostFits(shared, request.Host)
            from rule in Enumerable.Range(0, route.Rules.Count)
            from match in route.Rules[rule]
            where Fits(match, request)
            select (Route: route, Host: Shared(listener, host)!, Rule: rule, Match: match);
        return candidates
            .OrderBy(one => HostRank(one.Host)).ThenByDescending(one => one.Host.Length)
            .ThenBy(one => one.Match.PathType switch { "exact" => 0, "regex" => 1, _ => 2 })
            .ThenByDescending(one => one.Match.PathType == "exact" ? 0 : PathLength(one.Match))
            .ThenByDescending(one => one.Match.Service.Length)
            .ThenByDescending(one => one.Match.Call.Length)
            .ThenByDescending(one => one.Match.Method.Length > 0)
            .ThenByDescending(one => First(one.Match.Headers, StringComparer.OrdinalIgnoreCase).Count)
            .ThenByDescending(one => First(one.Match.Parameters, StringComparer.Ordinal).Count)
            .ThenBy(one => one.Route.Created, StringComparer.Ordinal)
            .ThenBy(one => $"{one.Route.Namespace}/{one.Route.Name}", StringComparer.Ordinal)
            .ThenBy(one => one.Rule)
            .Select(one => $"{one.Route.Name}/{one.Rule}").FirstOrDefault();
    }

    private static bool Fits(SpecifiedMatch match, SpecifiedRequest request)
    {
        var call = request.Path.Split('/');
        return PathFits(match, request.Path)
            && (match.Service.Length == 0 || (call.Length == 3 && call[1] == match.Service))
            && (match.Call.Length == 0 || (call.Length == 3 && call[1].Length > 0 && call[2] == match.Call))
            && (match.Method.Length == 0 || match.Method == request.Method)
            && First(match.Headers, StringComparer.OrdinalIgnoreCase).All(header =>
                request.Headers.Any(sent => string.Equals(Name(sent), header.Key, StringComparison.OrdinalIgnoreCase) && Value(sent) == header.Value))
            && First(match.Parameters, StringComparer.Ordinal).All(parameter =>
                request.Parameters.FirstOrDefault(sent => Name(sent) == parameter.Key) is { } sent && Value(sent) == parameter.Value);
    }

    /// <summary>"Matches are based on elements, split by '/'; a trailing slash of a prefix is ignored."</summary>
    private static bool PathFits(SpecifiedMatch match, string path) => match.PathType switch
    {
        "exact" => path == match.Path,
        "regex" => Regex.IsMatch(path, $"^(?:{match.Path})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking),
        "prefix" => Elements(match.Path) is var wanted && Elements(path).Take(wanted.Length).SequenceEqual(wanted),
        _ => true,
    };

    private static int PathLength(SpecifiedMatch match) => match.PathType switch
    {
        "prefix" => Math.Max(1, match.Path.TrimEnd('/').Length),
        "regex" => match.Path.Length,
        _ => 1,
    };

    private static string[] Elements(string path) => path.TrimEnd('/') is { Length: > 0 } trimmed ? [.. trimmed.Split('/').Skip(1)] : [];

    /// <summary>"Only the first entry with an equivalent name is considered."</summary>
    private static Dictionary<string, string> First(IReadOnlyList<string> pairs, StringComparer names)
    {
        var first = new Dictionary<string, string>(names);
        foreach (var pair in pairs)
        {
            first.TryAdd(Name(pair), Value(pair));
        }

        return first;
    }

    private static string Name(string pair) => pair[..pair.IndexOf('=', StringComparison.Ordinal)];

    private static string Value(string pair) => pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];

    private static int HostRank(string name) => name.Length == 0 ? 2 : name.StartsWith("*.", StringComparison.Ordinal) ? 1 : 0;

    private static bool HostFits(string name, string host) => HostRank(name) switch
    {
        2 => true,
        1 => host.Split('.').Length >= name.Split('.').Length && host.EndsWith(name[1..], StringComparison.Ordinal),
        _ => host == name,
    };

    /// <summary>The name under which a route is served on a listener: the narrower of the two; null when they share no host.</summary>
    private static string? Shared(string listener, string route) =>
        listener.Length == 0 || listener == route ? route
        : route.Length == 0 ? listener
        : HostRank(listener) == 1 && HostFits(listener, HostRank(route) == 1 ? "x" + route[1..] : route) ? route
        : HostRank(route) == 1 && HostFits(route, HostRank(listener) == 1 ? "x" + listener[1..] : listener) ? listener
        : null;
}
