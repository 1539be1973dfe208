using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>
/// A rule of an HTTPRoute, or of a GRPCRoute in the same form: what a GRPCRoute can say beside its matches, an HTTPRoute
/// can say too.
/// </summary>
/// <param name="Index">Its place in the route.</param>
/// <param name="Rule">Filters, backends and the rest.</param>
/// <param name="Problem">Why it cannot be served; null when it can.</param>
internal record RuleView(int Index, HTTPRouteRule Rule, Problem? Problem)
{
    /// <summary>As many as a route may have rules.</summary>
    private static readonly string[] Fields = [.. Enumerable.Range(0, 16).Select(index => $"spec.rules[{index}]")];

    /// <summary>Alternatives; at least one unless there is a problem. Made anew each time: only the translation of the route asks, once.</summary>
    public IEnumerable<RuleMatch> Matches => Problem is null ? ReadMatches() : [];

    public string Field => Index < Fields.Length ? Fields[Index] : $"spec.rules[{Index}]";

    /// <summary>Every reference to a backend (targets and what their filters refer to) and where it stands.</summary>
    public IEnumerable<(BackendObjectReference Reference, string Field)> BackendReferences()
    {
        foreach (var entry in OfFilters(Rule.Filters, Field))
        {
            yield return entry;
        }

        for (var i = 0; i < (Rule.BackendRefs?.Count ?? 0); i++)
        {
            var field = $"{Field}.backendRefs[{i}]";
            yield return (Rule.BackendRefs![i], field);
            foreach (var entry in OfFilters(Rule.BackendRefs[i].Filters, field))
            {
                yield return entry;
            }
        }
    }

    /// <summary>The matches of a rule without a problem.</summary>
    protected virtual IEnumerable<RuleMatch> ReadMatches() => [];

    /// <summary>What filters refer to: targets of mirrors and authorization services.</summary>
    private static IEnumerable<(BackendObjectReference Reference, string Field)> OfFilters(IReadOnlyList<HTTPRouteFilter>? filters, string field) =>
        filters is { Count: > 0 } ? Referring(filters, field + ".filters") : [];

    private static IEnumerable<(BackendObjectReference Reference, string Field)> Referring(IReadOnlyList<HTTPRouteFilter> filters, string field) =>
        filters.Select((filter, place) => filter.Type == "ExternalAuth"
                ? (filter.ExternalAuth?.BackendRef!, $"{field}[{place}].externalAuth.backendRef")
                : (filter.RequestMirror?.BackendRef!, $"{field}[{place}].requestMirror.backendRef"))
            .Where(entry => entry.Item1 is not null);
}

/// <summary>One match of a rule, host name apart.</summary>
/// <param name="Path">The path.</param>
/// <param name="Conditions">All must hold.</param>
/// <param name="Order">Its specificity: smaller numbers come first, compared one after the other.</param>
internal sealed record RuleMatch(PathPattern Path, ValueList<MatchCondition> Conditions, ValueList<long> Order);
