using System.Text.RegularExpressions;
using Polygate.Model;
using Polygate.Proxy.Routing.Conditions;

namespace Polygate.Proxy.Routing;

/// <summary>One <see cref="RouteMatch"/> of a route on one listener, made ready to test requests.</summary>
internal sealed class CompiledMatch
{
    private readonly CompiledCondition[] conditions;
    private readonly int binding;
    private readonly int index;

    public CompiledMatch(CompiledRoute route, int binding, int index, ICollection<string> problems)
    {
        this.binding = binding;
        this.index = index;
        Route = route;
        Match = route.Route.Bindings[binding].Matches[index];

        var found = new List<string>();
        HostMatcher.Create(Match.Host, found);
        Path = PathMatcher.Create(Match.Path, found);
        conditions = CompiledCondition.CompileAll(Match.Conditions.AsSpan(), found);
        Problem = found.Count == 0 ? null : string.Join(' ', found);
        found.ForEach(problems.Add);
        HostSpecificity = Math.Max(Specificity.Of(VirtualHost), Specificity.Of(Match.Host));
        PathSpecificity = Specificity.Of(Match.Path);
    }

    public CompiledRoute Route { get; }

    public HostPattern VirtualHost => Route.Route.Bindings[binding].VirtualHost;

    /// <summary>The host it stands under.</summary>
    public HostKey Key => new(new VirtualHostKey(Route.Listener, Route.Route.Scope, VirtualHost), Match.Host);

    public RouteMatch Match { get; }

    public PathMatcher Path { get; }

    /// <summary>What is wrong with its patterns, so that it never matches; null when nothing is.</summary>
    public string? Problem { get; }

    public int HostSpecificity { get; }

    public int PathSpecificity { get; }

    /// <summary>Which match of which binding of which route it is, for people and tests.</summary>
    public string Place => $"{Route.Route.Id}/{binding}/{index}";

    /// <summary>Whether the conditions beside host and path hold.</summary>
    public bool ConditionsHold(in MatchContext context) => conditions.Length == 0 || FirstFailing(context) is null;

    /// <summary>The first condition that does not hold, or null when all do.</summary>
    public MatchCondition? FirstFailing(in MatchContext context)
    {
        foreach (var condition in conditions)
        {
            try
            {
                if (!condition.Holds(context))
                {
                    return condition.Condition;
                }
            }
            catch (RegexMatchTimeoutException)
            {
                return condition.Condition;
            }
        }

        return null;
    }

    /// <summary>The order inside a scope: the dialect's own; where that leaves two equal, <see cref="CompareIdentity"/>.</summary>
    public static int CompareInScope(CompiledMatch left, CompiledMatch right)
    {
        var order = left.Match.Precedence.CompareTo(right.Match.Precedence);
        return order != 0 ? order : CompareIdentity(left, right);
    }

    /// <summary>The order between the best matches of different scopes: host, path, age, name.</summary>
    public static int CompareBetweenScopes(CompiledMatch left, CompiledMatch right)
    {
        var order = right.HostSpecificity.CompareTo(left.HostSpecificity);
        order = order != 0 ? order : right.PathSpecificity.CompareTo(left.PathSpecificity);
        return order != 0 ? order : CompareIdentity(left, right);
    }

    /// <summary>A total order: the older object, its name, the route, the place in it.</summary>
    private static int CompareIdentity(CompiledMatch left, CompiledMatch right)
    {
        if (ReferenceEquals(left, right))
        {
            return 0;
        }

        var (x, y) = (left.Route.Route, right.Route.Route);
        var order = AgeOf(x).CompareTo(AgeOf(y));
        order = order != 0 ? order : string.CompareOrdinal(x.Origin.Namespace, y.Origin.Namespace);
        order = order != 0 ? order : string.CompareOrdinal(x.Origin.Name, y.Origin.Name);
        order = order != 0 ? order : string.CompareOrdinal(x.Id, y.Id);
        order = order != 0 ? order : left.binding.CompareTo(right.binding);
        return order != 0 ? order : left.index.CompareTo(right.index);
    }

    private static long AgeOf(Route route) => route.Created == 0 ? long.MaxValue : route.Created;
}
