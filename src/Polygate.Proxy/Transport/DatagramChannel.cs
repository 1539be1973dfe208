using System.Net;
using System.Net.Sockets;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Transport;

/// <summary>
/// A UDP socket that belongs to one <see cref="EventLoop"/>: one that listens, or one connected to a single peer. What it receives goes to its
/// <see cref="IDatagramHandler"/>. Sending never waits: what the system has no room for is lost, as on the way. For the loop only.
/// </summary>
public abstract class DatagramChannel : IDisposable
{
    /// <summary>No datagram has more payload (RFC 768, with the headers of IPv4 taken off).</summary>
    public const int MaximumPayload = 65_535;

    public abstract EventLoop Loop { get; }

    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>Sends to the connected peer; false when the datagram was lost on the spot.</summary>
    public abstract bool TrySend(ReadOnlySpan<byte> payload);

    /// <summary>Answers on a listening socket, from the address the client wrote to; false when the datagram was lost on the spot.</summary>
    public abstract bool TrySend(ReadOnlySpan<byte> payload, in DatagramPath path);

    /// <summary>Closes the socket; the handler hears nothing more.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>Takes datagrams. Called on the channel's loop; must not block.</summary>
public interface IDatagramHandler
{
    /// <param name="channel">Where it came in.</param>
    /// <param name="path">Between whom, on a listening socket.</param>
    /// <param name="payload">Valid during the call only.</param>
    void OnDatagram(DatagramChannel channel, in DatagramPath path, ReadOnlySpan<byte> payload);

    /// <summary>The peer of a connected channel does not listen (ICMP).</summary>
    void OnUnreachable(DatagramChannel channel);

    /// <summary>A listening socket was closed.</summary>
    void OnClosed(DatagramChannel channel);
}

/// <summary>A client and the address it wrote to. IPv4 addresses are kept as their IPv6-mapped form (RFC 4291 section 2.5.5.2).</summary>
/// <param name="Remote">The client's address.</param>
/// <param name="Port">The client's port.</param>
/// <param name="Scope">The link of a link-local address; 0 otherwise.</param>
/// <param name="Local">The address written to; 0 when the socket has one only, or it is not known.</param>
public readonly record struct DatagramPath(UInt128 Remote, ushort Port, uint Scope, UInt128 Local)
{
    /// <summary>The client.</summary>
    public IPEndPoint ToEndPoint()
    {
        var address = AddressNumber.ToAddress(Remote, Scope);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Port);
    }

    internal static DatagramPath Of(IPEndPoint client, UInt128 local) => new(
        AddressNumber.Of(client.Address, out _),
        (ushort)client.Port,
        client.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)client.Address.ScopeId : 0,
        local);
}
