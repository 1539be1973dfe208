using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Rules;

/// <summary>
/// The order of matches on a listener (HTTPRouteRule and GRPCRouteRule, "matches"). HTTP: longest exact host name, longest
/// wildcard, exact path, longest prefix, a method, most headers, most query parameters. gRPC: host name, longest service,
/// longest method, most headers. Both: oldest route, namespace/name, order of rules.
/// </summary>
/// <remarks>
/// Where regular expressions stand is the implementation's choice: a path pattern stands between exact paths and
/// prefixes, longer ones first; a gRPC pattern stands after an exact name of the same length.
/// </remarks>
internal static class Precedence
{
    public static ValueList<long> HttpOrder(PathPattern path, bool method, int headers, int parameters) =>
    [
        path.Kind switch { PathPatternKind.Exact => 0, PathPatternKind.Regex => 1, _ => 2 },
        path.Kind == PathPatternKind.Exact ? 0 : -path.Value.Length,
        method ? 0 : 1,
        -headers,
        -parameters,
    ];

    public static ValueList<long> GrpcOrder(GRPCMethodMatch? match, int headers) =>
    [
        -(match?.Service?.Length ?? 0),
        -(match?.Method?.Length ?? 0),
        -headers,
        match?.Type == "RegularExpression" ? 1 : 0,
        0,
    ];

    /// <summary>The whole key of a match under one host name.</summary>
    /// <param name="hostname">Normalized.</param>
    /// <param name="match">The match.</param>
    /// <param name="route">The route.</param>
    /// <param name="rule">The rule's place in the route.</param>
    /// <param name="place">The match's place in the rule.</param>
    public static RoutePrecedence Of(string hostname, RuleMatch match, RouteView route, int rule, int place)
    {
        var kind = hostname.Length == 0 ? 2 : Hostnames.IsWildcard(hostname) ? 1 : 0;
        var order = match.Order;
        return new RoutePrecedence([kind, -hostname.Length, order[0], order[1], order[2], order[3], order[4], route.Resource.Created], route.Resource.FullName)
        {
            Place = ((long)rule << 32) | (uint)place,
        };
    }
}
