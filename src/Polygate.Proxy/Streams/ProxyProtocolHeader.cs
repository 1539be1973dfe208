using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Polygate.Model;

namespace Polygate.Proxy.Streams;

/// <summary>Writes the header by which a backend learns who the client is (haproxy.org/download/3.0/doc/proxy-protocol.txt).</summary>
internal static class ProxyProtocolHeader
{
    /// <summary>Room for any header: the longest line of version 1 (section 2.1) has 107 bytes.</summary>
    internal const int MaximumLength = 107;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Writes the header of a connection; returns its length.</summary>
    /// <param name="buffer">Of <see cref="MaximumLength"/> at least.</param>
    /// <param name="version">1 or 2.</param>
    /// <param name="source">The client.</param>
    /// <param name="destination">Where the client connected to.</param>
    internal static int Write(Span<byte> buffer, ProxyProtocolVersion version, IPEndPoint source, IPEndPoint destination)
    {
        // One family for both: IPv4 beside IPv6 is written as its mapped form.
        var isIpv6 = source.AddressFamily == AddressFamily.InterNetworkV6 || destination.AddressFamily == AddressFamily.InterNetworkV6;
        var from = isIpv6 ? source.Address.MapToIPv6() : source.Address;
        var to = isIpv6 ? destination.Address.MapToIPv6() : destination.Address;
        return version == ProxyProtocolVersion.V1
            ? Encoding.ASCII.GetBytes($"PROXY TCP{(isIpv6 ? 6 : 4)} {Text(from)} {Text(to)} {source.Port} {destination.Port}\r\n", buffer)
            : WriteBinary(buffer, from, source.Port, to, destination.Port, isIpv6);
    }

    private static int WriteBinary(Span<byte> buffer, IPAddress from, int fromPort, IPAddress to, int toPort, bool isIpv6)
    {
        var addressLength = isIpv6 ? 16 : 4;
        var bodyLength = (2 * addressLength) + 4;
        Signature.CopyTo(buffer);
        buffer[12] = 0x21;
        buffer[13] = (byte)(isIpv6 ? 0x21 : 0x11);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[14..], (ushort)bodyLength);
        var body = buffer[16..];
        from.TryWriteBytes(body, out _);
        to.TryWriteBytes(body[addressLength..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(body[(2 * addressLength)..], (ushort)fromPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[((2 * addressLength) + 2)..], (ushort)toPort);
        return 16 + bodyLength;
    }

    /// <summary>Without the scope of a link-local address, which means nothing elsewhere.</summary>
    private static string Text(IPAddress address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()).ToString() : address.ToString();
}
