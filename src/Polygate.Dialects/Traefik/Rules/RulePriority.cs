using System.Text;
using Polygate.Model;

namespace Polygate.Dialects.Traefik.Rules;

/// <summary>
/// The order of routers: the higher priority first; a router without one has the length of its rule, in bytes as written.
/// Traefik leaves ties to chance after the provider; here the CRDs go before Ingresses, then the name decides.
/// </summary>
public static class RulePriority
{
    /// <summary>The rank of IngressRoutes among routers of one priority.</summary>
    public const int CustomResource = 0;

    /// <summary>The rank of Ingresses among routers of one priority.</summary>
    public const int Ingress = 1;

    /// <param name="rule">The rule as written.</param>
    /// <param name="priority">The priority written; null or 0 for the rule's length.</param>
    /// <param name="provider">Its rank among routers of one priority.</param>
    /// <param name="name">Namespace, name and place of the router: makes the order total.</param>
    public static RoutePrecedence Precedence(string rule, long? priority, int provider, string name)
    {
        var value = priority is null or 0 ? Encoding.UTF8.GetByteCount(rule) : priority.Value;

        // long.MinValue has no opposite; nobody can tell it from its neighbour.
        return new RoutePrecedence([-Math.Max(value, -long.MaxValue), provider], name);
    }
}
