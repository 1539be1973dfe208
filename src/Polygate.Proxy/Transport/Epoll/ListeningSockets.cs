using System.Net;
using System.Net.Sockets;

namespace Polygate.Proxy.Transport;

/// <summary>Opens the listening sockets of one address.</summary>
internal static unsafe class ListeningSockets
{
    private const int Backlog = 4096;

    /// <summary>Opens as many sockets as asked for on one address, whose port is filled in.</summary>
    /// <exception cref="SocketException">The address is in use or not to be had.</exception>
    internal static int[] Open(ref IPEndPoint endpoint, int count) =>
        OpenShared(ref endpoint, count, Libc.SockStream, static descriptor => Check(Libc.Listen(descriptor, Backlog)));

    /// <summary>The same for datagrams.</summary>
    /// <exception cref="SocketException">The address is in use or not to be had.</exception>
    internal static int[] OpenDatagrams(ref IPEndPoint endpoint, int count) => OpenShared(ref endpoint, count, Libc.SockDatagram, static _ => { });

    private static int[] OpenShared(ref IPEndPoint endpoint, int count, int type, Action<int> start)
    {
        if (endpoint.Port != 0)
        {
            ThrowIfInUse(endpoint, type);
        }

        var opened = new List<int>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var descriptor = Bind(endpoint, type, shared: true);
                opened.Add(descriptor);
                endpoint = endpoint.Port == 0 ? new IPEndPoint(endpoint.Address, PortOf(descriptor)) : endpoint;
            }

            // Only when all are bound: a connection must not arrive at half a listener.
            foreach (var descriptor in opened)
            {
                start(descriptor);
            }

            return [.. opened];
        }
        catch
        {
            opened.ForEach(descriptor => _ = Libc.Close(descriptor));
            throw;
        }
    }

    /// <summary>
    /// Sharing the port (SO_REUSEPORT) would succeed beside another process of the same user that shares it, too, and
    /// silently take a part of its connections.
    /// </summary>
    private static void ThrowIfInUse(IPEndPoint endpoint, int type) => _ = Libc.Close(Bind(endpoint, type, shared: false));

    private static int Bind(IPEndPoint endpoint, int type, bool shared)
    {
        var isIpv6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        var descriptor = Check(Libc.Socket(
            isIpv6 ? Libc.AfInet6 : Libc.AfInet, type | Libc.SockNonBlock | Libc.SockCloseOnExec, 0));
        try
        {
            if (type == Libc.SockStream)
            {
                // Accepted sockets inherit the options. (For datagrams the first would mean sharing.)
                Check(Libc.SetSocketOption(descriptor, Libc.SolSocket, Libc.SoReuseAddr, 1));
                Check(Libc.SetSocketOption(descriptor, Libc.IpProtoTcp, Libc.TcpNoDelay, 1));
            }

            if (shared)
            {
                Check(Libc.SetSocketOption(descriptor, Libc.SolSocket, Libc.SoReusePort, 1));
            }

            if (isIpv6)
            {
                var only = endpoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1;
                Check(Libc.SetSocketOption(descriptor, Libc.IpProtoIpv6, Libc.Ipv6V6Only, only));
            }

            var address = SocketAddress.From(endpoint, out var length);
            Check(Libc.Bind(descriptor, &address, length));
            return descriptor;
        }
        catch
        {
            _ = Libc.Close(descriptor);
            throw;
        }
    }

    private static int PortOf(int descriptor)
    {
        SocketAddress address;
        var length = SocketAddress.Capacity;
        Check(Libc.GetSocketName(descriptor, &address, &length));
        return address.ToEndPoint().Port;
    }

    private static int Check(int result) => result >= 0 ? result : throw Libc.ToSocketException(Libc.Error);
}
