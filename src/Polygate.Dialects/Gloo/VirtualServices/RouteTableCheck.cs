using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Options;
using Polygate.Dialects.Gloo.Resources;
using Polygate.Dialects.Gloo.Routes;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Gloo.VirtualServices;

/// <summary>
/// Says of a route table, on the object itself and whether or not anything delegates to it, what is wrong with its
/// routes: they are translated as if by a virtual host of their own, and thrown away.
/// </summary>
internal static class RouteTableCheck
{
    public static void Check(Resource<RouteTable> table, TranslationContext context)
    {
        var findings = new Findings(context);
        var settings = GlooSettings.Read(context);
        var routes = table.Value.Spec.Routes ?? [];
        for (var i = 0; i < routes.Count; i++)
        {
            OptionCheck.Check(routes[i].Options, $"spec.routes[{i}].options", findings);
        }

        var expanded = new RouteExpander(context, findings, settings, hostTransformations: null).Expand(table, routes, "spec.routes");
        var destinations = new Destinations(context, findings, settings);
        var gateway = new ServedGateway("", "", new ListenerKey(1), Ssl: false, new HttpGateway());
        _ = new RouteAssembly(context, findings, settings, destinations, new RouteFilters(findings, settings, destinations, table))
            .Assemble(table, [.. expanded.Where(route => route.Owner.Key == table.Key)], new VirtualHostOptions(), gateway, [HostPattern.Any])
            .Count();
        findings.WriteStatus();
    }
}
