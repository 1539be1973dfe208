using Polygate.Model;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Streams;

/// <summary>One <see cref="StreamMatch"/> of a route on one listener, made ready to test connections.</summary>
internal sealed class CompiledStreamMatch
{
    private readonly HostMatcher serverName;
    private readonly Test[] tests;
    private readonly bool isUsable;

    internal CompiledStreamMatch(CompiledStreamRoute route, StreamBinding binding, StreamMatch match, ICollection<string> problems)
    {
        Route = route;
        Binding = binding;
        Match = match;
        var found = new List<string>();
        serverName = HostMatcher.Create(match.ServerName, found);
        tests = [.. match.Conditions.Select(condition => Compile(condition, found))];
        isUsable = found.Count == 0;
        found.ForEach(problems.Add);
    }

    private delegate bool Test(in StreamContext context);

    internal CompiledStreamRoute Route { get; }

    internal StreamBinding Binding { get; }

    internal StreamMatch Match { get; }

    internal bool Fits(in StreamContext context)
    {
        if (!isUsable || !serverName.Finds(context.ServerName))
        {
            return false;
        }

        foreach (var test in tests)
        {
            if (!test(context))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The order in which matches of one claim are tried: within a scope the dialect's own; between scopes the more specific server name, the
    /// older object, the identity.
    /// </summary>
    internal static int CompareBetweenScopes(CompiledStreamMatch left, CompiledStreamMatch right)
    {
        var byName = Specificity.Of(right.Match.ServerName).CompareTo(Specificity.Of(left.Match.ServerName));
        if (byName != 0)
        {
            return byName;
        }

        var byAge = left.Route.Route.Created.CompareTo(right.Route.Route.Created);
        return byAge != 0 ? byAge : string.CompareOrdinal(left.Route.Route.Id, right.Route.Route.Id);
    }

    private static Test Compile(MatchCondition condition, List<string> problems)
    {
        var negated = condition.Negated;
        switch (condition)
        {
            case ClientAddressCondition address:
                var networks = AddressNetwork.ParseAll(address.Networks.AsSpan(), problems);
                return (in context) => AddressNetwork.AnyContains(networks, context.Client) != negated;
            case ServerNameCondition name:
                var matcher = HostMatcher.Create(name.Host, problems);
                return (in context) => (context.IsTls && matcher.Finds(context.ServerName)) != negated;
            case TlsCondition:
                return (in context) => context.IsTls != negated;
            case ApplicationProtocolCondition protocols:
                string[] wanted = [.. protocols.Protocols];
                return (in context) => OffersAny(context.Protocols, wanted) != negated;
            default:
                problems.Add($"{ConditionText.Of(condition)}: this does not choose between connections.");
                return static (in _) => false;
        }
    }

    private static bool OffersAny(IReadOnlyList<string>? offered, string[] wanted)
    {
        for (var i = 0; i < (offered?.Count ?? 0); i++)
        {
            if (Array.IndexOf(wanted, offered![i]) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
