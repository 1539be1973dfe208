using Polygate.Dialects.Pipeline;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Policies;

/// <summary>
/// What RoutePolicies demand of the connections of a TLSRoute, TCPRoute or UDPRoute. There are no requests to look into: networks hold, what
/// would restrict clients otherwise and cannot be checked lets none in, and what is about the form of requests has no effect.
/// </summary>
/// <param name="Allow">Networks that alone may connect; empty for everyone.</param>
/// <param name="Deny">Networks that may not connect.</param>
/// <param name="IsRefused">Whether nobody is let in.</param>
internal sealed record StreamDemands(ValueList<string> Allow, ValueList<string> Deny, bool IsRefused)
{
    /// <summary>What a group does to streams.</summary>
    public static StreamEffect EffectOf(string group) => group switch
    {
        PolicyGroups.Addresses => StreamEffect.Held,
        PolicyGroups.Limits or PolicyGroups.Compression => StreamEffect.None,
        _ => StreamEffect.Refused,
    };

    /// <summary>What groups in force demand.</summary>
    public static StreamDemands Of(TranslationContext context, IReadOnlyList<EffectiveGroup> groups)
    {
        var demands = new StreamDemands([], [], groups.Any(entry => EffectOf(entry.Group) == StreamEffect.Refused));
        foreach (var entry in groups.Where(entry => EffectOf(entry.Group) == StreamEffect.Held))
        {
            demands = new RoutePolicyFilters(context, entry.Policy, null).Translate(entry.Group, entry.Target).Filters is [AddressAccessFilter networks]
                ? demands with { Allow = networks.Allow, Deny = networks.Deny }
                : demands with { IsRefused = true };
        }

        return demands;
    }
}

/// <summary>What becomes of streams for which a group is in force.</summary>
internal enum StreamEffect
{
    /// <summary>It holds for them as for requests.</summary>
    Held,

    /// <summary>It says nothing of them.</summary>
    None,

    /// <summary>It restricts clients and cannot be checked: nobody is let in.</summary>
    Refused,
}
