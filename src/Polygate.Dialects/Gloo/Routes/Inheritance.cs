using Polygate.Dialects.Gloo.Resources;

namespace Polygate.Dialects.Gloo.Routes;

/// <summary>What a delegating route hands down.</summary>
/// <param name="Matcher">Its matcher, which has a prefix.</param>
/// <param name="InheritMatchers">Whether children take its headers, methods and query parameters, unless they say otherwise.</param>
/// <param name="InheritPaths">Whether children take its path, unless they say otherwise.</param>
/// <param name="Options">Its options.</param>
internal sealed record ParentRoute(MatcherSpec Matcher, bool InheritMatchers, bool InheritPaths, RouteOptions Options);

/// <summary>How a delegated route's matchers follow from its parent's, and when they contradict it.</summary>
internal static class Inheritance
{
    /// <summary>The child's matchers with what it inherits.</summary>
    public static IReadOnlyList<MatcherSpec> Apply(IReadOnlyList<MatcherSpec> matchers, ParentRoute parent, bool inheritMatchers, bool inheritPaths) =>
        [.. matchers.Select(matcher => Apply(matcher, parent.Matcher, inheritMatchers, inheritPaths))];

    /// <summary>Why a child's matcher does not lie within its parent's; null when it does.</summary>
    public static string? Contradiction(MatcherSpec child, MatcherSpec parent)
    {
        if (!Matchers.PathText(child).StartsWith(parent.Prefix ?? "/", StringComparison.Ordinal))
        {
            return $"its path {Matchers.PathText(child)} does not start with the delegating prefix {parent.Prefix}";
        }

        if (child.CaseSensitive != parent.CaseSensitive)
        {
            return "caseSensitive differs from the delegating route's";
        }

        if ((parent.Headers ?? []).FirstOrDefault(header => child.Headers?.Contains(header) != true) is { } missingHeader)
        {
            return $"the delegating route's condition on the header {missingHeader.Name} is missing";
        }

        if ((parent.QueryParameters ?? []).FirstOrDefault(query => child.QueryParameters?.Contains(query) != true) is { } missingQuery)
        {
            return $"the delegating route's condition on the query parameter {missingQuery.Name} is missing";
        }

        return (parent.Methods ?? []).FirstOrDefault(method => child.Methods?.Contains(method) != true) is { } missingMethod
            ? $"the delegating route's method {missingMethod} is missing"
            : null;
    }

    private static MatcherSpec Apply(MatcherSpec child, MatcherSpec parent, bool inheritMatchers, bool inheritPaths)
    {
        if (inheritMatchers)
        {
            child = child with
            {
                Headers = Prepend(parent.Headers, child.Headers),
                Methods = Prepend(parent.Methods, child.Methods),
                QueryParameters = Prepend(parent.QueryParameters, child.QueryParameters),
            };
        }

        return inheritPaths
            ? child with { Exact = null, Regex = null, ConnectMatcher = null, Prefix = parent.Prefix, CaseSensitive = parent.CaseSensitive }
            : child;
    }

    private static IReadOnlyList<T>? Prepend<T>(IReadOnlyList<T>? parent, IReadOnlyList<T>? child) =>
        parent is not { Count: > 0 } ? child : [.. parent.Concat(child ?? []).Distinct()];
}
