using Polygate.Model;

namespace Polygate.Proxy.Routing;

/// <summary>What became of one match for one request.</summary>
public enum MatchVerdict
{
    /// <summary>It answers the request.</summary>
    Matched,

    /// <summary>Everything fits, but a match of its scope precedes it.</summary>
    LowerPrecedence,

    /// <summary>It is its scope's best, but another scope's best is more specific (or older).</summary>
    LessSpecificThanOtherScope,

    /// <summary>A condition beside host and path does not hold.</summary>
    ConditionFailed,

    /// <summary>The path does not fit.</summary>
    PathDiffers,

    /// <summary>The host does not fit.</summary>
    HostDiffers,

    /// <summary>The request belongs to another virtual host of its scope, or to none.</summary>
    OtherVirtualHost,

    /// <summary>One of its patterns is invalid, so that it never matches.</summary>
    InvalidPattern,
}

/// <summary>One match of one route, and why it did or did not answer a request.</summary>
/// <param name="Route">The route, on the listener it was considered for.</param>
/// <param name="VirtualHost">The virtual host it belongs to.</param>
/// <param name="Match">The match.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="FailedCondition">The first condition that does not hold; null for other verdicts.</param>
/// <param name="Detail">The sentence for people.</param>
public sealed record ExplainedMatch(
    CompiledRoute Route, HostPattern VirtualHost, RouteMatch Match, MatchVerdict Verdict, MatchCondition? FailedCondition, string Detail);

/// <summary>Why a request is answered by the route it is answered by.</summary>
/// <param name="Winner">The route that answers; null when none does.</param>
/// <param name="Matches">Every match on the socket, the nearest to answering first.</param>
public sealed record Explanation(CompiledRoute? Winner, IReadOnlyList<ExplainedMatch> Matches)
{
    internal static Explanation Of(SocketRoutes routes, in MatchContext context)
    {
        var winner = routes.Find(context).Match;
        var matches = new List<ExplainedMatch>();
        foreach (var scope in routes.Scopes)
        {
            var selected = scope.Select(context);
            var scopeWinner = scope.Find(context).Match;
            foreach (var virtualHost in scope.VirtualHosts)
            {
                foreach (var match in virtualHost.Matches)
                {
                    matches.Add(virtualHost == selected ? Explain(match, scopeWinner, winner, context) : OtherVirtualHost(match, scope.IsMisdirected(context.Head), context));
                }
            }
        }

        return new Explanation(
            winner?.Route,
            [.. matches.OrderBy(match => match.Verdict).ThenBy(match => match.Match.Precedence).ThenBy(match => match.Route.Route.Id, StringComparer.Ordinal)]);
    }

    private static ExplainedMatch Explain(CompiledMatch match, CompiledMatch? scopeWinner, CompiledMatch? winner, in MatchContext context)
    {
        if (match.Problem is { } problem)
        {
            return Say(match, MatchVerdict.InvalidPattern, problem);
        }

        if (!HostMatcher.Create(match.Match.Host, []).Finds(context.Head.Host))
        {
            return Say(match, MatchVerdict.HostDiffers, $"the host is not {match.Match.Host}");
        }

        if (!match.Path.Finds(match.Match.Path.Decoded ? DecodedPath.Of(context.Head.Path) : context.Head.Path))
        {
            return Say(match, MatchVerdict.PathDiffers, $"the path does not fit {match.Match.Path}");
        }

        if (match.FirstFailing(context) is { } condition)
        {
            return new ExplainedMatch(
                match.Route, match.VirtualHost, match.Match, MatchVerdict.ConditionFailed, condition, $"does not hold: {ConditionText.Of(condition)}");
        }

        if (match == winner)
        {
            return Say(match, MatchVerdict.Matched, "answers the request");
        }

        return match == scopeWinner
            ? Say(match, MatchVerdict.LessSpecificThanOtherScope, $"{winner!.Route.Route.Origin} is more specific, or as specific and older")
            : Say(match, MatchVerdict.LowerPrecedence, $"{scopeWinner!.Route.Route.Origin} precedes it");
    }

    private static ExplainedMatch OtherVirtualHost(CompiledMatch match, bool misdirected, in MatchContext context) => Say(
        match,
        MatchVerdict.OtherVirtualHost,
        misdirected ? "the connection's server name belongs to another virtual host than the request's host"
        : HostMatcher.Create(match.VirtualHost, []).Finds(context.Head.Host)
        ? $"a more specific virtual host than {match.VirtualHost} has the request"
        : $"the host is not {match.VirtualHost}");

    private static ExplainedMatch Say(CompiledMatch match, MatchVerdict verdict, string detail) =>
        new(match.Route, match.VirtualHost, match.Match, verdict, null, detail);
}
