using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;

namespace Polygate.Proxy.Transport;

/// <summary>struct sockaddr_in or sockaddr_in6, whichever its family says.</summary>
internal struct SocketAddress
{
    internal const uint Capacity = 28;
    private const uint Ipv4Length = 16;

    /// <summary>::ffff:0.0.0.0 (RFC 4291 section 2.5.5.2).</summary>
    private static readonly UInt128 MappedPrefix = new(0, 0xFFFF_0000_0000);

    private Bytes bytes;

    internal static unsafe SocketAddress From(IPEndPoint endpoint, out uint length)
    {
        var address = default(SocketAddress);
        Span<byte> span = address.bytes;
        var isIpv6 = endpoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        BitConverter.TryWriteBytes(span, (ushort)(isIpv6 ? Libc.AfInet6 : Libc.AfInet));
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], (ushort)endpoint.Port);
        endpoint.Address.TryWriteBytes(span[(isIpv6 ? 8 : 4)..], out _);
        if (isIpv6)
        {
            BitConverter.TryWriteBytes(span[24..], (uint)endpoint.Address.ScopeId);
        }

        length = isIpv6 ? Capacity : Ipv4Length;
        return address;
    }

    /// <summary>The address of a client, in the family of the socket it wrote to.</summary>
    internal static SocketAddress From(in DatagramPath path, bool isIpv6, out uint length)
    {
        var address = default(SocketAddress);
        Span<byte> span = address.bytes;
        BitConverter.TryWriteBytes(span, (ushort)(isIpv6 ? Libc.AfInet6 : Libc.AfInet));
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], path.Port);
        if (isIpv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(span[8..], path.Remote);
            BitConverter.TryWriteBytes(span[24..], path.Scope);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(span[4..], (uint)path.Remote);
        }

        length = isIpv6 ? Capacity : Ipv4Length;
        return address;
    }

    /// <summary>The path of a datagram that came from here.</summary>
    internal readonly DatagramPath ToPath(UInt128 local)
    {
        ReadOnlySpan<byte> span = bytes;
        var port = BinaryPrimitives.ReadUInt16BigEndian(span[2..]);
        return BitConverter.ToUInt16(span) == Libc.AfInet6
            ? new DatagramPath(BinaryPrimitives.ReadUInt128BigEndian(span[8..]), port, BitConverter.ToUInt32(span[24..]), local)
            : new DatagramPath(MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(span[4..]), port, 0, local);
    }

    /// <summary>The endpoint; IPv4 behind an IPv6 socket is IPv4.</summary>
    internal readonly IPEndPoint ToEndPoint()
    {
        ReadOnlySpan<byte> span = bytes;
        var port = BinaryPrimitives.ReadUInt16BigEndian(span[2..]);
        if (BitConverter.ToUInt16(span) != Libc.AfInet6)
        {
            return new IPEndPoint(new IPAddress(span.Slice(4, 4)), port);
        }

        var address = new IPAddress(span.Slice(8, 16), BitConverter.ToUInt32(span[24..]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }

    [InlineArray((int)Capacity)]
    private struct Bytes
    {
        private byte first;
    }
}
