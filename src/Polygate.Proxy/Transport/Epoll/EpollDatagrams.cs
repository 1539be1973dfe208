using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Transport;

/// <summary>A UDP socket on an <see cref="EpollLoop"/>.</summary>
internal sealed unsafe class EpollDatagrams : DatagramChannel
{
    /// <summary>What one socket may receive before the others of its loop have their turn.</summary>
    private const int PerTurn = 64;

    /// <summary>Room for one control message with a packet's addresses.</summary>
    private const int ControlLength = 64;

    /// <summary>What is received is handled at once, so that a thread needs one buffer.</summary>
    [ThreadStatic]
    private static byte[]? buffer;

    private readonly EpollLoop loop;
    private readonly IDatagramHandler handler;
    private readonly Handle handle;
    private readonly bool isIpv6;
    private readonly bool isListening;
    private readonly bool tellsLocal;
    private bool isClosed;

    private EpollDatagrams(EpollLoop loop, int descriptor, IPEndPoint local, IDatagramHandler handler, bool isListening)
    {
        this.loop = loop;
        this.handler = handler;
        this.isListening = isListening;
        isIpv6 = local.AddressFamily == AddressFamily.InterNetworkV6;
        tellsLocal = isListening && (local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any));
        LocalEndPoint = local;
        handle = new Handle(this) { Descriptor = descriptor };
    }

    public override EventLoop Loop => loop;

    public override IPEndPoint LocalEndPoint { get; }

    /// <summary>Takes over a bound socket. On the loop.</summary>
    internal static EpollDatagrams Listen(EpollLoop loop, int descriptor, IPEndPoint local, IDatagramHandler handler)
    {
        var channel = new EpollDatagrams(loop, descriptor, local, handler, isListening: true);
        if (channel.tellsLocal)
        {
            _ = channel.isIpv6
                ? Libc.SetSocketOption(descriptor, Libc.IpProtoIpv6, Libc.Ipv6ReceivePacketInfo, 1)
                : Libc.SetSocketOption(descriptor, Libc.IpProtoIp, Libc.IpPacketInfo, 1);
        }

        loop.Add(channel.handle, Libc.EpollIn);
        return channel;
    }

    /// <exception cref="SocketException">The system gives no socket, or knows no way to the peer.</exception>
    internal static EpollDatagrams Connect(EpollLoop loop, IPEndPoint endpoint, IDatagramHandler handler)
    {
        var family = endpoint.AddressFamily == AddressFamily.InterNetworkV6 ? Libc.AfInet6 : Libc.AfInet;
        var descriptor = Libc.Socket(family, Libc.SockDatagram | Libc.SockNonBlock | Libc.SockCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Libc.ToSocketException(Libc.Error);
        }

        var address = SocketAddress.From(endpoint, out var length);
        if (Libc.Connect(descriptor, &address, length) < 0)
        {
            var error = Libc.Error;
            _ = Libc.Close(descriptor);
            throw Libc.ToSocketException(error);
        }

        SocketAddress local;
        var localLength = SocketAddress.Capacity;
        _ = Libc.GetSocketName(descriptor, &local, &localLength);
        var channel = new EpollDatagrams(loop, descriptor, local.ToEndPoint(), handler, isListening: false);
        try
        {
            loop.Add(channel.handle, Libc.EpollIn);
            return channel;
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    public override bool TrySend(ReadOnlySpan<byte> payload)
    {
        if (isClosed)
        {
            return false;
        }

        fixed (byte* start = payload)
        {
            if (Libc.Send(handle.Descriptor, start, (nuint)payload.Length, Libc.MsgNoSignal) >= 0)
            {
                return true;
            }
        }

        // A send may tell of the ICMP message that an earlier one brought.
        if (Libc.Error == Libc.ConnectionRefused)
        {
            handler.OnUnreachable(this);
        }

        return false;
    }

    public override bool TrySend(ReadOnlySpan<byte> payload, in DatagramPath path)
    {
        if (isClosed)
        {
            return false;
        }

        var address = SocketAddress.From(path, isIpv6, out var length);
        var control = stackalloc byte[ControlLength];
        fixed (byte* start = payload)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)payload.Length };
            var message = new Libc.MessageHeader { Name = &address, NameLength = length, Vectors = &vector, VectorCount = 1 };
            if (path.Local != UInt128.Zero)
            {
                message.Control = control;
                message.ControlLength = WriteLocal(control, path.Local);
            }

            return Libc.SendMessage(handle.Descriptor, &message, Libc.MsgNoSignal) >= 0;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isClosed)
        {
            isClosed = true;
            loop.Close(handle);
        }
    }

    private void OnEvents()
    {
        var bytes = buffer ??= GC.AllocateUninitializedArray<byte>(MaximumPayload, pinned: true);
        for (var i = 0; i < PerTurn && !isClosed; i++)
        {
            var count = Receive(bytes, out var path);
            if (count >= 0)
            {
                handler.OnDatagram(this, path, bytes.AsSpan(0, (int)count));
                continue;
            }

            var error = Libc.Error;
            if (error == Libc.ConnectionRefused && !isListening)
            {
                handler.OnUnreachable(this);
            }
            else if (error != Libc.Interrupted)
            {
                return;
            }
        }
    }

    private nint Receive(byte[] bytes, out DatagramPath path)
    {
        var remote = default(SocketAddress);
        var control = stackalloc byte[ControlLength];
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (isListening)
            {
                message.Name = &remote;
                message.NameLength = SocketAddress.Capacity;
            }

            if (tellsLocal)
            {
                message.Control = control;
                message.ControlLength = ControlLength;
            }

            var count = Libc.ReceiveMessage(handle.Descriptor, &message, 0);
            path = count >= 0 && isListening ? remote.ToPath(ReadLocal(control, message.ControlLength)) : default;
            return count;
        }
    }

    /// <summary>The address a datagram was sent to (struct in_pktinfo, struct in6_pktinfo); 0 when it is not told.</summary>
    private UInt128 ReadLocal(byte* control, nuint length)
    {
        if (!tellsLocal || length < (nuint)sizeof(Libc.ControlHeader))
        {
            return UInt128.Zero;
        }

        var header = (Libc.ControlHeader*)control;
        var data = control + sizeof(Libc.ControlHeader);
        return (header->Level, header->Type) switch
        {
            (Libc.IpProtoIpv6, Libc.Ipv6PacketInfo) => BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(data, 16)),
            (Libc.IpProtoIp, Libc.IpPacketInfo) => BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(data + 8, 4)),
            _ => UInt128.Zero,
        };
    }

    /// <summary>Asks for an address to send from; returns the length of the control message with its padding.</summary>
    private nuint WriteLocal(byte* control, UInt128 local)
    {
        var header = (Libc.ControlHeader*)control;
        var data = control + sizeof(Libc.ControlHeader);
        new Span<byte>(control, ControlLength).Clear();
        if (isIpv6)
        {
            *header = new Libc.ControlHeader { Length = (nuint)sizeof(Libc.ControlHeader) + 20, Level = Libc.IpProtoIpv6, Type = Libc.Ipv6PacketInfo };
            BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(data, 16), local);
            return (nuint)sizeof(Libc.ControlHeader) + 24;
        }

        *header = new Libc.ControlHeader { Length = (nuint)sizeof(Libc.ControlHeader) + 12, Level = Libc.IpProtoIp, Type = Libc.IpPacketInfo };
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(data + 4, 4), (uint)local);
        return (nuint)sizeof(Libc.ControlHeader) + 16;
    }

    private sealed class Handle(EpollDatagrams channel) : EpollHandle
    {
        internal override void OnEvents(uint events) => channel.OnEvents();

        internal override void Abandon() => channel.Dispose();
    }
}
