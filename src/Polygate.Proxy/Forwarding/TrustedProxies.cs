using System.Net;

namespace Polygate.Proxy.Forwarding;

/// <summary>The networks whose proxies are believed about their clients.</summary>
public sealed class TrustedProxies
{
    private readonly IPNetwork[] networks;

    private TrustedProxies(IPNetwork[] networks) => this.networks = networks;

    public static TrustedProxies None { get; } = new([]);

    /// <param name="networks">In CIDR notation, or bare addresses.</param>
    /// <exception cref="FormatException">One of them is neither.</exception>
    public static TrustedProxies Parse(IEnumerable<string> networks) => new([.. networks.Select(Parse)]);

    public bool Contains(IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    private static IPNetwork Parse(string text) =>
        IPAddress.TryParse(text, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : IPNetwork.Parse(text);
}
