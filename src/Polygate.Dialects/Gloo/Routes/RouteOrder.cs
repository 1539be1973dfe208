using Polygate.Dialects.Gloo.Resources;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>
/// The order of routes whose tables have the same weight (Gloo's delegation documentation, <c>glooctl route sort</c>):
/// more methods first, then exact, regular expression, prefix, then the path's text descending.
/// </summary>
internal static class RouteOrder
{
    /// <summary>Sorts stably by each route's best matcher.</summary>
    public static IEnumerable<EffectiveRoute> Sort(IEnumerable<EffectiveRoute> routes) =>
        routes.OrderBy(route => route.Matchers.Min(ByMatcher)!, ByMatcher);

    private static readonly Comparer<MatcherSpec> ByMatcher = Comparer<MatcherSpec>.Create(Compare);

    private static int Compare(MatcherSpec x, MatcherSpec y)
    {
        var order = (y.Methods?.Count ?? 0).CompareTo(x.Methods?.Count ?? 0);
        if (order == 0)
        {
            order = Rank(x).CompareTo(Rank(y));
        }

        return order != 0 ? order : string.CompareOrdinal(Matchers.PathText(y), Matchers.PathText(x));
    }

    private static int Rank(MatcherSpec matcher) => matcher switch
    {
        { Exact: not null } => 1,
        { Regex: not null } => 2,
        { Prefix: not null } => 3,
        _ => 0,
    };
}
