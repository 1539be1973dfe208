using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Dialects.GatewayApi.Rules;

namespace Polygate.Dialects.GatewayApi.Streams;

/// <summary>Reads the rules of TLSRoutes, TCPRoutes and UDPRoutes: exactly one, which has nothing but backends.</summary>
internal static class StreamRules
{
    public static IReadOnlyList<RuleView> Read(IReadOnlyList<StreamRouteRule>? rules) => (rules ?? []).Select(Read).ToArray();

    private static RuleView Read(StreamRouteRule rule, int index)
    {
        var field = $"spec.rules[{index}]";
        var common = new HTTPRouteRule { Name = rule.Name, BackendRefs = rule.BackendRefs is null ? null : [.. rule.BackendRefs.Select(Common)] };
        var problem = index > 0
            ? new Problem("UnsupportedValue", "A route of this kind has exactly one rule.", field)
            : RuleChecks.Problem(common, field, []);
        return new RuleView(index, common, problem);
    }

    private static HTTPBackendRef Common(BackendRef backend) => new()
    {
        Group = backend.Group,
        Kind = backend.Kind,
        Name = backend.Name,
        Namespace = backend.Namespace,
        Port = backend.Port,
        Weight = backend.Weight,
    };
}
