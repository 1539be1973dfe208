using System.Net;
using Polygate.Dialects.Traefik.Resources;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Middlewares;

/// <summary><c>ipAllowList</c>, formerly <c>ipWhiteList</c>: only clients of the given networks pass.</summary>
internal static class IpAllowListMiddleware
{
    public static void Apply(IpAllowListSpec spec, MiddlewareScope scope, string field)
    {
        if (HasStrategy(spec.IpStrategy))
        {
            scope.RefuseUnsupported(field + ".ipStrategy");
            return;
        }

        var networks = spec.SourceRange ?? [];
        if (networks.Count == 0)
        {
            scope.Refuse("missing-field", $"{field}.sourceRange is required.", field + ".sourceRange");
            return;
        }

        for (var i = 0; i < networks.Count; i++)
        {
            if (!IPAddress.TryParse(networks[i], out _) && !IPNetwork.TryParse(networks[i], out _))
            {
                scope.Refuse("invalid-network", $"'{networks[i]}' is neither an IP address nor a network in CIDR notation.", $"{field}.sourceRange[{i}]");
                return;
            }
        }

        scope.Add(new AddressAccessFilter
        {
            Allow = networks.ToValueList(),
            RejectStatus = spec.RejectStatusCode ?? 403,
            RejectBody = "Forbidden",
        });
    }

    /// <summary>Whether another address than the connection's counts as the client's.</summary>
    public static bool HasStrategy(IpStrategy? strategy) =>
        strategy is { Depth: > 0 } or { ExcludedIPs.Count: > 0 } or { Ipv6Subnet: > 0 };
}
