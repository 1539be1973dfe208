using System.Net;
using System.Net.Sockets;

namespace Polygate.Model;

/// <summary>
/// Tells the addresses that lead to the machine itself or to its link, where no backend of a cluster is: loopback (RFC 1122 section 3.2.1.3,
/// RFC 4291 section 2.5.3), "this host" (0.0.0.0/8 and ::, which connect to loopback on Linux) and link-local (RFC 3927, RFC 4291 section
/// 2.5.6), where clouds answer with their machines' credentials. The API server refuses the same in EndpointSlices.
/// </summary>
public static class LocalAddress
{
    /// <summary>Whether an address leads to this machine or its link; an IPv4 address written as IPv6 counts as what it is.</summary>
    public static bool IsLocal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6LinkLocal;
        }

        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) && (bytes[0] is 0 or 127 || (bytes[0] == 169 && bytes[1] == 254));
    }

    /// <summary>
    /// Whether a host as it is written means this machine: such an address, <c>localhost</c> or a name below it (RFC 6761 section 6.3). Other
    /// names are known only once they are resolved.
    /// </summary>
    public static bool IsLocal(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return IsLocal(address);
        }

        var name = host.AsSpan().TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
