using Polygate.Dialects.Common;
using Polygate.Dialects.Gloo.Gateways;
using Polygate.Dialects.Gloo.Resources;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>
/// Which options that restrict access (authentication, authorization, rate limits, firewalls) are in force on a route. None of
/// them is served yet, so a route with any of them answers 503.
/// </summary>
internal static class Restrictions
{
    /// <summary>The names of the options in force: the route's, else the virtual host's, and the gateway's.</summary>
    public static IEnumerable<string> Of(RouteOptions route, VirtualHostOptions host, ServedGateway gateway, GlooSettings settings)
    {
        foreach (var group in RestrictingFields.Groups)
        {
            var level = group.Any(name => route.Field(name) is not null) ? (OpenFields)route : host;
            foreach (var name in group.Where(name => level.Field(name) is { } value && !FieldTable.IsSwitchedOff(value)))
            {
                yield return name;
            }
        }

        foreach (var name in gateway.Restrictions)
        {
            // A route's own switch turns a gateway's firewall and the like off; other gateway settings cannot be turned off.
            if (route.Field(name) is not { } value || !FieldTable.IsSwitchedOff(value))
            {
                yield return name;
            }
        }

        if (settings.RequiresRbac)
        {
            yield return "rbac.requireRbac";
        }
    }
}
