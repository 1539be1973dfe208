using System.Net;
using System.Text;
using Polygate.Dialects.GatewayApi.Attachment;
using Polygate.Dialects.GatewayApi.Resources;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;
using Polygate.Model;

namespace Polygate.Dialects.GatewayApi.Addresses;

/// <summary>What a Gateway is reached at.</summary>
/// <param name="Bound">The addresses its listeners are bound to; empty: every address of this machine.</param>
/// <param name="Published">The addresses for its status.</param>
/// <param name="Problem">Why it takes no requests (a reason of the condition Programmed); null when it does.</param>
internal sealed record GatewayAddresses(ValueList<string> Bound, ValueList<string> Published, Problem? Problem)
{
    /// <summary>
    /// The addresses of a Gateway. With a pool every Gateway gets its own: what its spec asks for, else what its status says it had, else one
    /// that follows from its name. The answer depends on the Gateways alone, so that every replica finds the same.
    /// </summary>
    public static GatewayAddresses Of(IResourceLookup lookup, GatewayApiOptions options, Resource<Gateway> gateway)
    {
        var asked = Asked(gateway);
        if (options.Addresses is not { } pool)
        {
            return new GatewayAddresses(asked, asked.IsEmpty ? options.PublishedAddresses : asked, null);
        }

        if (asked.FirstOrDefault(address => !pool.Contains(IPAddress.Parse(address))) is { } foreign)
        {
            return None("AddressNotUsable", $"The address {foreign} is not one of this gateway's.");
        }

        var wanted = Wanted(gateway);
        var given = wanted == 0 ? [] : Assign(lookup, options, pool).GetValueOrDefault(gateway.Key, []);
        return given.Count < wanted
            ? None("AddressNotAssigned", "Every address of this gateway is in use by other Gateways.")
            : new GatewayAddresses([.. asked, .. given], [.. asked, .. given], null);
    }

    /// <summary>
    /// The key of a listener: with addresses of its own it is not the port of every other Gateway, and it is nobody's who speaks something else on
    /// the port, another dialect's objects among them.
    /// </summary>
    public static ListenerKey Key(GatewayApiOptions options, ListenerView listener) =>
        new(listener.Port, options.Addresses is not null || HasAddress(listener.Gateway) ? listener.Gateway.FullName : "", listener.IsUdp)
        {
            Family = Attachment.Listeners.Family(listener.Listener) switch
            {
                "http" => ListenerFamily.Http,
                "tls" => ListenerFamily.Tls,
                _ => ListenerFamily.Stream,
            },
        };

    /// <summary>Whether two Gateways are reached at one address: addresses given out of a pool are never shared, unless there is but one.</summary>
    public static bool AreShared(GatewayApiOptions options, Resource<Gateway> left, Resource<Gateway> right)
    {
        var (one, other) = (Asked(left), Asked(right));
        return options.Addresses is { Count: 1 } || (options.Addresses is null && one.IsEmpty && other.IsEmpty) || one.Intersect(other, StringComparer.Ordinal).Any();
    }

    private static GatewayAddresses None(string reason, string message) => new([], [], new Problem(reason, message, "spec.addresses"));

    private static bool HasAddress(Resource<Gateway> gateway) => (gateway.Value.Spec.Addresses ?? []).Any(address => !string.IsNullOrEmpty(address.Value));

    /// <summary>The addresses that a Gateway names, as machines write them.</summary>
    private static ValueList<string> Asked(Resource<Gateway> gateway) =>
        (gateway.Value.Spec.Addresses ?? []).Where(address => !string.IsNullOrEmpty(address.Value) && IPAddress.TryParse(address.Value, out _))
            .Select(address => IPAddress.Parse(address.Value!).ToString()).Distinct(StringComparer.Ordinal).ToValueList();

    /// <summary>How many addresses a Gateway wants without naming them: one when it names none at all.</summary>
    private static int Wanted(Resource<Gateway> gateway) =>
        gateway.Value.Spec.Addresses is { Count: > 0 } addresses ? addresses.Count(address => string.IsNullOrEmpty(address.Value)) : 1;

    /// <summary>Gives out the pool: addresses named by anyone are left to those, then who has one keeps it, then the rest by name.</summary>
    private static Dictionary<ResourceKey, List<string>> Assign(IResourceLookup lookup, GatewayApiOptions options, GatewayAddressPool pool)
    {
        var gateways = lookup.List<Gateway>()
            .Where(gateway => GatewayClasses.IsOurs(lookup, gateway, options))
            .OrderBy(gateway => gateway.Created).ThenBy(gateway => gateway.FullName, StringComparer.Ordinal).ToList();
        var given = gateways.ToDictionary(gateway => gateway.Key, _ => new List<string>());
        if (pool.Count == 1)
        {
            gateways.ForEach(gateway => given[gateway.Key].AddRange(Enumerable.Repeat(pool.At(0).ToString(), Wanted(gateway))));
            return given;
        }

        var taken = gateways.SelectMany(gateway => Asked(gateway)).ToHashSet(StringComparer.Ordinal);
        foreach (var gateway in gateways)
        {
            var had = (gateway.Value.Status?.Addresses ?? []).Select(address => address.Value).OfType<string>();
            given[gateway.Key].AddRange(had.Where(address =>
                IPAddress.TryParse(address, out var parsed) && pool.Contains(parsed) && taken.Add(address)).Take(Wanted(gateway)));
        }

        foreach (var gateway in gateways)
        {
            var list = given[gateway.Key];
            for (var number = list.Count; number < Wanted(gateway) && Free(pool, taken, $"{gateway.FullName}#{number}") is { } address; number++)
            {
                list.Add(address);
            }
        }

        return given;
    }

    /// <summary>The first free address from the one that follows from a name on; null when none is free.</summary>
    private static string? Free(GatewayAddressPool pool, HashSet<string> taken, string name)
    {
        var start = (int)(Hash(name) % (uint)pool.Count);
        for (var step = 0; step < pool.Count; step++)
        {
            var address = pool.At((int)(((long)start + step) % pool.Count)).ToString();
            if (taken.Add(address))
            {
                return address;
            }
        }

        return null;
    }

    /// <summary>FNV-1a: the same on every machine and in every run.</summary>
    private static uint Hash(string text)
    {
        var hash = 2166136261U;
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ part) * 16777619U;
        }

        return hash;
    }
}
