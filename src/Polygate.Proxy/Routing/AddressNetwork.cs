using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Routing;

/// <summary>
/// A network in CIDR notation (RFC 4632, RFC 4291), made ready to compare. IPv4-mapped IPv6 addresses count as IPv4;
/// a network of one family holds no address of the other.
/// </summary>
internal readonly struct AddressNetwork
{
    private const int MappedBits = 96;
    private readonly UInt128 network;
    private readonly UInt128 mask;
    private readonly bool isIPv4;

    private AddressNetwork(UInt128 network, UInt128 mask, bool isIPv4)
    {
        this.network = network;
        this.mask = mask;
        this.isIPv4 = isIPv4;
    }

    /// <summary>Reads <c>address/bits</c> (bits beyond the prefix are ignored) or a bare address.</summary>
    public static bool TryParse(string text, out AddressNetwork result)
    {
        result = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address))
        {
            return false;
        }

        var family = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var bits = family;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > family))
        {
            return false;
        }

        bits += 128 - family;
        var mask = bits == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - bits);
        var number = AddressNumber.Of(address, out var isIPv4);
        result = new AddressNetwork(number & mask, mask, isIPv4 && bits >= MappedBits);
        return true;
    }

    /// <summary>Reads several; what cannot be read goes to the problems.</summary>
    public static AddressNetwork[] ParseAll(ReadOnlySpan<string> texts, ICollection<string> problems)
    {
        var networks = new List<AddressNetwork>(texts.Length);
        foreach (var text in texts)
        {
            if (TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                problems.Add($"'{text}' is neither an IP address nor a network in CIDR notation.");
            }
        }

        return [.. networks];
    }

    public static bool AnyContains(AddressNetwork[] networks, IPAddress address)
    {
        var number = AddressNumber.Of(address, out var isIPv4);
        foreach (var network in networks)
        {
            if (network.isIPv4 == isIPv4 && (number & network.mask) == network.network)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>An address as a number, IPv4 as its mapped IPv6 form (RFC 4291 section 2.5.5.2): the same client always has the same.</summary>
internal static class AddressNumber
{
    /// <summary>The address of a number, IPv4 in its mapped form.</summary>
    public static IPAddress ToAddress(UInt128 number, uint scope = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(bytes, scope);
    }

    public static UInt128 Of(IPAddress address, out bool isIPv4)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            bytes.Clear();
            bytes[10] = bytes[11] = 0xFF;
            address.TryWriteBytes(bytes[12..], out _);
            isIPv4 = true;
        }
        else
        {
            address.TryWriteBytes(bytes, out _);
            isIPv4 = address.IsIPv4MappedToIPv6;
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
